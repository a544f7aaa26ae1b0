"""Address ranges: networks of a domain's SPF record that lie within a keeper's own records.

Half-open intervals in one sorted array a family; a few thousand ranges, a few networks a domain.
"""

from collections.abc import Collection
from ipaddress import ip_network

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mailbox_evidence import Signal
from schemas.providers import Role
from stages.inference.mailbox.keepers import shaped
from stages.inference.providers.companies import CompanyMap

_KNOWN = pa.schema([("value", pa.string()), ("keeper", pa.string())])
_OWNERS = pa.schema([("name", pa.string()), ("keeper", pa.string())])
_WIDEST = {4: 12, 6: 28}
"""Shorter prefixes are no keeper's own: who publishes them means more than its mail hosts."""


def keeper_ranges(spf: ir.Table, companies: CompanyMap, roles: Collection[Role]) -> dict[str, str]:
    """Networks that records of keepers pass, and whose they are; those of two keepers are left out.

    A keeper's records are those at names that the company map gives it for SPF.
    """
    names = spf.select("name").distinct().to_pyarrow()["name"].to_pylist()
    found = [(name, companies.of_spf(name)) for name in names]
    known = [
        {"name": name, "keeper": company.name}
        for name, company in found
        if company and company.role in roles
    ]
    owners = ibis.memtable(pa.Table.from_pylist(known, schema=_OWNERS))
    records = spf.select("name", "terms").join(owners, "name")
    terms = records.select("keeper", term=records.terms.unnest())
    networks = terms.select(
        "keeper", network=terms.term["network"], qualifier=terms.term["qualifier"]
    )
    networks = networks.filter(networks.network.notnull() & (networks.qualifier == "+"))
    single = networks.group_by("network").agg(
        keeper=networks.keeper.min(), keepers=networks.keeper.nunique()
    )
    rows = single.filter(single.keepers == 1).select("network", "keeper").to_pyarrow()
    return dict(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def within(terms: ir.Table, ranges: dict[str, str]) -> ir.Table:
    """Networks that the terms pass within a keeper's ranges."""
    passed = terms.filter(terms.network.notnull() & (terms.qualifier == "+"))
    passed = passed.select("domain", value="network")
    networks = passed.select("value").distinct().to_pyarrow()["value"].to_pylist()
    found = [(network, _keeper(network, ranges)) for network in networks]
    known = [{"value": network, "keeper": keeper} for network, keeper in found if keeper]
    table = ibis.memtable(pa.Table.from_pylist(known, schema=_KNOWN))
    return shaped(passed.join(table, "value").mutate(signal=ibis.literal(str(Signal.SPF_RANGE))))


def _keeper(network: str, ranges: dict[str, str]) -> str | None:
    """The keeper of the narrowest range that holds a network."""
    block = ip_network(network)
    for length in range(block.prefixlen, _WIDEST[block.version] - 1, -1):
        keeper = ranges.get(str(block.supernet(new_prefix=length)))
        if keeper:
            return keeper
    return None
