"""Where DMARC records are looked for: the names that a domain and its record lead to. Sans IO.

RFC 7489 asks at the domain and at its organisational domain, which the Public Suffix List tells;
RFC 9989 walks up the tree, at most eight names. Both are asked for, once for all domains below.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from certs.registered import registered_domain
from stages.policy.dmarc import choose, parse

LONGEST_WALK = 8
"""Names that a walk asks for at most (RFC 9989 section 4.10)."""
MOST_CONSENTS = 10
"""Others that a record may send reports to and that are asked about."""
_TARGET = re.compile(rb"@([^\s,;!?@]+)")


def walk(domain: str) -> tuple[str, ...]:
    """The domains of a tree walk, the domain itself first.

    >>> walk("a.example.co.uk")
    ('a.example.co.uk', 'example.co.uk', 'co.uk', 'uk')
    """
    labels = domain.split(".")
    first = max(1, len(labels) - LONGEST_WALK + 1)
    return (domain, *(".".join(labels[place:]) for place in range(first, len(labels))))


def above(domain: str) -> tuple[str, ...]:
    """The domains above one whose DMARC may matter to it, nearest first."""
    names = walk(domain)[1:]
    organisation = registered_domain(domain)
    if organisation in (None, domain) or organisation in names:
        return names
    return (*names, organisation)


def consents(domain: str, records: Iterable[bytes]) -> tuple[str, ...]:
    """Names to ask whether others take the reports that a domain's record sends them.

    That is section 7.1 of RFC 7489, and section 4 of RFC 9990; nobody has to agree within one
    organisational domain.
    """
    found = list(records)
    if all(_within(domain, each) for each in found):  # most, and quick to see
        return ()
    record = choose(found).record
    if record is None:
        return ()
    read = parse(record)
    targets = dict.fromkeys(uri.domain for uri in (*read.rua, *read.ruf))
    names = [consent(domain, target) for target in targets if external(domain, target)]
    return tuple(name for name in names if len(name) <= _LONGEST_NAME)[:MOST_CONSENTS]


_LONGEST_NAME = 253


def consent(domain: str, target: str) -> str:
    """Where a target would agree to take the reports of a domain."""
    return f"{domain}._report._dmarc.{target}"


def external(domain: str, target: str) -> bool:
    """Whether a target is of another organisation than a domain."""
    return _organisation(domain) != _organisation(target)


@lru_cache(maxsize=1 << 12)  # a few take the reports of most
def _organisation(name: str) -> str:
    return registered_domain(name) or name


def _within(domain: str, record: bytes) -> bool:
    """Whether a record names no mail address outside a domain, nor any other kind of URI."""
    own = domain.encode()
    targets = _TARGET.findall(record.lower())
    return b"//" not in record and all(each == own or each.endswith(b"." + own) for each in targets)
