"""The stage of plan full: a seed -> its row of apex.

It asks for NS and SOA. The seed's own addresses are asked for as any host's are, once, whether
mail, an SPF term or this row leads there first.
"""

from collections.abc import Iterable

from schemas.apex import Apex, Soa
from schemas.outcomes import ExchangeKind
from schemas.query import NOT_ASKED
from stages.dns.answer import Question, Resolver, RRType, SoaData
from stages.dns.mail import exchange_kind
from stages.stage import Emit


class ApexStage:
    """Name of a seed -> Apex row."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, item: str, /) -> Emit:
        """Ask for NS and SOA."""
        ns, soa = await self._resolver.ask(questions_of(item))
        servers = tuple(sorted(set(ns.texts())))
        row = Apex(
            domain=item,
            asked=min(ns.asked, soa.asked),
            hosts=hosts_of(item, servers),
            ns=servers,
            ns_query=ns.query,
            soa=first(soa.soa()),
            soa_query=soa.query,
        )
        return Emit((row,))


def questions_of(seed: str) -> tuple[Question, ...]:
    """What is asked of every seed, beside the addresses of its hosts."""
    return Question(seed, RRType.NS), Question(seed, RRType.SOA)


def hosts_of(seed: str, servers: Iterable[str]) -> tuple[str, ...]:
    """The seed and those of its name servers that have a host's name, each once."""
    named = (name for name in servers if exchange_kind(name) is ExchangeKind.HOST)
    return tuple(dict.fromkeys((seed, *named)))


def first(records: Iterable[SoaData]) -> Soa | None:
    """The record; of several, which no zone may have, the first in their order."""
    found = min(records, default=None)
    return Soa(*found) if found else None


def not_asked(domain: str, asked: int) -> Apex:
    """The row of a seed that is left alone; `asked` is when that was decided."""
    return Apex(domain, asked, (), (), NOT_ASKED, None, NOT_ASKED)
