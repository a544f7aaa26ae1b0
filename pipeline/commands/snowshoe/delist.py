"""`snowshoe delist`: take a domain off the blacklist, for good."""

import click

from pipeline.blacklist.audit import DELIST, RELIST, Audit
from pipeline.blacklist.policy import name_of
from pipeline.commands import OUT
from pipeline.errors import ConfigError
from pipeline.lock import held
from pipeline.warehouse import Warehouse


@click.command("delist")
@click.argument("warehouse")
@click.argument("domain")
@click.option("--why", required=True, help="Kept in the log.")
@click.option("--undo", is_flag=True, help="The domain may be listed again.")
def command(warehouse: str, domain: str, why: str, *, undo: bool) -> None:
    """Never list DOMAIN, nor what is below it; the next export follows."""
    place, name = Warehouse.at(warehouse), name_of(domain)
    if not why.strip():
        raise ConfigError("--why must say something")
    audit = Audit(place)
    with held(place, str(audit.folder), "the blacklist"):
        if undo and name not in audit.delisted():
            raise ConfigError(f"{name} is not delisted")
        audit.append(RELIST if undo else DELIST, domain=name, why=why.strip())
    done = "may be listed again" if undo else "is delisted"
    OUT.print(f"{name} {done}; repeat the last export to publish that", highlight=False)
