"""Small censuses, written down as the records that a crawl would have left."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas import CRAWLED, MX_PROVIDERS, PROVIDERS
from schemas.addresses import Address
from schemas.certificates import Certificate
from schemas.domains import Domain
from schemas.hosts import Host
from schemas.mx import Exchange
from schemas.mx_providers import Evidence, MxProvider
from schemas.outcomes import (
    ExchangeKind,
    HostStatus,
    Mail,
    Outcome,
    ProbeOutcome,
    ProbeStep,
    StartTls,
    Verdict,
)
from schemas.policies import Policy
from schemas.providers import Provider, Share
from schemas.query import Query
from schemas.smtp import Smtp, Timings
from schemas.spf import Spf
from stages.inference.providers.companies import CompanyMap, bundled_companies
from stages.inference.providers.inference import infer
from stages.inference.providers.method import Method

PORT = 25
OWN = "census.example.org"
NOW = 1_790_000_000_000_000
ASKED = Query(Outcome.OK, 0, 300, 1.0, "192.0.2.53:53", 1, tcp=False)


def domain(name: str, *exchanges: tuple[int, str], mail: Mail | None = None) -> Domain:
    """A seed with its MX records as (preference, exchange); without any it has no MX."""
    mx = tuple(sorted(Exchange(preference, text, _kind(text)) for preference, text in exchanges))
    mail = mail or (Mail.MX if mx else Mail.NO_MX)
    hosts = tuple(exchange.exchange for exchange in mx if exchange.kind == ExchangeKind.HOST)
    registered = registered_domain(name)
    return Domain(
        name, registered, NOW, (), mail, mx, hosts or (name,), ASKED, (), ASKED, (), ASKED
    )


def _kind(exchange: str) -> ExchangeKind:
    known = {".": ExchangeKind.NULL, "localhost": ExchangeKind.LOCALHOST}
    if exchange.replace(".", "").isdigit():
        return ExchangeKind.IP_LITERAL
    return known.get(exchange, ExchangeKind.HOST)


def host(name: str, *addresses: str, status: HostStatus = HostStatus.RESOLVED) -> Host:
    """A host and its addresses of both families."""
    a = tuple(sorted(address for address in addresses if ":" not in address))
    aaaa = tuple(sorted(address for address in addresses if ":" in address))
    return Host(name, registered_domain(name), NOW, status, a, aaaa, (), ASKED, ASKED)


def server(
    address: str,
    banner: str | None = None,
    ehlo: str | None = None,
    leaf: str | None = None,
    outcome: ProbeOutcome = ProbeOutcome.OK,
) -> Smtp:
    """A probed address: greeting, EHLO reply, fingerprint of the certificate it showed."""
    return Smtp(
        address=address,
        port=PORT,
        probed=NOW,
        attempts=1,
        outcome=outcome,
        step=ProbeStep.QUIT,
        detail=None,
        banner=banner,
        banner_raw=None,
        ehlo=ehlo,
        ehlo_raw=None,
        extensions=(),
        ehlo_tls_raw=None,
        software=None,
        software_version=None,
        starttls=StartTls.OK if leaf else StartTls.NOT_OFFERED,
        tls_error=None,
        tls_version=None,
        cipher=None,
        server_name=None,
        chain=(leaf, "issuer") if leaf else (),
        timings=Timings(None, None, None, None, None, None),
    )


def certificate(sha256: str, *names: str, verdict: Verdict = Verdict.TRUSTED) -> Certificate:
    """A certificate with its names."""
    registered = {registered_domain(name.removeprefix("*.")) for name in names}
    return Certificate(
        sha256=sha256,
        der=b"",
        seen=NOW,
        subject=None,
        common_name=None,
        dns_names=names,
        names=tuple(sorted(names)),
        registered_domains=tuple(sorted(name for name in registered if name)),
        issuer=None,
        serial=None,
        not_before=None,
        not_after=None,
        key_type=None,
        key_bits=None,
        signature_algorithm=None,
        is_ca=False,
        spki_sha256=None,
        verdict=verdict,
        verdict_reason=None,
        faults=(),
    )


def located(address: str, asn: int | None) -> Address:
    """An address and its AS."""
    version = 6 if ":" in address else 4
    return Address(address, NOW, version, asn, None, None, None, None, None, None, None, (), None)


Row = Domain | Host | Spf | Policy | Smtp | Certificate | Address


def batches(*rows: Row) -> dict[str, pa.RecordBatch]:
    """The crawl's tables, from records in any order."""
    return {
        table.name: table.batch([row for row in rows if type(row) is table.record])
        for table in CRAWLED
    }


class Labels(NamedTuple):
    """Both tables, by key."""

    mx: dict[tuple[str, str], MxProvider]
    domains: dict[str, Provider]


def labelled(
    *rows: Row,
    companies: CompanyMap | None = None,
    ehlo_name: str | None = OWN,
    without: Iterable[str] = (),
    popular: int | None = None,
) -> Labels:
    """What inference makes of a census."""
    census: dict[str, ir.Table] = {
        name: ibis.memtable(pa.table(batch)) for name, batch in batches(*rows).items()
    }
    method = usual(companies, ehlo_name).less(without, popular)
    return labels(census, method)


def usual(companies: CompanyMap | None = None, ehlo_name: str | None = OWN) -> Method:
    """The method with all sources and rules."""
    return Method(companies=companies or bundled_companies(), port=PORT, ehlo_name=ehlo_name)


def labels(census: dict[str, ir.Table], method: Method) -> Labels:
    """The same from the crawl's tables."""
    made = infer(census, method)
    arrow = {
        table.name: arrow_of(made[table.name]).cast(table.schema)
        for table in (MX_PROVIDERS, PROVIDERS)
    }
    mx = [_exchange(row) for row in arrow["mx_providers"].to_pylist()]
    domains = [
        Provider(**{**row, "shares": tuple(Share(**share) for share in row["shares"])})
        for row in arrow["providers"].to_pylist()
    ]
    assert len({(row.domain, row.mx) for row in mx}) == len(mx)
    assert len({row.domain for row in domains}) == len(domains)
    return Labels({(row.domain, row.mx): row for row in mx}, {row.domain: row for row in domains})


def arrow_of(result: ir.Table | pa.RecordBatchReader) -> pa.Table:
    """A result, read."""
    return result.to_pyarrow() if isinstance(result, ir.Table) else result.read_all()


def _exchange(row: dict[str, Any]) -> MxProvider:
    evidence = tuple(Evidence(**piece) for piece in row["evidence"])
    lists = {name: tuple(row[name]) for name in ("addresses", "flags")}
    return MxProvider(**{**row, **lists, "evidence": evidence})
