"""The host name that an SMTP server gives itself in its greeting or its EHLO reply.

``reply_host`` takes a reply as text, all lines, and gives the name in lower-case A-labels without
final dot, or None: only a positive reply names a host (RFC 5321 sections 4.2.1, 4.3.1), only a
name with a registered domain counts, and neither the prober's own name nor a DNS blocklist's does.

The place to look is IMC'21's: the first word after the code on the first line with any text,
else the last word of that line; beyond the paper, the first word of a later line of a greeting.
What words look like there is repaired: runs of blanks, tabs, ``host[address]``, ``<host>``,
``[host]``, ``host:25``, final dots, A-labels as top level, U-labels (RFC 5890). A word at
the end of a line that complains or points elsewhere, or that a reply to EHLO says hello to, is
not the speaker's name.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import idna

from certs.registered import registered_domain

_CODE = re.compile(r"\s*([2-5]\d\d)(?:[-\s]|$)(?:\s*2\.\d{1,3}\.\d{1,3}\s)?", re.ASCII)
"""A reply code, with an enhanced status code after it or without (RFC 2034)."""
_GREETING = "220"
_HOST_MAX = 253
_HOST = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})",
    re.ASCII,
)
_WRAPPING = "<>[](){}\"'`:,;!.*-=|#"
_TRAILER = re.compile(r"[\[(<:/]")
_COMPLAINT = re.compile(
    r"\b(?:abuse|access|account|banned|blocked?|block(?:ing|list)|contact|denied|deny|error|listed"
    r"|not allowed|policy|postmaster|prohibited|refer|refused?|reject(?:ed)?|relay|see|spam|support"
    r"|unsolicited|using|via|visit|warning)\b|list(?:ed)? (?:at|by|in|on)\b",
    re.IGNORECASE,
)
"""What lines say that name somebody else: whom to complain to, what list is used."""
_HELLO = re.compile(
    r"\b(?:hello|helo|ehlo|hi|greetings|welcome|hola|bonjour)[\s,:]+\S+\s*$", re.IGNORECASE
)
"""A line of which the last word is who was greeted."""

BLOCKLISTS = frozenset(
    {
        "abuseat.org",
        "anti-spam.org.cn",
        "backscatterer.org",
        "barracudacentral.org",
        "blocklist.de",
        "dnsbl.info",
        "dnswl.org",
        "dronebl.org",
        "gbudb.net",
        "invaluement.com",
        "mail-abuse.com",
        "mail-abuse.org",
        "mailspike.net",
        "mailspike.org",
        "mxtoolbox.com",
        "njabl.org",
        "nixspam.net",
        "rfc-clueless.org",
        "s5h.net",
        "senderbase.org",
        "senderscore.com",
        "senderscore.org",
        "sorbs.net",
        "spamcop.net",
        "spameatingmonkey.net",
        "spamhaus.com",
        "spamhaus.net",
        "spamhaus.org",
        "spamrats.com",
        "surbl.org",
        "talosintelligence.com",
        "trustedsource.org",
        "uceprotect.net",
        "uribl.com",
        "wpbl.info",
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
    hosts = (word_host(word, own_name) for word in _candidates(reply))
    return next(filter(None, hosts), None)


def word_host(word: str, own_name: str | None = None) -> str | None:
    """The host that a word of a reply names, unless it is our own."""
    host = _host(word)
    return host if own_name is None or host != own_name.lower().rstrip(".") else None


def _candidates(reply: str) -> Iterator[str]:
    """Words that may be the speaker's name, best first."""
    code, lines = _lines(reply)
    if not lines:
        return
    first, *later = lines
    words = _words(first)
    yield words[0]
    complains = _COMPLAINT.search(first)
    greets_us = code != _GREETING and _HELLO.search(first)
    if not complains and not greets_us:
        yield words[-1]
    if code == _GREETING:
        yield from (_words(line)[0] for line in later if not _COMPLAINT.search(line))


def _lines(reply: str) -> tuple[str, list[str]]:
    """The code of a positive reply and the text of its lines that have a word in them.

    A line without a code belongs to the one before: some tools record replies that way.
    """
    code, texts = "", []
    for line in reply.splitlines():
        match = _CODE.match(line)
        if match is None and not code and line.strip():
            return "", []
        if match is not None and match[1][0] != "2":
            return "", []
        code = code or (match[1] if match else "")
        text = line[match.end() :] if match else line
        if _words(text):
            texts.append(text)
    return code, texts


def _words(text: str) -> list[str]:
    return [word for word in text.split() if word.strip(_WRAPPING)]


@lru_cache(maxsize=1 << 12)
def _host(word: str) -> str | None:
    """The host that a word names, if any; a server says it in banner and EHLO alike.

    Words are kept for a while, as looking up their registered domain is most of the work.
    """
    word = word.lower().lstrip(_WRAPPING)
    word = _TRAILER.split(word, maxsplit=1)[0].rstrip(_WRAPPING)
    bare = _BARE_HOST.fullmatch(word)
    if bare is not None:
        return f"{word}.{_BARE_HOSTS[bare[1]]}"
    if not word.isascii():
        word = _a_labels(word)
    if _HOST.fullmatch(word) is None:
        return None
    registered = registered_domain(word)
    return None if registered is None or registered in BLOCKLISTS else word


def _a_labels(word: str) -> str:
    """The word as A-labels (UTS 46, not transitional); empty if it is no host name."""
    if len(word) > _HOST_MAX:
        return ""
    try:
        return idna.encode(word, uts46=True).decode("ascii").rstrip(".")
    except UnicodeError:
        return ""
