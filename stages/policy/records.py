"""The stages of single questions about policies: TLSA of hosts, DMARC above seeds, consent.

Like the other stages of the DNS they never raise: a failed question is a row with its outcome.
"""

from schemas.dmarc import DmarcAbove, DmarcConsent
from schemas.query import NOT_ASKED, Text
from schemas.tlsa import Tlsa, TlsaRecord
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.policy.discovery import consents
from stages.stage import Emit


class TlsaStage:
    """Name of a mail host -> Tlsa row."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, item: str, /) -> Emit:
        """Ask for TLSA at its port 25."""
        (answer,) = await self._resolver.ask([Question(f"_25._tcp.{item}", RRType.TLSA)])
        records = tuple(TlsaRecord(*record) for record in sorted(set(answer.tlsa())))
        return Emit((Tlsa(item, answer.asked, records, answer.query),))


class DmarcStage:
    """Name of a domain above seeds -> DmarcAbove row."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, item: str, /) -> Emit:
        """Ask for TXT at _dmarc."""
        (answer,) = await self._resolver.ask([Question(f"_dmarc.{item}", RRType.TXT)])
        found = consents(item, answer.raw())
        return Emit((DmarcAbove(item, answer.asked, _texts(answer), found, answer.query),))


class ConsentStage:
    """Name at which somebody would agree to take reports -> DmarcConsent row."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def __call__(self, item: str, /) -> Emit:
        """Ask for TXT."""
        (answer,) = await self._resolver.ask([Question(item, RRType.TXT)])
        return Emit((DmarcConsent(item, answer.asked, _texts(answer), answer.query),))


def dmarc_not_asked(name: str, asked: int) -> DmarcAbove:
    """The row of a domain that is left alone."""
    return DmarcAbove(name, asked, (), (), NOT_ASKED)


def consent_not_asked(name: str, asked: int) -> DmarcConsent:
    """The row of a name whose owner is left alone."""
    return DmarcConsent(name, asked, (), NOT_ASKED)


def _texts(answer: Answer) -> tuple[Text, ...]:
    return tuple(map(Text.of, sorted(set(answer.raw()))))
