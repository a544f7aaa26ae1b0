"""Commands found by their word, a module each."""

from importlib import import_module

import click


def commands(package: str, words: tuple[str, ...]) -> type[click.Group]:
    """A group whose words are modules of a package, each with its ``command``.

    A module is loaded when its word is used: Ibis alone takes two seconds.
    """

    class Words(click.Group):
        def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
            return list(words)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
            if cmd_name not in words:
                return None
            command: click.Command = import_module(
                f"{package}.{cmd_name.replace('-', '_')}"
            ).command
            return command

    return Words
