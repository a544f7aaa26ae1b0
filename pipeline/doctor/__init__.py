"""Whether this machine is fit for a crawl, and what to do where it is not."""

import asyncio
import datetime as dt
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from pipeline.doctor.check import Check, State
from pipeline.doctor.machine import disk, open_files, versions
from pipeline.doctor.network import identity, resolvers, way_out
from pipeline.doctor.plan import plan
from pipeline.doctor.policy_hosts import way_to_policies
from pipeline.doctor.tables import tables
from pipeline.errors import ConfigError
from pipeline.instruments import nameservers
from pipeline.settings import Settings
from pipeline.terminal import clean

__all__ = ["Check", "State", "doctor", "failed", "show"]

_STYLES = {
    State.OK: "green",
    State.WARN: "yellow",
    State.FAIL: "bold red",
    State.UNCHECKED: "bright_black",
}


def doctor(
    settings: Settings,
    warehouse: str | None,
    probe: str | None = None,
    policy: str | None = None,
) -> list[Check]:
    """Check everything.

    ``probe`` names a mail server that may be contacted, ``policy`` a domain whose MTA-STS policy
    may be fetched. Nothing but the resolvers is contacted without them.
    """
    try:
        servers = nameservers(settings)
    except ConfigError as error:
        servers = []
        network = [Check("resolvers", State.FAIL, str(error), "name one with --nameserver")]
    else:
        network = asyncio.run(_network(settings, servers, probe, policy))
    today = dt.datetime.now(dt.UTC).date()
    return [
        versions(),
        plan(settings),
        open_files(settings, len(servers)),
        disk(warehouse),
        *tables(settings, today),
        *network,
    ]


async def _network(
    settings: Settings, servers: list[tuple[str, int]], probe: str | None, policy: str | None
) -> list[Check]:
    return [
        *await resolvers(settings, servers),
        *[check async for check in identity(settings, servers)],
        await way_out(settings, servers, probe),
        *await way_to_policies(settings, servers, policy),
    ]


def failed(checks: Sequence[Check]) -> bool:
    """Whether a crawl would not run, or run wrong."""
    return any(check.state is State.FAIL for check in checks)


def show(checks: Sequence[Check], console: Console) -> None:
    """A line a check, and below it what to do."""
    grid = Grid(box=None, pad_edge=False, show_header=False)
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for check in checks:
        state = Text(check.state, style=_STYLES[check.state])
        grid.add_row(state, Text(clean(check.name)), Text(clean(check.found)))
        if check.advice:
            grid.add_row("", "", Text(f"-> {clean(check.advice)}"))
    console.print(grid, highlight=False)
