"""A small run to explain: one domain behind a provider, with every kind of detail."""

import asyncio
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.journal import Journal
from pipeline.sink import Sink
from pipeline.warehouse import Run
from schemas import (
    ADDRESSES,
    CERTIFICATES,
    DOMAINS,
    HOSTS,
    MAILBOX_EVIDENCE,
    MX_PROVIDERS,
    PROVIDERS,
    SMTP,
)
from schemas.bug import bug_row
from schemas.domains import SeedRank
from schemas.mx import Exchange
from schemas.mx_providers import MxProvider, Source
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
from schemas.providers import Category, Provider, Role, Share
from schemas.query import Query, Text
from schemas.smtp import Timings
from schemas.spf import Spf
from schemas.table import Table
from stages.dns.answer import Answer, Question, RRType
from stages.seeds.collect import SCHEMA
from stages.spf.stage import spf_row
from tests.pipeline.census import run_in

NOW = 1_790_000_000_000_000
OK = Query(Outcome.OK, 0, 300, 1.5, "127.0.0.1:53", 1, tcp=False)
NODATA = OK._replace(outcome=Outcome.NODATA, ttl=60)
NXDOMAIN = OK._replace(outcome=Outcome.NXDOMAIN, rcode=3, ttl=None)
LEAF = "1f2e3d4c5b6a7988" + "0" * 48


def row(table: Table, *key: object, **values: object) -> Any:
    """A row of a table: blank but for the values."""
    given = dict(zip(table.key, key, strict=True))
    blank: Any = bug_row(table, given)
    return blank._replace(**values)


def domain(name: str, mail: Mail = Mail.MX, mx: tuple[Exchange, ...] = (), **values: object) -> Any:
    """A domain that was asked."""
    hosts = tuple(each.exchange for each in mx if each.kind is ExchangeKind.HOST)
    default = {
        "asked": NOW,
        "mail_hosts": hosts,
        "mx_query": OK,
        "txt_query": OK,
        "dmarc_query": NXDOMAIN,
    }
    return row(DOMAINS, name, mail=mail, mx=mx, **{**default, **values})


def host(name: str, *a: str, status: HostStatus = HostStatus.RESOLVED, **values: object) -> Any:
    """A host with IPv4 addresses."""
    queries = {"a_query": OK if a else NODATA, "aaaa_query": NODATA}
    return row(HOSTS, name, a=a, status=status, **{**queries, **values})


def spf(name: str, *records: str) -> Spf:
    """The row that the SPF stage makes of a TXT answer."""
    query = OK if records else NXDOMAIN
    texts = tuple(record.encode() for record in records)
    return spf_row(Answer(Question(name, RRType.TXT), NOW, query, texts))


def exchange(preference: int, name: str, kind: ExchangeKind = ExchangeKind.HOST) -> Exchange:
    """One MX record."""
    return Exchange(preference, name, kind)


def probe(address: str, **values: object) -> Any:
    """A dialogue that went well, without TLS."""
    default = {
        "probed": NOW,
        "attempts": 1,
        "outcome": ProbeOutcome.OK,
        "step": ProbeStep.QUIT,
        "starttls": StartTls.NOT_OFFERED,
        "timings": Timings(1, 2, 3, None, None, 81.6),
    }
    return row(SMTP, address, 25, **{**default, **values})


def vote(name: str, mx: str, **values: object) -> MxProvider:
    """A row of mx_providers without an id."""
    default = {
        "preference": 10,
        "weight": 1.0,
        "source": None,
        "confidence": 1,
        "rules_version": "1-abc",
    }
    made: MxProvider = row(MX_PROVIDERS, name, mx, **{**default, **values})
    return made


def provider(name: str, category: Category, **values: object) -> Provider:
    """A row of providers without an operator."""
    default = {"source": None, "role": None, "rules_version": "1-abc"}
    made: Provider = row(PROVIDERS, name, category=category, **{**default, **values})
    return made


