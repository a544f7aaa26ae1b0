"""The rules of an opt-out list: who is not to be asked or contacted. No IO.

One rule a line; blank lines and what follows a # do not count:

    example.com          the domain and all below it: not asked as seeds, hosts there not probed
    mx:example.net       mail hosts of that name or below it are not probed
    192.0.2.1            the address is not probed
    2001:db8::/32        no address of the network is probed
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from stages.enrich.intervals import AddressNumber, Intervals
from stages.seeds.entry import Rejected
from stages.seeds.name import domain

_EXCHANGE = "mx:"


class OptOutError(ValueError):
    """A line that is no rule; says which and why."""


@dataclass(frozen=True)
class Rules:
    """Rules in force; each look-up gives the rule that applies, as it is written, or None."""

    domains: frozenset[str] = frozenset()
    exchanges: frozenset[str] = frozenset()
    networks: dict[int, Intervals[str]] = field(default_factory=dict)
    """By IP version."""

    def of_domain(self, name: str) -> str | None:
        """For a domain in lower-case A-labels: the rule of itself or the nearest one above."""
        if not self.domains:  # as for most runs, and every seed is asked about
            return None
        return next((above for above in _upwards(name) if above in self.domains), None)

    def of_exchange(self, host: str) -> str | None:
        """For a mail host's name in lower-case A-labels."""
        exchanges = (above for above in _upwards(host) if above in self.exchanges)
        rule = next(exchanges, None)
        return f"{_EXCHANGE}{rule}" if rule else self.of_domain(host)

    def of_address(self, address: str) -> str | None:
        """For an address in text; ValueError for what is none."""
        version, number = AddressNumber.of(address)
        networks = self.networks.get(version)
        return networks[number] if networks else None


def parse(text: str) -> Rules:
    """The rules of a list; OptOutError names the first line that is none."""
    domains, exchanges = set(), set()
    prefixes: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
    for number, line in enumerate(text.splitlines(), start=1):
        rule = line.partition("#")[0].strip()
        try:
            if rule.lower().startswith(_EXCHANGE):
                exchanges.add(domain(rule[len(_EXCHANGE) :].strip(), exact=True))
            elif network := _network(rule):
                first, last = int(network.network_address), int(network.broadcast_address)
                prefixes[network.version].append((first, last, rule))
            elif rule:
                domains.add(domain(rule, exact=True))
        except Rejected as error:
            message = f"line {number}: {rule[:80]!r} is no domain, address or network"
            raise OptOutError(f"{message} ({error.reason})") from error
    networks = {version: Intervals(each) for version, each in prefixes.items() if each}
    return Rules(frozenset(domains), frozenset(exchanges), networks)


def _network(rule: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(rule, strict=False)
    except ValueError:
        return None


def _upwards(name: str) -> Iterator[str]:
    """The name, then each one above it."""
    while name:
        yield name
        name = name.partition(".")[2]
