"""The provider id of each exchange and how far to believe it (IMC'21, in closed form).

Sources in order: TLS, where all trusted certificates of the exchange are of one group; banner,
where all greetings and EHLO replies name hosts of one registered domain; MX, the registered
domain of the exchange's name. Confidence is the popularity of the evidence:

    TLS     max(1, domains per address, domains per registered domain of the group)
    banner  max(1, domains per address, domains per exchange)
    MX      1
"""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mx_providers import Source
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.popularity import Popularity

_COMPANY_SCHEMA = pa.schema(
    [("provider_id", pa.string()), ("company", pa.string()), ("role", pa.string())]
)
_ASN_SCHEMA = pa.schema([("company", pa.string()), ("known_asn", pa.int64())])


def verdicts(hosts: ir.Table, tls: ir.Table, banner: ir.Table, counts: Popularity) -> ir.Table:
    """A row a chosen host: the three ids, provider_id, source, confidence, rented_*.

    ``tls`` and ``banner`` as ``evidence`` gives them; ``hosts`` is the crawl's table.
    """
    rows = counts.by_host.rename(by_host="domains")
    for table in (
        hosts.select("host", mx_id="registered_domain"),
        tls.rename(rented_certificate="rented"),
        banner.rename(rented_banner="rented"),
        counts.by_address.rename(by_address="domains"),
    ):
        rows = rows.left_join(table, "host").drop("host_right")
    by_domain = counts.by_domain.rename(tls_id="registered_domain", by_domain="domains")
    rows = rows.left_join(by_domain, "tls_id").drop("tls_id_right")
    return rows.select(
        "host",
        "tls_id",
        "banner_id",
        "mx_id",
        provider_id=ibis.coalesce(rows.tls_id, rows.banner_id, rows.mx_id),
        source=ibis.cases(
            (rows.tls_id.notnull(), str(Source.TLS)),
            (rows.banner_id.notnull(), str(Source.BANNER)),
            (rows.mx_id.notnull(), str(Source.MX)),
        ),
        confidence=ibis.cases(
            (rows.tls_id.notnull(), _most(rows.by_address, rows.by_domain)),
            (rows.banner_id.notnull(), _most(rows.by_address, rows.by_host)),
            (rows.mx_id.notnull(), ibis.literal(1, "int64")),
            else_=ibis.literal(0, "int64"),
        ),
        rented_certificate=rows.rented_certificate.fill_null(False),  # noqa: FBT003
        rented_banner=rows.rented_banner.fill_null(False),  # noqa: FBT003
    )


def _most(*counts: ir.IntegerColumn) -> ir.IntegerColumn:
    return ibis.greatest(1, *(count.fill_null(0) for count in counts))


def with_companies(rows: ir.Table, companies: CompanyMap) -> ir.Table:
    """``rows`` with the company and role of their provider_id, null where the map has none."""
    ids = rows.select("provider_id").distinct().drop_null().to_pyarrow()
    found = [(key, companies.of(key)) for key in ids["provider_id"].to_pylist()]
    table = pa.Table.from_pylist(
        [
            {"provider_id": key, "company": company.name, "role": str(company.role)}
            for key, company in found
            if company
        ],
        schema=_COMPANY_SCHEMA,
    )
    return rows.left_join(ibis.memtable(table), "provider_id").drop("provider_id_right")


def with_foreign_as(
    rows: ir.Table, live: ir.Table, addresses: ir.Table, companies: CompanyMap
) -> ir.Table:
    """``rows`` with foreign_as: an address lies outside every AS known of the company.

    An address of unknown AS, or a company of unknown ASes, gives no reason for doubt.
    """
    known = ibis.memtable(
        pa.Table.from_pylist(
            [{"company": company, "known_asn": asn} for company, asn in companies.asns()],
            schema=_ASN_SCHEMA,
        )
    )
    located = live.join(addresses.select("address", "asn").drop_null("asn"), "address")
    placed = located.join(rows.select("host", "company"), "host").semi_join(known, "company")
    foreign = placed.anti_join(known, ["company", ("asn", "known_asn")])
    foreign = foreign.select("host").distinct().mutate(foreign_as=True)
    joined = rows.left_join(foreign, "host").drop("host_right")
    return joined.mutate(foreign_as=joined.foreign_as.fill_null(False))  # noqa: FBT003
