"""Host names as providers generate them for what they rent out, by named pattern.

``rented_pattern`` gives the id of the first pattern that a name fits, or None. Such a name says
whose machine it is, not who runs the mail on it. Patterns are data: id, why, expression, example.

A pattern of words looks only below the registered domain (static.net is a name like any other);
one that looks for an address looks at the whole name, as some providers register a domain for
each network. All of the host is lower-case.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc


class Pattern(NamedTuple):
    """A way in which rented servers and lines are named."""

    id: str
    why: str
    expression: re.Pattern[str]
    whole: bool
    """Whether the registered domain is looked at too."""
    example: str


def rented_pattern(host: str, registered_domain: str) -> str | None:
    """The id of the pattern that a host below a registered domain is named by.

    >>> rented_pattern("s132-148-130-121.secureserver.net", "secureserver.net")
    'address'
    >>> rented_pattern("mx1.secureserver.net", "secureserver.net")
    """
    for pattern in _ADDRESSES:
        if pattern.expression.search(host):
            return pattern.id
    return _word_pattern(host.removesuffix(registered_domain))


def rented_patterns(hosts: Sequence[str], registered: Sequence[str]) -> list[str | None]:
    """``rented_pattern`` of each host; only those that may fit one are looked at one by one."""
    found: list[str | None] = [None] * len(hosts)
    suspect = pc.match_substring_regex(pa.array(hosts, pa.string()), _SUSPECT)
    for place in pc.indices_nonzero(suspect).to_pylist():
        found[place] = rented_pattern(hosts[place], registered[place])
    return found


@lru_cache(maxsize=1 << 12)
def _word_pattern(below: str) -> str | None:
    """The same for words below a registered domain; few are very common, as ``mail.`` is."""
    return next((pattern.id for pattern in _WORDS if pattern.expression.search(below)), None)


def _pattern(name: str, why: str, text: str, example: str) -> Pattern:
    """A pattern of an address, anywhere in the name."""
    return Pattern(name, why, re.compile(text, re.ASCII), whole=True, example=example)


def _words(name: str, why: str, text: str, example: str) -> Pattern:
    """A pattern of words that stand alone: between dots, dashes or the ends of the name."""
    alone = re.compile(rf"(?:^|[._-])(?:{text})(?:[._-]|$)", re.ASCII)
    return Pattern(name, why, alone, whole=False, example=example)


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|0?[1-9]\d|0{0,2}\d)"
_PADDED = r"(?:25[0-5]|2[0-4]\d|[01]\d\d)"

PATTERNS: tuple[Pattern, ...] = (
    _pattern(
        "address",
        "an IPv4 address stands in the name, forwards or backwards",
        rf"(?<!\d){_OCTET}(?P<dot>[._-]){_OCTET}(?P=dot){_OCTET}(?P=dot){_OCTET}(?!\d)",
        "static.121.130.148.132.clients.your-server.de",
    ),
    _pattern(
        "padded_address",
        "an IPv4 address stands in the name, its four numbers filled up to three digits",
        rf"(?<!\d){_PADDED}{{4}}(?!\d)",
        "p132148130121.example.net",
    ),
    _pattern(
        "hex_address",
        "the first label may be an IPv4 address in hexadecimal",
        r"^(?:ip|x|h)?(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8}\.",
        "8494a279.dip.example.net",
    ),
    _pattern(
        "ipv6_address",
        "an IPv6 address stands in the name",
        r"(?<![0-9a-f])2[0-9a-f]{3}(?P<dot>[.-])(?:[0-9a-f]{1,4}(?P=dot)){2,6}[0-9a-f]{1,4}(?![0-9a-f])",
        "2a01-4f8-10a-b3f--2.example.net",
    ),
    _pattern(
        "network",
        "three numbers of an IPv4 address stand in the name",
        rf"(?:^|[._-])ip-?{_OCTET}-{_OCTET}-{_OCTET}(?:[._-]|$)",
        "ns31.ip-51-254-1.eu",
    ),
    _words("static", "a line with an address of its own", r"static\d*|statip|fixed-?ip",
           "mail.static.example.net"),
    _words("dynamic", "a line whose address changes",
           r"dynamic|dyn(?:ip)?\d*|dhcp\d*|pool\d*|dial-?up|ppp(?:oe)?\d*", "h7.dyn.example.net"),
    _words("access", "a line of an access provider",
           r"(?:[axvs]|hd)?dsl\d*|cable\d*|catv|docsis|cpe\d*|ftt[bhx]\d*|g?pon\d*|broadband",
           "customer.ftth.example.net"),
    _words("vps", "a virtual server by its usual abbreviation", r"v[pd]s(?:\d\w*)?",
           "vps797297.ovh.net"),
    _words("virtual_machine", "a numbered virtual machine",
           r"(?:vmi?|kvm|vz|ve|vserver|v?server|srv|cloud|node|instance|droplet)-?\d{3,}",
           "vmi123456.example.net"),
    _words("instance", "an instance of a cloud by its region or number",
           r"ec2|compute(?:-\d)?|li\d+-\d+|[a-z]{2,}-(?:cloud|instance)-\d+",
           "li123-45.members.example.net"),
    _words("dedicated", "a numbered dedicated server",
           r"dedi(?:cated)?-?\d*|ded\d+|(?:ns|ks|sd|h|s|u)-?\d{5,}", "h2345678.stratoserver.net"),
    _words("customer", "a numbered customer", r"(?:cust|customer|client|user|host|unit)-?\d{2,}",
           "cust-4711.example.net"),
    _words("placeholder", "a name that nobody has set",
           r"hosted-?by|unassigned|unused|reverse|rdns|no-?(?:ptr|rdns|reverse)|undefined|not-set",
           "hosted-by.example.net"),
)  # fmt: skip
"""In order of how much they say; the first that fits counts: addresses, then words."""

_ADDRESSES = tuple(pattern for pattern in PATTERNS if pattern.whole)
_WORDS = tuple(pattern for pattern in PATTERNS if not pattern.whole)

_SUSPECT = "|".join((
    r"ip-?\d|(?:\d{1,3}[._-]){3}\d|\d{12}|[0-9a-f]{8}\.|2[0-9a-f]{3}(?:[.-][0-9a-f]{1,4}){3}",
    *(pattern.expression.pattern for pattern in _WORDS),
))  # fmt: skip
"""What fits a pattern fits this, in words of RE2, which looks neither ahead nor back."""
