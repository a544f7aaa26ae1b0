"""The host name that an SMTP server gives itself in its greeting or its EHLO reply.

``reply_host`` takes a reply as text, all lines, and gives the name in lower case without final
dot, or None: only a positive reply names a host (RFC 5321 sections 4.2.1, 4.3.1), only a name
with a registered domain counts, and neither the prober's own name nor a DNS blocklist's does.

The place to look is IMC'21's: the first word after the code on the first line with any text,
else the last word of that line. What words look like there is repaired: runs of blanks, tabs,
``host[address]``, ``<host>``, ``[host]``, ``host:25``, final dots, A-labels as top level.
"""

import re

from certs.registered import registered_domain

_POSITIVE = re.compile(r"\s*2\d\d(?:[-\s]|$)(?:\s*2\.\d{1,3}\.\d{1,3}\s)?(.*)", re.ASCII)
"""A positive reply, with an enhanced status code or without (RFC 2034)."""
_HOST = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})",
    re.ASCII,
)
_WRAPPING = "<>[](){}\"'`:,;!.*-="
_TRAILER = re.compile(r"[\[(<:/]")

BLOCKLISTS = frozenset(
    {
        "abuseat.org",
        "barracudacentral.org",
        "dnsbl.info",
        "mxtoolbox.com",
        "senderscore.org",
        "sorbs.net",
        "spamcop.net",
        "spamhaus.com",
        "spamhaus.org",
        "surbl.org",
        "trustedsource.org",
        "uceprotect.net",
        "uribl.com",
    }
)
"""Registered domains that stand in a reply as the place to complain to, not as its speaker."""

_BARE_HOSTS = {"bosimpinc": "eigbox.net"}
"""Hosts that leave their domain out, by how their one label starts (IMC'21)."""
_BARE_HOST = re.compile(rf"({'|'.join(_BARE_HOSTS)})[a-z0-9-]*", re.ASCII)


def reply_host(reply: str, own_name: str | None = None) -> str | None:
    """The name by which the server introduces itself; ``own_name`` is what we said in EHLO.

    >>> reply_host("220  MX1.example.com.[192.0.2.1] ESMTP ready")
    'mx1.example.com'
    """
    words = [word for word in _introduction(reply).split() if word.strip(_WRAPPING)]
    own = own_name.lower().rstrip(".") if own_name else None
    for word in words[:1] + words[-1:]:
        host = _host(word)
        if host is not None and host != own:
            return host
    return None


def _introduction(reply: str) -> str:
    """The text of the first line that has one; empty unless the reply is positive."""
    for line in reply.splitlines():
        match = _POSITIVE.match(line)
        if match is None and line.strip():
            return ""
        if match is not None and match[1].strip():
            return str(match[1])
    return ""


def _host(word: str) -> str | None:
    word = word.lower().lstrip(_WRAPPING)
    word = _TRAILER.split(word, maxsplit=1)[0].rstrip(_WRAPPING)
    bare = _BARE_HOST.fullmatch(word)
    if bare is not None:
        return f"{word}.{_BARE_HOSTS[bare[1]]}"
    if _HOST.fullmatch(word) is None:
        return None
    registered = registered_domain(word)
    return None if registered is None or registered in BLOCKLISTS else word
