"""What an edition of the blacklist is made of, and the text that an entry has."""

import datetime as dt
from typing import NamedTuple

from schemas.blacklist import BlacklistEntry
from schemas.snowshoe_scores import Reason, Tier
from stages.blacklist.suspects import CODES

TEST_CODE = CODES[Tier.HIGH]
SHADOW_CODE = "127.0.0.254"
"""What every listed domain gets in a shadow edition: a code that no client is told to act on."""
NOT_A_DOMAIN = "127.0.1.255"
"""What a query for an address gets: this is a list of domains."""
_TEXT_MAX = 255  # bytes: one character-string (RFC 1035 section 3.3)
_REASONS = 3
_DAY = dt.date(1970, 1, 1)


class Edition(NamedTuple):
    """All that the files of an edition follow from."""

    zone: str
    entries: tuple[BlacklistEntry, ...]
    """Published ones, by domain."""
    exceptions: tuple[str, ...]
    """Names below them that are not listed."""
    made: dt.datetime
    """UTC."""
    valid_days: int
    """How long servers answer with it."""
    ttl: int
    """Seconds."""
    nameservers: tuple[str, ...]
    contact: str
    """Mailbox of the SOA as a domain name."""
    info_url: str | None
    """Where a listing is explained; `$` stands for the domain."""
    least_rejected: Tier
    """Mail is to be rejected from this tier on, and only noted below it."""
    shadow: bool

    @property
    def serial(self) -> int:
        """Of the SOA: seconds since 1970."""
        return int(self.made.timestamp())

    def code(self, entry: BlacklistEntry) -> str:
        """Address that a query for the entry gets."""
        return SHADOW_CODE if self.shadow else entry.code


def day(number: int) -> str:
    """ISO date of days since 1970."""
    return (_DAY + dt.timedelta(days=number)).isoformat()


def text(entry: BlacklistEntry, info_url: str | None, *, shadow: bool = False) -> str:
    """What the TXT record of an entry says: tier, days, top reasons, and where to ask; ASCII."""
    words = f"{'would be listed: ' if shadow else ''}snowshoe pattern, {entry.tier}"
    words += f", since {day(entry.first_found)}, last seen {day(entry.last_found)}"
    reasons = ", ".join(map(_reason, entry.reasons[:_REASONS]))
    url = f"; {info_url.replace('$', entry.domain)}" if info_url else ""
    room = _TEXT_MAX - len(words) - len(url)
    because = f"; {reasons}" if reasons and len(reasons) + 2 <= room else ""
    return (words + because + url)[:_TEXT_MAX]


def _reason(reason: Reason) -> str:
    if reason.value is None:
        return f"{reason.feature} unknown"
    return (
        f"{reason.feature} {reason.value:g}"
        if reason.value % 1
        else (f"{reason.feature} {int(reason.value)}")
    )
