"""BIMI assertion records (draft-brand-indicators-for-message-identification). Sans IO.

parse(records)    -> Bimi: the logo and its evidence, or that the domain declines to have one
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from schemas.policy_class import PolicyClass
from stages.policy.fault import Fault
from stages.policy.reports import target
from stages.policy.tags import TagList, read_tags
from stages.policy.transport import only

_VERSION = re.compile(rb"[ \t]*v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|$)")
_ALMOST = re.compile(rb"bimi", re.IGNORECASE)
_KNOWN = frozenset({"v", "l", "a", "s", "avp", "lps", "e"})


class Bimi(NamedTuple):
    """What stands at default._bimi."""

    found: bool
    """Whether there is one record."""
    logo: str | None
    evidence: str | None
    """Where the certificate for the logo is."""
    declined: bool
    """Logo and evidence are empty: no logo, on purpose."""
    faults: tuple[Fault, ...]


def parse(records: Sequence[bytes]) -> Bimi:
    """The record of a domain."""
    record, faults = only(records, _VERSION, _ALMOST)
    if record is None:
        return Bimi(found=False, logo=None, evidence=None, declined=False, faults=faults)
    found = read_tags(record)
    found.known(_KNOWN)
    declined = "l" in found.tags and not found.tags["l"] and not found.tags.get("a")
    if "l" not in found.tags:
        found.complain(PolicyClass.MISSING_TAG, "l")
    logo, evidence = _uri(found, "l"), _uri(found, "a")
    if logo and not urlsplit(logo).path.lower().endswith((".svg", ".svgz", ".svg.gz")):
        found.complain(PolicyClass.NOT_SVG, logo)
    return Bimi(True, logo, evidence, declined, (*faults, *found.faults))  # noqa: FBT003


def _uri(found: TagList, name: str) -> str | None:
    """The https URI of a tag; None, with a fault if it has another value."""
    text = found.tags.get(name)
    if not text:
        return None
    if text[:6].lower() != "https:":
        found.complain(PolicyClass.NOT_HTTPS, text)
    elif target(text) is None:
        found.complain(PolicyClass.BAD_URI, text)
    else:
        return text
    return None