def store(folder: Path, rows: list[Any], inferred: tuple[Any, ...] = (), seeds: Any = ()) -> Run:
    """A run with these rows committed, inferred and listed."""
    run = run_in(folder)
    sink = Sink(Journal(run, []))
    sink.add(rows)
    asyncio.run(sink.commit())
    for table in (MX_PROVIDERS, PROVIDERS, MAILBOX_EVIDENCE):
        mine = [each for each in inferred if isinstance(each, table.record)]
        if inferred:
            path = f"{run.table(table)}/part-0.parquet"
            _write(run, path, pa.Table.from_batches([table.batch(mine)]))
    names = [{"domain": name, "seeds": []} for name in seeds]
    _write(run, run.seeds, pa.Table.from_pylist(names, schema=SCHEMA))
    return run


def _write(run: Run, path: str, columns: pa.Table) -> None:
    temporary = run.warehouse.temporary(path)
    pq.write_table(columns, temporary)
    run.warehouse.put(temporary, path)


def shop() -> tuple[list[Any], tuple[Any, ...]]:
    """shop.example, whose mail a provider runs: rows of the crawl, rows of inference."""
    crawled = [
        domain(
            "shop.example",
            mx=(
                exchange(10, "mx1.provider.example"),
                exchange(10, "192.0.2.9", ExchangeKind.IP_LITERAL),
                exchange(20, "mx.shop.example"),
            ),
            seeds=(SeedRank("tranco", 1234), SeedRank("umbrella", None)),
            dmarc=(Text("v=DMARC1; p=none", None),),
            dmarc_query=OK._replace(attempts=2, tcp=True),
        ),
        host("mx1.provider.example", "192.0.2.1", "192.0.2.2", cname_chain=("a.provider.example",)),
        host("mx.shop.example", "192.0.2.1"),
        row(
            ADDRESSES,
            "192.0.2.1",
            version=4,
            asn=64500,
            as_name="Provider Inc",
            country="NL",
            cloud_provider="aws",
            cloud_region="eu-west-1",
            cloud_service="EC2",
            ptr=("mx1.provider.example",),
            ptr_query=OK,
        ),
        row(ADDRESSES, "192.0.2.2", version=4, reserved="Documentation", ptr_query=NXDOMAIN),
        probe(
            "192.0.2.1",
            banner="220-mx1.provider.example ESMTP Postfix\n220 hello",
            ehlo="250-mx1.provider.example\n250-SIZE\n250 STARTTLS",
            extensions=("SIZE", "STARTTLS"),
            software="Postfix",
            starttls=StartTls.OK,
            tls_version="TLSv1.3",
            cipher="TLS_AES_256_GCM_SHA384",
            server_name="mx1.provider.example",
            chain=(LEAF, "f" * 64),
        ),
        probe(
            "192.0.2.2",
            outcome=ProbeOutcome.CONNECT_TIMEOUT,
            step=ProbeStep.CONNECT,
            attempts=2,
            starttls=StartTls.NOT_TRIED,
            timings=Timings(None, None, None, None, None, None),
        ),
        row(
            CERTIFICATES,
            LEAF,
            names=("*.provider.example", "mx1.provider.example"),
            issuer="CN=R11,O=Example CA",
            not_before=NOW,
            not_after=NOW + 86_400_000_000 * 90,
            verdict=Verdict.TRUSTED,
            verdict_reason="chains to CN=Root",
        ),
        spf("shop.example", "v=spf1 ip4:192.0.2.0/28 a mx include:spf.provider.example -all"),
        spf("spf.provider.example", "v=spf1 ip6:2001:db8::/32 include:shop.example ~all"),
        host("shop.example", "192.0.2.80"),
    ]
    votes = vote(
        "shop.example",
        "mx1.provider.example",
        tls_id="provider.example",
        mx_id="provider.example",
        provider_id="provider.example",
        source=Source.TLS,
        confidence=42,
        company="Provider",
        addresses=("192.0.2.1",),
        flags=("foreign_as",),
    )
    verdict = provider(
        "shop.example",
        Category.BY_TLS,
        operator_id="provider.example",
        operator_company="Provider",
        role=Role.GATEWAY,
        source=Source.TLS,
        shares=(Share("provider.example", "Provider", 1.0),),
        exchanges=1,
    )
    return crawled, (votes, verdict)
