"""DMARC policy records: RFC 7489 section 6.3, and RFC 9989, which succeeds it. Sans IO.

    is_dmarc(bytes)      whether a TXT record is one: its first tag is v=DMARC1
    parse(bytes)         -> Dmarc: every tag or its default, and what is wrong
    choose(records)      -> the record among the TXT of a name, and what is wrong with the rest

Both standards are read at once: np, psd and t are of the successor, which dropped pct, rf and ri.
Words are compared without case but for the version.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from schemas.mail_policies import Disposition
from schemas.policy_class import PolicyClass
from stages.policy.fault import Fault, fault
from stages.policy.reports import ReportUri, read_uris
from stages.policy.tags import read_tags

_VERSION = re.compile(rb"[ \t]*v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_ALMOST = re.compile(rb"dmarc", re.IGNORECASE)
_KNOWN = frozenset(
    {"v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "pct", "rf", "ri"}
)
_OBSOLETE = ("pct", "rf", "ri")
_STRENGTH = {Disposition.NONE: 0, Disposition.QUARANTINE: 1, Disposition.REJECT: 2}
_FAILURES = frozenset("01ds")
_WHOLE = 100  # per cent
_LONGEST = (1 << 32) - 1  # seconds between reports


class Dmarc(NamedTuple):
    """A record as it is to be read."""

    policy: Disposition | None
    """p, or none where it is unreadable and reports are asked for; None: the record is void."""
    subdomains: Disposition | None
    """What holds for names below it: sp, else p."""
    nonexistent: Disposition | None
    """What holds for names below it that do not exist (RFC 9989): np, else sp, else p."""
    psd: str
    """y: a public suffix; n: the organisational domain; u: not said."""
    testing: bool
    """t=y: the policy is not to be applied yet."""
    percent: int
    """pct: part of the failing mail that it applies to (RFC 7489 only)."""
    strict_dkim: bool
    strict_spf: bool
    rua: tuple[ReportUri, ...]
    ruf: tuple[ReportUri, ...]
    faults: tuple[Fault, ...]


class Choice(NamedTuple):
    """What stands at a name."""

    record: bytes | None
    """The one record; None if there is none or more than one."""
    found: int
    """Records of DMARC."""
    faults: tuple[Fault, ...]
    """Of the name, not of the record."""


def is_dmarc(record: bytes) -> bool:
    """Whether a TXT record is one of DMARC (RFC 7489 section 6.6.3 step 2)."""
    return _VERSION.match(record) is not None


def choose(records: Iterable[bytes]) -> Choice:
    """The record of a name; more than one are none (RFC 7489 section 6.6.3 step 5)."""
    others = [fault(_other(record), _shown(record)) for record in records if not is_dmarc(record)]
    found = [record for record in records if is_dmarc(record)]
    if len(found) > 1:
        return Choice(None, len(found), (Fault(PolicyClass.MULTIPLE_RECORDS), *others))
    return Choice(found[0] if found else None, len(found), tuple(others))


def _other(record: bytes) -> PolicyClass:
    return PolicyClass.BAD_VERSION if _ALMOST.search(record) else PolicyClass.FOREIGN_TEXT


def _shown(record: bytes) -> str:
    return record.decode(errors="backslashreplace")


def parse(record: bytes) -> Dmarc:
    """A record that `is_dmarc`; any other is read as well as it can be."""
    found = read_tags(record)
    tags = found.tags
    found.known(_KNOWN)
    for name in _OBSOLETE:
        if name in tags:
            found.complain(PolicyClass.OBSOLETE_TAG, f"{name}={tags[name]}")
    if "p" in tags and list(tags)[1:2] != ["p"]:
        found.complain(PolicyClass.MISPLACED_TAG, f"p={tags['p']}")
    rua = read_uris(found, "rua", ("mailto",)) if "rua" in tags else ()
    ruf = read_uris(found, "ruf", ("mailto",)) if "ruf" in tags else ()
    asked = {name: _disposition(tags, name) for name in ("p", "sp", "np")}
    wrong = [name for name in asked if name in tags and asked[name] is None]
    for name in wrong:
        found.complain(PolicyClass.BAD_POLICY, f"{name}={tags[name]}")
    if "p" not in tags:
        found.complain(PolicyClass.MISSING_TAG, "p")
    policy = asked["p"]
    if policy is None or wrong:  # section 6.6.3 step 6
        policy, asked = (Disposition.NONE, {}) if rua else (None, {})
    below = asked.get("sp") or policy
    absent = asked.get("np") or below
    if policy is Disposition.NONE and not rua and not ruf:
        found.complain(PolicyClass.NO_REPORTS)
    if policy and below and _STRENGTH[below] < _STRENGTH[policy]:
        found.complain(PolicyClass.WEAKER_SUBDOMAINS, f"sp={tags['sp']}")
    if "fo" in tags and not _FAILURES.issuperset(map(str.strip, tags["fo"].lower().split(":"))):
        found.complain(PolicyClass.BAD_VALUE, f"fo={tags['fo']}")
    found.of("rf", ("afrf",), "afrf")
    found.number("ri", _LONGEST, 86400)
    return Dmarc(
        policy=policy,
        subdomains=below,
        nonexistent=absent,
        psd=found.of("psd", "ynu", "u"),
        testing=found.of("t", "yn", "n") == "y",
        percent=found.number("pct", _WHOLE, _WHOLE),
        strict_dkim=found.of("adkim", "rs", "r") == "s",
        strict_spf=found.of("aspf", "rs", "r") == "s",
        rua=rua,
        ruf=ruf,
        faults=tuple(found.faults),
    )


def _disposition(tags: dict[str, str], name: str) -> Disposition | None:
    try:
        return Disposition(tags.get(name, "").lower())
    except ValueError:
        return None
