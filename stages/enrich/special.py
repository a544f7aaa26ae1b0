"""Addresses that are not ordinary hosts of the Internet, and which ones a run may contact.

The data are the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190),
every row, and besides: multicast, and the IPv6 space that is not global unicast (RFC 4291),
which those registries leave to others. The most specific row names an address.

A range counts as special whether or not the registry calls it globally reachable (AS112, the
anycast addresses, NAT64): nobody's mail server lives there. Addresses that carry an IPv4
address inside (mapped, compatible, NAT64, 6to4, Teredo) are special for the same reason, so
none of them leads around a ban on the address inside.
"""

import enum
from ipaddress import ip_network
from typing import NamedTuple

from stages.enrich.intervals import AddressNumber, Intervals
from stages.enrich.layer import Layers, layers_of


class SpecialRange(NamedTuple):
    """A row of the registries."""

    prefix: str
    name: str
    source: str


RANGES: tuple[SpecialRange, ...] = (
    SpecialRange("0.0.0.0/8", "This network", "RFC 791"),
    SpecialRange("0.0.0.0/32", "This host on this network", "RFC 1122"),
    SpecialRange("10.0.0.0/8", "Private-Use", "RFC 1918"),
    SpecialRange("100.64.0.0/10", "Shared Address Space", "RFC 6598"),
    SpecialRange("127.0.0.0/8", "Loopback", "RFC 1122"),
    SpecialRange("169.254.0.0/16", "Link Local", "RFC 3927"),
    SpecialRange("172.16.0.0/12", "Private-Use", "RFC 1918"),
    SpecialRange("192.0.0.0/24", "IETF Protocol Assignments", "RFC 6890"),
    SpecialRange("192.0.0.0/29", "IPv4 Service Continuity Prefix", "RFC 7335"),
    SpecialRange("192.0.0.8/32", "IPv4 dummy address", "RFC 7600"),
    SpecialRange("192.0.0.9/32", "Port Control Protocol Anycast", "RFC 7723"),
    SpecialRange("192.0.0.10/32", "Traversal Using Relays around NAT Anycast", "RFC 8155"),
    SpecialRange("192.0.0.170/32", "NAT64/DNS64 Discovery", "RFC 8880"),
    SpecialRange("192.0.0.171/32", "NAT64/DNS64 Discovery", "RFC 8880"),
    SpecialRange("192.0.2.0/24", "Documentation (TEST-NET-1)", "RFC 5737"),
    SpecialRange("192.31.196.0/24", "AS112-v4", "RFC 7535"),
    SpecialRange("192.52.193.0/24", "AMT", "RFC 7450"),
    SpecialRange("192.88.99.0/24", "Deprecated (6to4 Relay Anycast)", "RFC 7526"),
    SpecialRange("192.88.99.2/32", "6a44-relay anycast address", "RFC 6751"),
    SpecialRange("192.168.0.0/16", "Private-Use", "RFC 1918"),
    SpecialRange("192.175.48.0/24", "Direct Delegation AS112 Service", "RFC 7534"),
    SpecialRange("198.18.0.0/15", "Benchmarking", "RFC 2544"),
    SpecialRange("198.51.100.0/24", "Documentation (TEST-NET-2)", "RFC 5737"),
    SpecialRange("203.0.113.0/24", "Documentation (TEST-NET-3)", "RFC 5737"),
    SpecialRange("224.0.0.0/4", "Multicast", "RFC 5771"),
    SpecialRange("240.0.0.0/4", "Reserved", "RFC 1112"),
    SpecialRange("255.255.255.255/32", "Limited Broadcast", "RFC 8190"),
    SpecialRange("::/3", "Reserved by IETF", "RFC 4291"),
    SpecialRange("4000::/2", "Reserved by IETF", "RFC 4291"),
    SpecialRange("8000::/1", "Reserved by IETF", "RFC 4291"),
    SpecialRange("::/96", "IPv4-compatible Address", "RFC 4291"),
    SpecialRange("::/128", "Unspecified Address", "RFC 4291"),
    SpecialRange("::1/128", "Loopback Address", "RFC 4291"),
    SpecialRange("::ffff:0:0/96", "IPv4-mapped Address", "RFC 4291"),
    SpecialRange("64:ff9b::/96", "IPv4-IPv6 Translat.", "RFC 6052"),
    SpecialRange("64:ff9b:1::/48", "IPv4-IPv6 Translat.", "RFC 8215"),
    SpecialRange("100::/64", "Discard-Only Address Block", "RFC 6666"),
    SpecialRange("100:0:0:1::/64", "Dummy IPv6 Prefix", "RFC 9780"),
    SpecialRange("2001::/23", "IETF Protocol Assignments", "RFC 2928"),
    SpecialRange("2001::/32", "TEREDO", "RFC 4380"),
    SpecialRange("2001:1::1/128", "Port Control Protocol Anycast", "RFC 7723"),
    SpecialRange("2001:1::2/128", "Traversal Using Relays around NAT Anycast", "RFC 8155"),
    SpecialRange("2001:1::3/128", "DNS-SD Service Registration Protocol Anycast", "RFC 9665"),
    SpecialRange("2001:2::/48", "Benchmarking", "RFC 5180"),
    SpecialRange("2001:3::/32", "AMT", "RFC 7450"),
    SpecialRange("2001:4:112::/48", "AS112-v6", "RFC 7535"),
    SpecialRange("2001:10::/28", "Deprecated (previously ORCHID)", "RFC 4843"),
    SpecialRange("2001:20::/28", "ORCHIDv2", "RFC 7343"),
    SpecialRange("2001:30::/28", "Drone Remote ID Protocol Entity Tags (DETs) Prefix", "RFC 9374"),
    SpecialRange("2001:db8::/32", "Documentation", "RFC 3849"),
    SpecialRange("2002::/16", "6to4", "RFC 3056"),
    SpecialRange("2620:4f:8000::/48", "Direct Delegation AS112 Service", "RFC 7534"),
    SpecialRange("3fff::/20", "Documentation", "RFC 9637"),
    SpecialRange("5f00::/16", "Segment Routing (SRv6) SIDs", "RFC 9602"),
    SpecialRange("fc00::/7", "Unique-Local", "RFC 4193"),
    SpecialRange("fe80::/10", "Link-Local Unicast", "RFC 4291"),
    SpecialRange("fec0::/10", "Deprecated (Site-Local)", "RFC 3879"),
    SpecialRange("ff00::/8", "Multicast", "RFC 4291"),
)


