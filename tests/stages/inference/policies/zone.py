"""A made-up DNS, crawled by the real stages into the tables that inference reads."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import ibis.expr.types as ir

from schemas import (
    CERTIFICATES,
    DMARC,
    DMARC_CONSENTS,
    DOMAINS,
    HOSTS,
    POLICIES,
    SMTP,
    SPF_TRUST,
    STS_POLICIES,
    TLSA,
)
from schemas.dmarc import DmarcAbove, DmarcConsent
from schemas.domains import Domain, SeedRank
from schemas.mail_policies import MAIL_POLICIES
from schemas.outcomes import Outcome
from schemas.query import Query
from schemas.table import Table
from stages.dns.answer import Answer, Question, Rdata, RRType
from stages.dns.stage import DomainStage, HostStage, Seed
from stages.enrich.special import Scope
from stages.inference.policies.inference import mail_policies
from stages.inference.providers.companies import bundled_companies
from stages.policy.records import ConsentStage, DmarcStage, TlsaStage
from stages.policy.stage import PolicyStage
from tests.stages.inference.trust.zone import tables

PORT = 25


@dataclass
class Dns:
    """Records by name and type; a name without any does not exist."""

    records: dict[tuple[str, RRType], Sequence[Rdata]] = field(default_factory=dict)
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    faults: dict[str, Outcome] = field(default_factory=dict)
    secure: set[str] = field(default_factory=set)
    """Names whose answers are validated, with all below them."""

    def txt(self, name: str, *texts: str) -> None:
        """Publish TXT records."""
        self.records[name, RRType.TXT] = [text.encode() for text in texts]

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers, as a resolver gives them."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        name = question.name
        records = tuple(self.records.get((name, question.type), ()))
        outcome = self.faults.get(name, Outcome.OK if records else Outcome.NXDOMAIN)
        secure = any(name == each or name.endswith("." + each) for each in self.secure)
        query = Query(outcome, 0, 300, 1.0, None, 1, tcp=False, secure=secure)
        found = records if outcome is Outcome.OK else ()
        return Answer(question, 1, query, found, self.chains.get(name, ()))

    def crawl(
        self,
        seeds: Iterable[str],
        shown: Mapping[Table, Sequence[tuple[object, ...]]] | None = None,
    ) -> Mapping[str, ir.Table]:
        """The tables of plan policy; ``shown`` are rows of smtp, certificates, sts_policies."""
        return asyncio.run(self._crawl(list(seeds), shown or {}))

    async def _crawl(
        self, seeds: list[str], shown: Mapping[Table, Sequence[tuple[object, ...]]]
    ) -> Mapping[str, ir.Table]:
        domains: list[Domain] = []
        for rank, name in enumerate(seeds, 1):
            (row,) = (await DomainStage(self)(Seed(name, (SeedRank("made-up", rank),)))).rows
            assert isinstance(row, Domain)
            domains.append(row)
        names = dict.fromkeys(n for row in domains for n in row.dmarc_above if n not in seeds)
        above = [row for name in names for row in (await DmarcStage(self)(name)).rows]
        keys = {name: None for row in domains for name in row.report_consents}
        keys |= {
            name: None
            for row in above
            if isinstance(row, DmarcAbove)
            for name in row.report_consents
        }
        consents = [row for name in keys for row in (await ConsentStage(self)(name)).rows]
        assert all(isinstance(row, DmarcConsent) for row in consents)
        hosts = dict.fromkeys(host for row in domains for host in row.mail_hosts)
        mailing = [row.domain for row in domains if row.mail_hosts]
        return tables(
            {
                DOMAINS: domains,
                DMARC: above,
                DMARC_CONSENTS: consents,
                POLICIES: [r for n in mailing for r in (await PolicyStage(self)(n)).rows],
                TLSA: [r for n in hosts for r in (await TlsaStage(self)(n)).rows],
                HOSTS: [r for n in hosts for r in (await HostStage(self, Scope.PUBLIC)(n)).rows],
                STS_POLICIES: shown.get(STS_POLICIES, []),
                SMTP: shown.get(SMTP, []),
                CERTIFICATES: shown.get(CERTIFICATES, []),
            }
        )


def inferred(census: Mapping[str, ir.Table]) -> dict[str, dict[str, object]]:
    """Rows of mail_policies, by domain."""
    rows = mail_policies(census, bundled_companies(), PORT).to_pyarrow()
    rows = rows.select(MAIL_POLICIES.schema.names).cast(MAIL_POLICIES.schema)
    return {row["domain"]: row for row in rows.to_pylist()}


def no_spf() -> ir.Table:
    """spf_trust without rows."""
    return tables({SPF_TRUST: []})[SPF_TRUST.name]
