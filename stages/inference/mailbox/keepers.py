"""Names, texts and selectors, and the keepers of mail that they lead to.

Only companies that keep mail or host it are keepers: a marketing company's DKIM key says that it
sends for the domain, not that it takes its mail. A keeper that the company map does not have is
called by its registered domain, one that is the domain itself ``SELF``.
"""

from collections.abc import Callable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.mailbox_evidence import Signal
from schemas.providers import Role
from stages.inference.providers.company import Company

SELF = "(self)"
KEEPERS = frozenset({Role.MAILBOX, Role.HOSTING})
ROW = ibis.schema(dict.fromkeys(("domain", "keeper", "signal", "value"), "string"))
"""What a signal is: a row of any table of signals."""
_KNOWN = pa.schema(dict.fromkeys(("value", "keeper", "signal"), pa.string()))

Look = Callable[[str], Company | None]


class Reading(NamedTuple):
    """How values of one kind are read: which signal they are by whom they lead to."""

    look: Look
    mailbox: Signal
    hosting: Signal
    """Where the company also rents out machines and names."""
    stranger: Signal | None = None
    """Where the map has no company for the name; None: it says nothing."""

    def of(self, value: str) -> tuple[str, Signal] | None:
        """The keeper that a value leads to, if any, and what signal that is."""
        company = self.look(value)
        if company is None:
            name = registered_domain(value) if self.stranger else None
            return (name, self.stranger) if name and self.stranger else None
        if company.role not in KEEPERS:
            return None
        return company.name, self.hosting if company.role is Role.HOSTING else self.mailbox


def reading(look: Look, signal: Signal) -> Reading:
    """One signal, whoever it leads to."""
    return Reading(look, signal, signal)


def named(rows: ir.Table, reading: Reading) -> ir.Table:
    """``ROW`` of the rows (domain, registered_domain, value) that lead to a keeper.

    Python sees each value once. A domain's own names lead to no stranger.
    """
    values = rows.select("value").distinct().drop_null().to_pyarrow()["value"].to_pylist()
    known = [
        {"value": value, "keeper": found[0], "signal": str(found[1])}
        for value in values
        if (found := reading.of(value))
    ]
    found = rows.join(ibis.memtable(pa.Table.from_pylist(known, schema=_KNOWN)), "value")
    return shaped(found.filter(found.keeper != found.registered_domain))


def of_self(rows: ir.Table, signal: Signal) -> ir.Table:
    """``ROW`` of rows (domain, value) that speak for the domain itself."""
    return shaped(rows.mutate(keeper=ibis.literal(SELF), signal=ibis.literal(str(signal))))


def shaped(rows: ir.Table) -> ir.Table:
    """The columns of ``ROW``."""
    return rows.select(*ROW).cast(ROW)


def below(name: ir.StringValue, registered: ir.StringValue) -> ir.BooleanValue:
    """Whether a name is a registered domain or lies below it."""
    return (name == registered) | name.endswith(ibis.literal(".") + registered)
