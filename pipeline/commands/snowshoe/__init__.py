"""`snowshoe`: domains that look like snowshoe spam, from features to a blacklist."""

import click

from pipeline.commands.words import commands

_COMMANDS: tuple[str, ...] = (
    "labels",
    "train",
    "score",
    "evaluate",
    "export",
    "delist",
    "rollback",
)
"""A word here and a module of that name beside this file, with its ``command``, is a subcommand."""


@click.group(cls=commands(__name__, _COMMANDS))
def command() -> None:
    """Find domains that look like snowshoe spam."""
