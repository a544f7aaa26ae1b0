"""Signals weighed: who keeps the mailboxes behind a gateway or forwarder, and how surely.

The probability of a keeper is its odds over those of all keepers that anything speaks for, and
of one that nothing does (rules.UNKNOWN). Below rules.ENOUGH nobody is named.
"""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.providers import Mailbox, Role
from stages.inference.mailbox.keepers import SELF
from stages.inference.mailbox.rules import ENOUGH, UNKNOWN, WEIGHTS
from stages.inference.providers.companies import CompanyMap

PASSING_ON = (Role.GATEWAY, Role.FORWARDING)
"""Roles of operators that do not keep the mail."""

_WEIGHTS = ibis.memtable(
    pa.table({"signal": list(map(str, WEIGHTS)), "weight": list(WEIGHTS.values())})
)


def evidence(signals: ir.Table) -> ir.Table:
    """The columns of ``mailbox_evidence``: a row a domain, keeper and kind of signal."""
    kinds = signals.group_by("domain", "keeper", "signal").agg(value=signals.value.min())
    return kinds.join(_WEIGHTS, "signal")


def mailboxes(evidence: ir.Table) -> ir.Table:
    """domain, keeper, probability: those that are named."""
    keepers = evidence.group_by("domain", "keeper").agg(odds=evidence.weight.sum().exp())
    unknown = ibis.literal(UNKNOWN, "float64").exp()
    total = keepers.odds.sum().over(group_by="domain") + unknown
    rows = keepers.mutate(probability=keepers.odds / total)
    return rows.filter(rows.probability >= ENOUGH).select("domain", "keeper", "probability")


def behind(labelled: ir.Table) -> ir.Table:
    """domain, registered_domain: those whose operator passes their mail on."""
    gated = labelled.role.isin(list(map(str, PASSING_ON)))
    return labelled.filter(gated).select("domain", "registered_domain")


def with_mailboxes(labelled: ir.Table, mailboxes: ir.Table, companies: CompanyMap) -> ir.Table:
    """``labelled`` with gateway_company and the mailbox columns of ``providers``."""
    named = mailboxes.rename(mailbox_probability="probability")
    rows = labelled.left_join(named, "domain").drop("domain_right")
    gated = rows.role.isin(list(map(str, PASSING_ON))).fill_null(False)  # noqa: FBT003
    own = rows.keeper == SELF
    nobody = ibis.null(str)
    company = rows.keeper.isin(sorted({company.name for company in companies.companies}))
    return rows.mutate(
        gateway_company=gated.ifelse(rows.operator_company, nobody),
        mailbox=ibis.cases(
            (rows.operator_id.isnull(), nobody),
            (~gated, str(Mailbox.OPERATOR)),
            (own, str(Mailbox.OWN)),
            (rows.keeper.notnull(), str(Mailbox.BEHIND)),
            else_=str(Mailbox.UNKNOWN),
        ),
        mailbox_company=ibis.cases(
            (~gated, rows.operator_company), (company, rows.keeper), else_=nobody
        ),
        mailbox_id=ibis.cases(
            (~gated, rows.operator_id),
            (own, rows.registered_domain),
            (company, nobody),
            else_=rows.keeper,
        ),
    )
