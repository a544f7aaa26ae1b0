"""What the ASes of an exchange's addresses say of its provider (IMC'21's AS heuristic).

Certificates and greetings are what a server says of itself; where its addresses are is not its
to choose. An address whose AS is not known says nothing, for or against.
"""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stages.inference.providers.companies import CompanyMap


class MailNetwork(NamedTuple):
    """ASes whose mail servers all are one provider's."""

    provider_id: str
    asns: frozenset[int]


MAIL_NETWORKS = (
    MailNetwork("iphmx.com", frozenset({16417, 30215, 30238})),
    MailNetwork("pphosted.com", frozenset({13916, 22843, 26211, 52129})),
)
"""IMC'21's: the networks of two filters, whose customers often give the servers their own names."""

_ASN_SCHEMA = pa.schema([("company", pa.string()), ("asn", pa.int64())])
_NETWORK_SCHEMA = pa.schema([("network_id", pa.string()), ("asn", pa.int64())])


def with_networks(
    rows: ir.Table, live: ir.Table, placed: ir.Table, companies: CompanyMap
) -> ir.Table:
    """``rows``, which have host_id and company, with foreign_as and network_id.

    ``placed`` has address_id and asn.

    foreign_as: an address lies outside every AS known of the company, which has some;
    network_id: the provider in whose mail networks all addresses lie, null if there is none.
    """
    located = live.left_join(placed, "address_id").drop("address_id_right").cache()
    foreign = _foreign(located.join(rows.select("host_id", "company"), "host_id"), companies)
    joined = rows.left_join(foreign, "host_id").drop("host_id_right")
    joined = joined.left_join(_network_ids(located), "host_id").drop("host_id_right")
    return joined.mutate(foreign_as=joined.foreign_as.fill_null(False))  # noqa: FBT003


def _foreign(placed: ir.Table, companies: CompanyMap) -> ir.Table:
    """host_id, foreign_as (true): those with an address outside the ASes of their company."""
    known = _table(list(companies.asns()), _ASN_SCHEMA)
    placed = placed.drop_null("asn").semi_join(known, "company")
    outside = placed.anti_join(known, ["company", "asn"])
    return outside.select("host_id").distinct().mutate(foreign_as=True)


def _network_ids(located: ir.Table) -> ir.Table:
    """host_id, network_id: those with all their addresses in the networks of one provider."""
    pairs = [(network.provider_id, asn) for network in MAIL_NETWORKS for asn in network.asns]
    placed = located.left_join(_table(pairs, _NETWORK_SCHEMA), "asn")
    hosts = placed.group_by("host_id").agg(
        network_id=placed.network_id.min(),
        last=placed.network_id.max(),
        everywhere=placed.network_id.notnull().all(),
    )
    hosts = hosts.filter(hosts.everywhere & (hosts.network_id == hosts["last"]))
    return hosts.select("host_id", "network_id")


def _table(rows: list[tuple[str, int]], schema: pa.Schema) -> ir.Table:
    return ibis.memtable(pa.Table.from_struct_array(pa.array(rows, pa.struct(list(schema)))))
