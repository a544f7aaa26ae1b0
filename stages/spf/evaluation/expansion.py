"""Macro expansion (RFC 7208 section 7.3): a macro-string and values in, text out."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

from stages.spf.macro import Macro, MacroString

Address = IPv4Address | IPv6Address

_UNUSUAL = re.compile(rb"[^!-\[\]-~]")
_LONGEST_NAME = 253  # characters of a name that fits into 255 bytes on the wire


def expand(string: MacroString, values: Mapping[str, str]) -> str:
    """The text that a macro-string stands for; ``values`` by letter, lower-case."""
    return "".join(
        _expanded(part, values[part.letter])
        if isinstance(part, Macro)
        else part
        if isinstance(part, str)
        else part.value
        for part in string.parts
    )


def expand_name(string: MacroString, values: Mapping[str, str]) -> str:
    """The domain name it stands for, as `stages.dns.name` writes names.

    Cut from the left, label by label, until it fits (section 7.3).
    """
    name = expand(string, values).lower().removesuffix(".")
    while len(name) > _LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return _UNUSUAL.sub(_escaped, name.encode()).decode("ascii")


def _escaped(match: re.Match[bytes]) -> bytes:
    byte = match[0]
    return b"\\\\" if byte == b"\\" else b"\\%03d" % byte[0]


def _expanded(macro: Macro, value: str) -> str:
    parts = re.split(f"[{re.escape(macro.delimiters)}]", value)
    if macro.reverse:
        parts.reverse()
    if macro.digits is not None:
        parts = parts[-macro.digits :]
    text = ".".join(parts)
    return quote(text, safe="-._~") if macro.escape else text


def dotted(address: Address) -> str:
    """The i macro: an IPv4 address as usual, an IPv6 address as 32 nibbles with dots between."""
    if isinstance(address, IPv4Address):
        return str(address)
    return ".".join(address.packed.hex().upper())


def family(address: Address) -> str:
    """The v macro: the label that reverse names of the address's family end in before arpa."""
    return "in-addr" if isinstance(address, IPv4Address) else "ip6"
