"""The stage of plan policy: a domain with mail -> its row of policies.

Two rounds of questions. The first is the same for every domain: `_domainkey`, the services, and
the selectors that most domains use. The second asks for the other selectors, unless the first
shows that there is nothing below `_domainkey`.

RFC 8020 would let one NXDOMAIN at `_domainkey` settle that alone. But `_domainkey` is an empty
non-terminal nearly always, and there are name servers that say NXDOMAIN for those. So it counts
only where the first selectors are NXDOMAIN too; the row keeps both answers, so that every run
measures how often such servers are met.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from schemas.outcomes import Outcome
from schemas.policies import DkimSelector, Policy, Service
from schemas.query import NOT_ASKED, Text
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.policy.transport import mta_sts as record_of
from stages.policy.transport import policy_host
from stages.stage import Emit

SELECTORS = (
    "selector1", "google", "default", "s1", "k1", "mail", "dkim", "zoho", "fm1", "protonmail",
    "sig1", "hostingermail-a",
)  # fmt: skip
"""Selectors asked by default, those that most domains use first (docs/decisions.md)."""
CERTAIN = 3
"""How many of the selectors, from the first, are asked in any case."""


class PolicyStage:
    """Name of a seed with mail -> Policy row."""

    def __init__(self, resolver: Resolver, selectors: Sequence[str] = SELECTORS) -> None:
        self._resolver = resolver
        self._certain = tuple(selectors[:CERTAIN])
        self._others = tuple(selectors[CERTAIN:])

    async def __call__(self, item: str, /) -> Emit:
        """Ask for all of it; selectors that cannot be there are not asked."""
        services = services_of(item)
        first = await self._resolver.ask([*services, *(_key(item, s) for s in self._certain)])
        answers, keys = first[: len(services)], first[len(services) :]
        dkim = list(map(_selector, self._certain, keys))
        if _is_bare(answers[0], keys):
            dkim += map(_unasked, self._others)
        elif self._others:
            keys = await self._resolver.ask([_key(item, s) for s in self._others])
            dkim += map(_selector, self._others, keys)
        return Emit((_row(item, answers, tuple(dkim)),))


def services_of(domain: str) -> tuple[Question, ...]:
    """The questions that do not depend on selectors, `_domainkey` first."""
    return (
        Question(f"_domainkey.{domain}", RRType.TXT),
        Question(f"autodiscover.{domain}", RRType.A),
        Question(f"_autodiscover._tcp.{domain}", RRType.SRV),
        Question(f"_mta-sts.{domain}", RRType.TXT),
        Question(f"_smtp._tls.{domain}", RRType.TXT),
        Question(f"default._bimi.{domain}", RRType.TXT),
    )


def not_asked(domain: str, asked: int) -> Policy:
    """The row of a domain that is left alone; `asked` is when that was decided."""
    query = NOT_ASKED
    return Policy(
        domain, asked, (), (), query, (), (), (), query, (), query, (), (), query, (),
        (), (), query, (), (), query,
    )  # fmt: skip


def _key(domain: str, selector: str) -> Question:
    return Question(f"{selector}._domainkey.{domain}", RRType.TXT)


def _is_bare(domainkey: Answer, keys: Sequence[Answer]) -> bool:
    """Whether there is nothing below `_domainkey`.

    Of an alias NXDOMAIN speaks of its target (RFC 6604): then there may be.
    """
    gone = all(answer.outcome is Outcome.NXDOMAIN for answer in (domainkey, *keys))
    return gone and not domainkey.cname_chain


def _row(domain: str, answers: Sequence[Answer], dkim: tuple[DkimSelector, ...]) -> Policy:
    domainkey, autodiscover, srv, mta_sts, tls_rpt, bimi = answers
    return Policy(
        domain=domain,
        asked=min(answer.asked for answer in answers),
        domainkey_chain=domainkey.cname_chain,
        domainkey=_texts(domainkey),
        domainkey_query=domainkey.query,
        dkim=dkim,
        autodiscover_chain=autodiscover.cname_chain,
        autodiscover=_addresses(autodiscover),
        autodiscover_query=autodiscover.query,
        autodiscover_srv=tuple(Service(*record) for record in sorted(set(srv.srv()))),
        autodiscover_srv_query=srv.query,
        mta_sts_chain=mta_sts.cname_chain,
        mta_sts=_texts(mta_sts),
        mta_sts_query=mta_sts.query,
        sts_hosts=(policy_host(domain),) if record_of(mta_sts.raw()).id else (),
        tls_rpt_chain=tls_rpt.cname_chain,
        tls_rpt=_texts(tls_rpt),
        tls_rpt_query=tls_rpt.query,
        bimi_chain=bimi.cname_chain,
        bimi=_texts(bimi),
        bimi_query=bimi.query,
    )


def _selector(selector: str, answer: Answer) -> DkimSelector:
    return DkimSelector(selector, answer.cname_chain, _texts(answer), answer.query)


def _unasked(selector: str) -> DkimSelector:
    return DkimSelector(selector, (), (), NOT_ASKED)


def _texts(answer: Answer) -> tuple[Text, ...]:
    return tuple(Text.of(raw) for raw in sorted(set(answer.raw())))


def _addresses(answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(set(answer.texts()), key=lambda text: ip_address(text).packed))
