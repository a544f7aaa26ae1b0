"""esps: which security providers a domain's exchanges and its SPF tell of.

Exchanges are all that a domain has, not only the most preferred, for those who filter some of the
mail are asked for, too. Ibis on the crawl's tables; Python over distinct names alone.
"""

from collections.abc import Callable, Iterable, Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.providers import Role
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.company import Company

_NAMED = pa.schema([("key", pa.string()), ("company", pa.string())])
_NUMBERED = pa.schema([("asn", pa.int64()), ("company", pa.string())])
_SIGNALS = ("mx", "asn", "ptr", "spf")


def esps(census: Mapping[str, ir.Table], senders: pa.Table, companies: CompanyMap) -> ir.Table:
    """The columns of the table; ``senders`` has name and company: whom SPF of a name trusts."""
    domains, hosts = census["domains"], census["hosts"]
    listed = domains.select("domain", host=domains.mail_hosts.unnest())
    named = _known(hosts.registered_domain, companies.of)
    by_name = hosts.join(named, hosts.registered_domain == named.key).select("host", "company")
    resolved = hosts.select("host", address=hosts.a.concat(hosts.aaaa).unnest())
    resolved = resolved.semi_join(listed, "host")
    found = resolved.join(census["addresses"], "address").select("host", "asn", "ptr").cache()
    by_asn = found.join(_systems(companies), "asn").select("host", "company")
    called = found.select("host", ptr=found.ptr.unnest())
    pointed = _known(called.ptr, lambda name: companies.of(registered_domain(name) or name))
    by_ptr = called.join(pointed, called.ptr == pointed.key).select("host", "company")
    of_hosts = [
        listed.join(rows.distinct(), "host").select("domain", "company", signal=_word(signal))
        for signal, rows in (("mx", by_name), ("asn", by_asn), ("ptr", by_ptr))
    ]
    sent = ibis.memtable(senders)
    sent = sent.join(domains.select(name="domain"), "name")
    rows = ibis.union(*of_hosts, sent.select(domain="name", company="company", signal=_word("spf")))
    flags = {f"by_{each}": (rows.signal == each).any() for each in _SIGNALS}
    return rows.group_by("domain", "company").agg(**flags)


def gateway(company: Company | None) -> str | None:
    """The name of a company that filters mail; None for all others."""
    return company.name if company and company.role is Role.GATEWAY else None


def _word(text: str) -> ir.StringValue:
    return ibis.literal(text).cast("string")


def _known(names: ir.StringColumn, look: Callable[[str], Company | None]) -> ir.Table:
    """key, company: those of the names that are a gateway's."""
    distinct = names.name("key").as_table().distinct().drop_null().to_pyarrow()
    pairs = ((key, gateway(look(key))) for key in distinct["key"].to_pylist())
    return _table(pairs, _NAMED)


def _systems(companies: CompanyMap) -> ir.Table:
    """asn, company: their own AS; the map gives none to two companies."""
    pairs = ((asn, gateway(each)) for each in companies.companies for asn in each.asns)
    return _table(pairs, _NUMBERED)


def _table(pairs: Iterable[tuple[object, str | None]], schema: pa.Schema) -> ir.Table:
    found = [dict(zip(schema.names, pair, strict=True)) for pair in pairs if pair[1]]
    return ibis.memtable(pa.Table.from_pylist(found, schema=schema))
