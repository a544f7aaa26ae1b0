"""All that is wrong or unwise about a domain's policies, one list, errors first."""

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.policy_class import PolicyClass

MOST = 100
"""Findings kept of one domain."""
_ERRORS = [str(each) for each in PolicyClass if each.severity == "error"]
_ORDER = ibis.memtable(
    pa.table(
        {
            "finding": [str(each) for each in PolicyClass],
            "place": [
                (str(each) not in _ERRORS) * len(PolicyClass) + number
                for number, each in enumerate(PolicyClass)
            ],
        }
    )
)
COLUMNS = ("domain", "policy", "finding", "name", "term")


def of_faults(rows: ir.Table) -> ir.Table:
    """``COLUMNS`` from rows of domain, policy, name and faults."""
    some = rows.filter(rows.faults.length() > 0)
    some = some.select("domain", "policy", "name", fault=some.faults.unnest())
    return some.select(
        "domain",
        "policy",
        finding=some.fault["finding"],
        name="name",
        term=some.fault["term"].fill_null(""),
    )


def listed(parts: Iterable[ir.Table]) -> ir.Table:
    """domain, findings."""
    strings = dict.fromkeys(COLUMNS, "string")
    rows = ibis.union(*(part.select(*COLUMNS).cast(strings) for part in parts), distinct=True)
    rows = rows.join(_ORDER, "finding")
    one = ibis.struct({name: rows[name] for name in COLUMNS[1:]})
    found = rows.group_by("domain").agg(
        findings=one.collect(order_by=[rows.place, rows.policy, rows.name, rows.term])
    )
    return found.mutate(findings=found.findings[:MOST])
