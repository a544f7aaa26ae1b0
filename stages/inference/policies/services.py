"""MTA-STS, TLSRPT and BIMI: what stands at one name below each domain.

A text that stands at _domainkey too is a wildcard's and says nothing of them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mail_policies import PolicyState
from schemas.policy_class import PolicyKind
from stages.inference.policies.readings import ANSWERED, FAULTS, UNASKED, Row, fault_rows, read
from stages.policy.bimi import parse as bimi
from stages.policy.fault import Fault
from stages.policy.transport import mta_sts, tls_rpt

COLUMNS = {"state": pa.string(), "values": pa.list_(pa.string()), "faults": FAULTS}


def _sts(texts: Sequence[bytes]) -> Row:
    found = mta_sts(texts)
    return _row(PolicyState.VALID if found.id else None, [found.id], found.faults)


def _rpt(texts: Sequence[bytes]) -> Row:
    found = tls_rpt(texts)
    uris = [each.uri for each in found.uris]
    return _row(PolicyState.VALID if uris else None, uris, found.faults)


def _bimi(texts: Sequence[bytes]) -> Row:
    found = bimi(texts)
    state = PolicyState.VALID if found.logo else None
    if found.found and state is None:
        state = PolicyState.DECLINED if found.declined else PolicyState.VOID
    return _row(state, [found.logo, found.evidence], found.faults)


def _row(state: PolicyState | None, values: list[str | None] | list[str], faults: object) -> Row:
    assert isinstance(faults, tuple)
    wrong = any(isinstance(each, Fault) and each.fatal for each in faults)
    return {
        "state": state or (PolicyState.VOID if wrong else PolicyState.ABSENT),
        "values": values,
        "faults": fault_rows(faults),
    }


class Service(NamedTuple):
    """A policy that stands at one name."""

    kind: PolicyKind
    prefix: str
    """What comes before the domain in that name."""
    column: str
    """Of the crawl's table: its TXT records; ``_query`` behind it for the question."""
    parse: Callable[[Sequence[bytes]], Row]


SERVICES = (
    Service(PolicyKind.MTA_STS, "_mta-sts.", "mta_sts", _sts),
    Service(PolicyKind.TLS_RPT, "_smtp._tls.", "tls_rpt", _rpt),
    Service(PolicyKind.BIMI, "default._bimi.", "bimi", _bimi),
)


def service(policies: ir.Table, each: Service) -> ir.Table:
    """domain, policy, name, state, values, faults: a row a domain that was asked, or left alone."""
    rows = policies.select(
        "domain",
        texts=(policies[each.column] == policies.domainkey).ifelse(
            ibis.literal([], policies[each.column].type()), policies[each.column]
        ),
        outcome=policies[f"{each.column}_query"]["outcome"].cast("string"),
    ).cache()
    known = read(rows, each.parse, COLUMNS).select("domain", *COLUMNS)
    found = rows.left_join(known, "domain").drop("domain_right")
    state = ibis.cases(
        (found.outcome.isin(UNASKED), str(PolicyState.NOT_ASKED)),
        (found.outcome.notin(ANSWERED), str(PolicyState.UNKNOWN)),
        else_=found.state.coalesce(str(PolicyState.ABSENT)),
    )
    return found.select(
        "domain",
        "values",
        "faults",
        policy=ibis.literal(str(each.kind)),
        name=ibis.literal(each.prefix) + found.domain,
        state=state,
    )
