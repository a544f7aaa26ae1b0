"""`snowshoe export`: publish the blacklist."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.blacklist.export import Order, export
from pipeline.blacklist.policy import load_policy, name_of, read_allowlist
from pipeline.blacklist.release import Card
from pipeline.commands import OUT
from pipeline.warehouse import Warehouse


@click.command("export")
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of editions.")
@click.option("--zone", required=True, metavar="NAME", help="Zone of the list, such as bl.example.")
@click.option("--policy", type=click.Path(path_type=Path), help="TOML file; docs/blacklist.md.")
@click.option(
    "--allow",
    type=click.Path(path_type=Path),
    multiple=True,
    help="File of domains that are never listed, a name a line; may be repeated.",
)
@click.option("--shadow", is_flag=True, help="On trial: written aside, with a code of no effect.")
@click.option("--despite-partial-run", is_flag=True, help="Publish though the run is partial.")
@click.option("--despite-jump", is_flag=True, help="Publish though the list changes that much.")
def command(  # noqa: PLR0913, PLR0917 - one a word of the command
    warehouse: str,
    run_id: str,
    out: Path,
    zone: str,
    policy: Path | None,
    allow: tuple[Path, ...],
    *,
    shadow: bool,
    despite_partial_run: bool,
    despite_jump: bool,
) -> None:
    """Publish the suspects of RUN as an edition of a blacklist, or refuse and change nothing."""
    allowed = frozenset[str]().union(*map(read_allowlist, allow))
    order = Order(name_of(zone), out, allowed, shadow, despite_partial_run, despite_jump)
    run = Warehouse.at(warehouse).existing(run_id)
    say(export(run, order, load_policy(policy), dt.datetime.now(dt.UTC)), out, shadow=shadow)


def say(card: Card, out: Path, *, shadow: bool = False) -> None:
    """What is in force now."""
    tiers = ", ".join(f"{count:,} {tier}" for tier, count in sorted(card.tiers.items()))
    state = "on trial" if shadow else "in force"
    OUT.print(f"{card.name} is {state} in {out}", highlight=False, soft_wrap=True)
    OUT.print(f"{card.zone}: {card.listed:,} domains listed ({tiers or 'none'})", highlight=False)
    for reason, count in sorted(card.withheld.items()):
        OUT.print(f"withheld {count:,}: {reason}", highlight=False)
    OUT.print(f"servers answer with it until {card.stale}", highlight=False)
    for text in _beware(card):
        OUT.print(f"beware: {text}", style="yellow", highlight=False, markup=False, soft_wrap=True)


def _beware(card: Card) -> Iterator[str]:
    """What an operator must know before this is served."""
    if card.made_up:
        yield f"the model is one of made-up data ({card.made_up}): filter no mail by it"
    if card.unguarded:
        yield "no seed list ranks a popular domain, and there is no --allow: give it a top list"
