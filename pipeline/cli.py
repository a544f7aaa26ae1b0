"""The command: words in, one clear line and an exit status out."""

import enum
import sys
import traceback

import click

from pipeline.commands.words import commands
from pipeline.errors import ConfigError

_COMMANDS = (
    "crawl",
    "status",
    "infer",
    "explain",
    "diff",
    "report",
    "explore",
    "hilbert",
    "spf",
    "snowshoe",
    "schema",
    "doctor",
    "export",
    "import-openintel",
    "import-scan",
    "export-scan",
)


class Exit(enum.IntEnum):
    """What the exit status says."""

    COMPLETE = 0
    BUGS = 1
    """Complete, with bugs of our own recorded."""
    WRONG_USE = 2
    STOPPED = 3
    """The same command resumes."""
    FAILED = 4
    """Complete, but nearly everything that was asked failed: no measurement. Not 0, on which a
    night's work goes on; not 3, for the rows are there, and to repeat the command asks nothing."""
    CRASHED = 5
    """A bug of our own ended it, which Python would call 1: not complete."""


@click.group(
    cls=commands("pipeline.commands", _COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="mailcensus")
def cli() -> None:
    """Take a census of the Internet's mail: who runs it, and who is trusted to send it."""


def main() -> None:
    """Run the command and exit with its status."""
    try:
        status = cli.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else Exit.COMPLETE)
    except click.exceptions.Abort:
        _end("interrupted; what was committed stays, the same command goes on", Exit.STOPPED)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.WRONG_USE)
    except ConfigError as error:
        _end(str(error), Exit.WRONG_USE)
    except OSError as error:
        _end(f"{error}; what was committed stays: mend it and repeat the command", Exit.STOPPED)
    except Exception as error:  # noqa: BLE001 - whatever is left is a bug of ours
        from pipeline import damage  # noqa: PLC0415 - Arrow: 0.2 s, which no other command needs

        if damaged := damage.named(error):
            _end(str(damaged), Exit.WRONG_USE)
        traceback.print_exc()
        _end("a bug of ours; what was committed stays: tell us, repeat the command", Exit.CRASHED)


def _end(message: str, status: Exit) -> None:
    click.echo(f"mailcensus: {message}", err=True)
    sys.exit(status)
