"""What DNS answers say about a domain's mail and about where a host name leads. Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import Protocol

from schemas.mx import Exchange
from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from stages.dns.answer import Answer

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]+$){_LABEL}").fullmatch
_MAX_NAME = 253  # characters of a name that fits into 255 bytes on the wire
_LOCAL = ("localhost", "localdomain")


class Permission(Protocol):
    """Whether a run may contact an address; stages.enrich.special.Scope is one."""

    def permits(self, address: str) -> bool:
        """Whether the run may contact it."""
        ...


@lru_cache(maxsize=4096)  # the exchanges of the great providers
def exchange_kind(text: str) -> ExchangeKind:
    """What an MX record's exchange is, judged by its text alone.

    A host name has labels of letters, digits, hyphens inside and, against the letter of RFC
    1123 section 2.1 but as the world has it, underscores; its last label is not all digits.
    """
    if text == ".":
        return ExchangeKind.NULL
    if text.rpartition(".")[2] in _LOCAL:
        return ExchangeKind.LOCALHOST
    if _HOST_NAME(text) and len(text) <= _MAX_NAME:
        return ExchangeKind.HOST
    return ExchangeKind.IP_LITERAL if _is_address(text) else ExchangeKind.INVALID


def exchanges(answer: Answer) -> tuple[Exchange, ...]:
    """The MX records, by preference, then exchange."""
    found = answer.mx()
    if len(found) > 1:
        found = sorted(set(found))
    return tuple(
        Exchange(preference, exchange, exchange_kind(exchange)) for preference, exchange in found
    )


def mail(outcome: Outcome, mx: tuple[Exchange, ...]) -> Mail:
    """What the MX question says; a null MX is one only if it stands alone (RFC 7505 section 3)."""
    if outcome is Outcome.OK:
        alone = len(mx) == 1 and mx[0].kind is ExchangeKind.NULL
        return Mail.NULL_MX if alone else Mail.MX
    return _MAIL.get(outcome, Mail.FAILED)


_MAIL = {
    Outcome.NODATA: Mail.NO_MX,
    Outcome.NXDOMAIN: Mail.NXDOMAIN,
    Outcome.BUG: Mail.BUG,
}


def mail_hosts(mx: Iterable[Exchange]) -> tuple[str, ...]:
    """The exchanges that are host names, most preferred first, each once."""
    names = (record.exchange for record in mx if record.kind is ExchangeKind.HOST)
    return tuple(dict.fromkeys(names))


def host_status(a: Answer, aaaa: Answer, permission: Permission) -> HostStatus:
    """Where a host name leads, by its A and AAAA answers.

    NXDOMAIN speaks of the name whatever the type (RFC 8020), so it outweighs a failure of the
    other question, but not a server that contradicts itself with NODATA.
    """
    addresses = a.texts() + aaaa.texts()
    outcomes = {a.outcome, aaaa.outcome}
    if any(map(permission.permits, addresses)):
        return HostStatus.RESOLVED
    if addresses:
        return HostStatus.RESERVED
    if Outcome.BUG in outcomes:
        return HostStatus.BUG
    if Outcome.NXDOMAIN in outcomes and Outcome.NODATA not in outcomes:
        return HostStatus.NXDOMAIN
    if all(outcome.answered for outcome in outcomes):
        return HostStatus.NO_ADDRESS
    return HostStatus.FAILED


def _is_address(text: str) -> bool:
    """Whether it is an IP address, bare or as an SMTP literal (RFC 5321 section 4.1.3)."""
    bare = text.removeprefix("[").removesuffix("]").removeprefix("ipv6:")
    try:
        ip_address(bare)
    except ValueError:
        return False
    return True