def _index(version: int) -> Intervals[str]:
    networks = ((ip_network(row.prefix), row.name) for row in RANGES)
    return Intervals(
        (int(network.network_address), int(network.broadcast_address), name)
        for network, name in networks
        if network.version == version
    )


_NAMES = {4: _index(4), 6: _index(6)}
_LOOPBACK = {4: range(0x7F000000, 0x80000000), 6: range(1, 2)}


def special_purpose(address: str) -> str | None:
    """The special-purpose range that holds an address, by name; None for an ordinary host.

    ``ValueError`` for a text that is no address.

    >>> special_purpose("10.1.2.3"), special_purpose("8.8.8.8")
    ('Private-Use', None)
    """
    version, number = AddressNumber.of(address)
    return _NAMES[version][number]


def special_layers() -> tuple[Layers, list[str]]:
    """The ranges of all addresses; a code is a place in the list of names."""
    return layers_of(_NAMES)


class Scope(enum.StrEnum):
    """Which addresses a run may contact."""

    PUBLIC = "public"  # ordinary hosts of the Internet: all that is in no special range
    LOOPBACK = "loopback"  # 127.0.0.0/8 and ::1, for tests; nothing else, public hosts included

    def permits(self, address: str) -> bool:
        """Whether the run may contact an address; what is no address is not permitted."""
        try:
            version, number = AddressNumber.of(address)
        except ValueError:
            return False
        if self is Scope.PUBLIC:
            return _NAMES[version][number] is None
        return number in _LOOPBACK[version]
