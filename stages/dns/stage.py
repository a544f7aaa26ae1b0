"""The stages that ask the DNS: seeds, hosts, and MX sets of names that are no seeds.

A failed question gives the same row as any other, with its outcome; these stages never raise.
"""

from socket import AF_INET, AF_INET6, inet_pton
from typing import NamedTuple

from certs.registered import registered_domain
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Mx
from schemas.outcomes import Mail
from schemas.query import NOT_ASKED, Text
from stages.dns.absence import registered_above
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.dns.mail import Permission, exchanges, host_status, mail, mail_hosts
from stages.policy.discovery import above, consents
from stages.stage import Emit


class Seed(NamedTuple):
    """A domain to be measured, and the lists that name it."""

    domain: str
    seeds: tuple[SeedRank, ...] = ()


class DomainStage:
    """Seed -> Domain row; its TXT answer goes on to whoever reads SPF out of it."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, item: Seed, /) -> Emit:
        """Ask for MX, TXT, and TXT at _dmarc."""
        domain = item.domain
        mx, txt, dmarc = await self._resolver.ask(questions_of(domain))
        found = exchanges(mx)
        verdict = mail(mx.outcome, found)
        row = Domain(
            domain=domain,
            registered_domain=registered_domain(domain),
            asked=min(mx.asked, txt.asked, dmarc.asked),
            seeds=item.seeds,
            mail=verdict,
            mx=found,
            mail_hosts=(domain,) if verdict is Mail.NO_MX else mail_hosts(found),
            mx_query=mx.query,
            txt=_texts(txt),
            txt_query=txt.query,
            dmarc=_texts(dmarc),
            dmarc_query=dmarc.query,
            dmarc_above=above(domain),
            report_consents=consents(domain, dmarc.raw()) if dmarc.records else (),
        )
        return Emit((row,), (txt,))


def questions_of(seed: str) -> tuple[Question, ...]:
    """What is asked of every seed."""
    return (
        Question(seed, RRType.MX),
        Question(seed, RRType.TXT),
        Question(f"_dmarc.{seed}", RRType.TXT),
    )


def not_asked(seed: Seed, asked: int) -> Domain:
    """The row of a seed that opted out; `asked` is when that was found."""
    return Domain(
        domain=seed.domain,
        registered_domain=registered_domain(seed.domain),
        asked=asked,
        seeds=seed.seeds,
        mail=Mail.OPTED_OUT,
        mx=(),
        mail_hosts=(),
        mx_query=NOT_ASKED,
        txt=(),
        txt_query=NOT_ASKED,
        dmarc=(),
        dmarc_query=NOT_ASKED,
    )


class HostStage:
    """Host name -> Host row."""

    def __init__(self, resolver: Resolver, permission: Permission) -> None:
        self._resolver = resolver
        self._permission = permission

    async def __call__(self, item: str, /) -> Emit:
        """Ask for A and AAAA."""
        a, aaaa = await self._resolver.ask(of_host(item))
        row = Host(
            host=item,
            registered_domain=registered_domain(item),
            asked=min(a.asked, aaaa.asked),
            status=host_status(a, aaaa, self._permission),
            a=_addresses(a),
            aaaa=_addresses(aaaa),
            cname_chain=a.cname_chain or aaaa.cname_chain,
            a_query=a.query,
            aaaa_query=aaaa.query,
            above=registered_above(a) or registered_above(aaaa),
        )
        return Emit((row,))


def of_host(host: str) -> tuple[Question, ...]:
    """What is asked of every host."""
    return Question(host, RRType.A), Question(host, RRType.AAAA)


class MxStage:
    """Name of an SPF mx mechanism -> Mx row."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, item: str, /) -> Emit:
        """Ask for MX."""
        (answer,) = await self._resolver.ask([Question(item, RRType.MX)])
        found = exchanges(answer)
        row = Mx(
            item, answer.asked, found, mail_hosts(found), answer.query, registered_above(answer)
        )
        return Emit((row,))


def _texts(answer: Answer) -> tuple[Text, ...]:
    found = answer.raw()
    return tuple(map(Text.of, sorted(set(found)) if len(found) > 1 else found))


def _addresses(answer: Answer) -> tuple[str, ...]:
    """The addresses of an A or AAAA answer, each once, by number."""
    found = answer.texts()
    if len(found) < 2:  # noqa: PLR2004
        return tuple(found)
    family = AF_INET if answer.question.type is RRType.A else AF_INET6
    return tuple(sorted(set(found), key=lambda text: inet_pton(family, text)))
