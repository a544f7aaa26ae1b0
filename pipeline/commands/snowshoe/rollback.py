"""`snowshoe rollback`: the edition before comes into force again."""

import datetime as dt
from pathlib import Path

import click

from pipeline.blacklist.audit import Audit
from pipeline.blacklist.release import Editions, roll_back
from pipeline.commands import OUT
from pipeline.commands.snowshoe.export import say
from pipeline.lock import held
from pipeline.warehouse import Warehouse
from stages.blacklist.suspects import Protection


@click.command("rollback")
@click.argument("warehouse")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of editions.")
def command(warehouse: str, out: Path) -> None:
    """Put the edition before the one in force back; repeat it to go back further."""
    place = Warehouse.at(warehouse)
    audit = Audit(place)
    with held(place, str(audit.folder), "the blacklist"):
        editions = Editions(out)
        was, now = roll_back(editions)
        audit.append("rollback", zone=now.zone, out=str(out.absolute()), was=was.name, now=now.name)
    say(now, out)
    protection = Protection(audit.delisted())
    for row in editions.entries(now.name):
        if row.published and protection.of(row.domain):
            text = f"{row.domain} was delisted and is listed again. Export anew."
            OUT.print(text, highlight=False, soft_wrap=True)
    if now.stale_at <= dt.datetime.now(dt.UTC):
        OUT.print("It is stale: servers that look at its time answer nothing. Export anew.")
