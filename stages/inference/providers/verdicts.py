"""The provider id of each exchange and how far to believe it (IMC'21, in closed form).

Sources in order: TLS, where all trusted certificates of the exchange are of one group; banner,
where all greetings and EHLO replies name hosts of one registered domain; MX, the registered
domain of the exchange's name. Confidence is the popularity of the evidence:

    TLS     max(1, domains per address, domains per registered domain of the group)
    banner  max(1, domains per address, domains per exchange)
    MX      1
"""

from collections.abc import Collection

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mx_providers import Source
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.popularity import Popularity

_COMPANY_SCHEMA = pa.schema(
    [("provider_id", pa.string()), ("company", pa.string()), ("role", pa.string())]
)


def verdicts(
    hosts: ir.Table,
    tls: ir.Table,
    banner: ir.Table,
    counts: Popularity,
    sources: Collection[Source],
) -> ir.Table:
    """A row a chosen host: its ids, and what the rules must know of them.

    The columns are host_id, tls_id, banner_id, mx_id, provider_id, source, confidence, and
    rented_certificate, rented_banner: whether what the id rests on looks like that.
    ``tls`` and ``banner`` are ids as of ``evidence.Said``; ``hosts`` as in ``Exchanges``.
    """
    named = hosts.select("host_id", mx_id="registered_domain")
    if Source.MX not in sources:
        named = named.mutate(mx_id=ibis.null(str))
    rows = counts.by_host.rename(by_host="domains")
    for table in (
        named,
        tls.rename(tls_id="id", rented_certificate="rented"),
        banner.rename(banner_id="id", rented_banner="rented"),
        counts.by_address.rename(by_address="domains"),
    ):
        rows = rows.left_join(table, "host_id").drop("host_id_right")
    by_domain = counts.by_domain.rename(tls_id="registered_domain", by_domain="domains")
    rows = rows.left_join(by_domain, "tls_id").drop("tls_id_right")
    return rows.select(
        "host_id",
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
    table = _companies(rows.provider_id, companies)
    return rows.left_join(table, "provider_id").drop("provider_id_right")


def with_operators_companies(rows: ir.Table, companies: CompanyMap) -> ir.Table:
    """The same of their operator_id: operator_company and operator_role."""
    table = _companies(rows.operator_id, companies).rename(
        operator_id="provider_id", operator_company="company", operator_role="role"
    )
    return rows.left_join(table, "operator_id").drop("operator_id_right")


def _companies(ids: ir.StringColumn, companies: CompanyMap) -> ir.Table:
    """provider_id, company, role of those that the map has."""
    distinct = ids.name("id").as_table().distinct().drop_null().to_pyarrow()
    found = [(key, companies.of(key)) for key in distinct["id"].to_pylist()]
    table = pa.Table.from_pylist(
        [
            {"provider_id": key, "company": company.name, "role": str(company.role)}
            for key, company in found
            if company
        ],
        schema=_COMPANY_SCHEMA,
    )
    return ibis.memtable(table)
