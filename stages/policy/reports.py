"""Where reports go: URIs in DMARC (RFC 7489 section 6.2) and TLSRPT (RFC 8460). Sans IO."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from schemas.policy_class import PolicyClass
from stages.policy.tags import BLANKS, TagList

_SIZE = re.compile(r"![0-9]+[kmgt]?$", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@([^@\s]+)")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+{_LABEL}")
_MOST = 20  # URIs of one list that are read


class ReportUri(NamedTuple):
    """One place to send reports to."""

    uri: str
    """As written, without its limit on size."""
    domain: str
    """The host that takes them, lower-case."""


def read_uris(found: TagList, name: str, usual: tuple[str, ...]) -> tuple[ReportUri, ...]:
    """The URIs of a tag that can be sent to, distinct; ``usual`` are the schemes in use."""
    uris = []
    for piece in found.tags.get(name, "").split(",", _MOST)[:_MOST]:
        text = piece.strip(BLANKS)
        uri = _SIZE.sub("", text)
        if uri != text:
            found.complain(PolicyClass.SIZE_LIMIT, text)
        domain = target(uri)
        if domain is None:
            if text or name in found.tags:
                found.complain(PolicyClass.BAD_URI, text or f"{name}=")
            continue
        scheme = uri.partition(":")[0].lower()
        if scheme not in usual:
            found.complain(PolicyClass.UNUSUAL_SCHEME, uri)
        uris.append(ReportUri(uri, domain))
    return tuple(dict.fromkeys(uris))


def target(uri: str) -> str | None:
    """The host that a URI leads to, lower-case A-labels or as written; None if it leads nowhere."""
    scheme, colon, rest = uri.partition(":")
    if not colon or not scheme.isascii() or not scheme[:1].isalpha():
        return None
    if scheme.lower() == "mailto":
        address = _ADDRESS.fullmatch(unquote(rest.partition("?")[0]))
        host = address[1] if address else ""
    else:
        host = _authority(uri)
    host = host.lower().removesuffix(".")
    return host if _HOST.fullmatch(host) else None


def _authority(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:  # brackets that hold no address
        return ""
