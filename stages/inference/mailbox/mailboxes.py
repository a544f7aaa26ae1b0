"""Signals weighed: who keeps the mailboxes behind a gateway or forwarder, and how surely.

The probability of a keeper is its odds over those of all keepers that anything speaks for, and
of one that nothing does (rules.UNKNOWN). Below rules.ENOUGH nobody is named.
"""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stages.inference.mailbox.rules import ENOUGH, UNKNOWN, WEIGHTS
from stages.inference.mailbox.signals import SELF

_WEIGHTS = ibis.memtable(
    pa.table({"signal": list(map(str, WEIGHTS)), "weight": list(WEIGHTS.values())})
)


def evidence(signals: ir.Table) -> ir.Table:
    """The columns of ``mailbox_evidence``: a row a domain, keeper and kind of signal."""
    kinds = signals.group_by("domain", "keeper", "signal").agg(value=signals.value.min())
    return kinds.join(_WEIGHTS, "signal")


def mailboxes(evidence: ir.Table) -> ir.Table:
    """domain, mailbox_company, mailbox_self, mailbox_probability: those that are named."""
    keepers = evidence.group_by("domain", "keeper").agg(odds=evidence.weight.sum().exp())
    unknown = ibis.literal(UNKNOWN, "float64").exp()
    total = keepers.odds.sum().over(group_by="domain") + unknown
    rows = keepers.mutate(mailbox_probability=keepers.odds / total)
    rows = rows.filter(rows.mailbox_probability >= ENOUGH)
    own = rows.keeper == SELF
    return rows.select(
        "domain",
        "mailbox_probability",
        mailbox_company=own.ifelse(ibis.null(str), rows.keeper),
        mailbox_self=own,
    )
