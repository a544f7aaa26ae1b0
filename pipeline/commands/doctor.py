"""`doctor`: whether everything is in place."""

from pathlib import Path

import click

from pipeline.cli import Exit
from pipeline.commands import OUT
from pipeline.doctor import doctor, failed, show
from pipeline.settings import load


@click.command("doctor")
@click.argument("warehouse", required=False)
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of settings.")
@click.option("--probe", metavar="HOST", help="Mail host to try port 25 with.")
@click.option(
    "--policy", metavar="DOMAIN", help="Domain whose MTA-STS policy to try port 443 with."
)
def command(
    warehouse: str | None, config: Path | None, probe: str | None, policy: str | None
) -> int:
    """Check resolvers, the way out, our identity, tables and machine, and say what to do."""
    checks = doctor(load(config, {}), warehouse, probe, policy)
    show(checks, OUT)
    return Exit.WRONG_USE if failed(checks) else Exit.COMPLETE
