"""What may stand behind the name of an SPF term (RFC 7208 sections 5, 6 and 12).

Text in, `Argument` out; text that does not fit raises `TermError` with the class of the error.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network
from socket import AF_INET, AF_INET6, inet_pton
from typing import NamedTuple

from schemas.spf import SpfError
from stages.spf.macro import EXPLANATION_LETTERS, MacroError, MacroString, parse

_SOCKET_FAMILY = {32: AF_INET, 128: AF_INET6}
_PREFIX = re.compile(r"0|[1-9][0-9]{0,2}")
_DUAL_PREFIX = re.compile(r"(?:/([^/]*))?(?://([^/]*))?\Z")


class TermError(ValueError):
    """Text that does not fit the term; becomes an SpfFault."""

    def __init__(self, error: SpfError) -> None:
        super().__init__(error)
        self.error = error


class Argument(NamedTuple):
    """What the part of a term behind its name was read into."""

    target: MacroString | None = None
    network: IPv4Network | IPv6Network | None = None
    prefix4: int | None = None
    prefix6: int | None = None


def macro_string(text: str) -> MacroString:
    """A macro-string as a record may hold it (section 7.2)."""
    try:
        target = parse(text)
    except MacroError:
        raise TermError(SpfError.BAD_MACRO) from None
    if any(macro.letter in EXPLANATION_LETTERS for macro in target.macros):
        raise TermError(SpfError.BAD_MACRO)
    return target


def domain_spec(text: str) -> MacroString:
    """A macro-string that ends as a domain-spec must (section 7.1)."""
    if not text:
        raise TermError(SpfError.MISSING_DOMAIN_SPEC)
    target = macro_string(text)
    if not target.is_domain_spec:
        raise TermError(SpfError.BAD_DOMAIN_SPEC)
    return target


def _nothing(argument: str) -> Argument:
    if argument:
        raise TermError(SpfError.UNEXPECTED_ARGUMENT)
    return Argument()


def _domain(argument: str) -> Argument:
    """``":" domain-spec``, for include and exists."""
    return Argument(domain_spec(argument[1:] if argument.startswith(":") else ""))


def _optional_domain(argument: str) -> Argument:
    """``[ ":" domain-spec ]``, for ptr."""
    if argument.startswith("/"):
        raise TermError(SpfError.UNEXPECTED_ARGUMENT)
    return _domain(argument) if argument else Argument()


def _optional_domain_and_prefixes(argument: str) -> Argument:
    """``[ ":" domain-spec ] [ dual-cidr-length ]``, for a and mx.

    A domain-spec may hold a "/", but not behind its last dot or macro.
    """
    end = max(0, *map(argument.rfind, ".}%")) if argument.startswith(":") else 0
    slash = argument.find("/", end)
    domain, prefixes = (argument, "") if slash < 0 else (argument[:slash], argument[slash:])
    target = _optional_domain(domain).target
    dual = _DUAL_PREFIX.match(prefixes)
    if dual is None:
        raise TermError(SpfError.BAD_PREFIX_LENGTH)
    prefix4, prefix6 = dual[1], dual[2]
    return Argument(
        target,
        prefix4=None if prefix4 is None else _prefix(prefix4, 32),
        prefix6=None if prefix6 is None else _prefix(prefix6, 128),
    )


def _ip4(argument: str) -> Argument:
    return _network(argument, IPv4Network, 32, SpfError.BAD_IP4)


def _ip6(argument: str) -> Argument:
    return _network(argument, IPv6Network, 128, SpfError.BAD_IP6)


def _network(
    argument: str,
    family: type[IPv4Network] | type[IPv6Network],
    longest: int,
    error: SpfError,
) -> Argument:
    """``":" network [ cidr-length ]``; no scope ("%eth0"), no leading zeros."""
    address, slash, length = argument.partition("/")
    if not address.startswith(":"):
        raise TermError(error)
    try:
        packed = inet_pton(_SOCKET_FAMILY[longest], address[1:])
    except (OSError, ValueError):  # ValueError: a NUL in it
        raise TermError(error) from None
    prefix = _prefix(length, longest) if slash else longest
    return Argument(network=family((packed, prefix), strict=False))


def _prefix(text: str, longest: int) -> int:
    if not _PREFIX.fullmatch(text) or int(text) > longest:
        raise TermError(SpfError.BAD_PREFIX_LENGTH)
    return int(text)


MECHANISMS: dict[str, Callable[[str], Argument]] = {
    "all": _nothing,
    "include": _domain,
    "a": _optional_domain_and_prefixes,
    "mx": _optional_domain_and_prefixes,
    "ptr": _optional_domain,
    "ip4": _ip4,
    "ip6": _ip6,
    "exists": _domain,
}
