"""The domains of a world: what kinds there are, how common they are, and a world made of them.

Shares are drawn from two mixtures, of popular domains and of the long tail; a domain's rank
says how likely the first is (rank 1: certain; last rank: impossible).
"""

from bisect import bisect
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from scripts.world import customers, gateways
from scripts.world.apex import Apex
from scripts.world.builder import Builder
from scripts.world.customers import plain
from scripts.world.hosting import web_slots
from scripts.world.keepers import OWN
from scripts.world.landmarks import landmarks
from scripts.world.market import Maker, Market, Settled
from scripts.world.misfits import MISFITS
from scripts.world.model import Truth, World
from scripts.world.naming import Names, a_labels
from scripts.world.policies import Policies
from scripts.world.providers import Provider, catalogue
from scripts.world.published import with_policies
from scripts.world.selfhosts import EXTRA, SELF_HOSTS

_POPULAR_SAMPLE = 93_677
_TAIL_SAMPLE = 580_000
_WITH_ADDRESS = 0.6
_ENOUGH = 4
"""Domains per kind from which on every kind is sure to occur."""


class Kind(NamedTuple):
    """A kind of domain."""

    name: str
    """As in Truth.archetype."""
    popular: float
    """Percent of popular domains."""
    tail: float
    """Percent of the long tail."""
    settle: Maker


_CUSTOMERS = (
    Kind("regional", 12.0, 12.0, customers.small_provider),
    Kind("renting", 0.9, 1.0, customers.renting_provider),
    Kind("vanity_mx", 4.0, 3.0, customers.vanity),
    Kind("shared_certificate", 0.8, 1.5, customers.shared_certificate),
    Kind("split_mx", 0.3, 0.2, customers.split),
    Kind("backup_mx", 0.8, 0.4, customers.backup),
    Kind("dead_primary", 0.3, 0.3, customers.dead_primary),
    Kind("moved", 1.0, 0.8, customers.moved),
    Kind("marketing_dkim", 0.8, 0.5, customers.marketing),
    Kind("forwarded", 1.3, 1.1, gateways.forwarded),
    *(
        Kind(name, popular, tail, gateways.gatewayed(name, *story))
        for name, popular, tail, *story in (
            ("gateway_own", 1.2, 1.0, "clear", OWN),
            ("gateway_zoho", 0.5, 0.5, "clear", "zoho"),
            ("gateway_stale", 1.0, 0.9, "stale"),
            ("gateway_dns_host", 0.9, 0.8, "dns_host", "microsoft", "google", "zoho"),
            ("gateway_backup_mx", 0.9, 0.8, "backup_mx"),
            ("gateway_marketing", 0.6, 0.6, "marketing"),
            ("gateway_silent", 0.9, 0.8, "none"),
            ("gateway_wildcard", 0.4, 0.4, "wildcard"),
        )
    ),
)


def kinds() -> tuple[Kind, ...]:
    """All kinds of domains, providers' customers first."""
    return (
        *(_kind_of(provider) for provider in catalogue().providers),
        *_CUSTOMERS,
        *(Kind(host.kind, host.popular, host.tail, host.settle) for host in SELF_HOSTS),
        *(Kind(*row) for row in (*EXTRA, *MISFITS)),
    )


def make(domains: int, seed: int) -> World:
    """A world of that many domains, the landmarks among them whatever the number.

    Equal numbers and seeds give equal worlds; every kind occurs if there are enough domains.
    """
    builder = Builder(seed)
    market = Market(builder, domains)
    policies = Policies(market)
    apex = Apex(market)
    truth = list(landmarks(market))
    seeds = [row.domain for row in truth]
    for row in truth:
        apex.zone(row.domain, row.operator_id, None)
    names = Names(builder.random, set(seeds))
    for kind in _draw(market, max(0, domains - len(seeds))):
        seed_name = names.domain()
        seeds.append(seed_name)
        truth.append(settle(market, policies, apex, kind.settle, a_labels(seed_name)))
    market.shared.close()
    world = World(
        seeds=tuple(enumerate(seeds, 1)),
        records=tuple(builder.records),
        faults=builder.faults,
        servers=tuple(builder.servers),
        certificates=tuple(builder.certificates.values()),
        networks=tuple(builder.networks),
        truth=tuple(truth),
    )
    return with_policies(world, seed)


def settle(  # noqa: PLR0913 - the parts of a world, and what to do with them
    market: Market,
    policies: Policies,
    apex: Apex,
    maker: Maker,
    domain: str,
    *,
    zone: bool = True,
) -> Truth:
    """Arrange a domain's mail, publish what it says about it, its site and its zone."""
    market.builder.begin(domain)
    settled = maker(market, domain)
    if settled.spf is not None:
        policies.publish(domain, settled.spf, settled.signals, sends=settled.sends)
        host = None
        if not settled.apex:
            known = market.random.random() < _WITH_ADDRESS
            host = market.random.choice(web_slots()) if known else apex.host(domain)
        if host:
            apex.site(domain, host)
        if zone:
            apex.zone(domain, settled.truth.operator_id, host)
    return settled.truth


def _draw(market: Market, count: int) -> list[Kind]:
    """The kinds of count domains, by rank."""
    mixture, random = Mixture(), market.random
    drawn = [
        mixture.draw(tail=random.random() < rank / count, lot=random.random())
        for rank in range(count)
    ]
    known = mixture.kinds
    if count >= _ENOUGH * len(known):
        for kind, place in zip(known, random.sample(range(count), len(known)), strict=True):
            drawn[place] = kind
    return drawn


class Mixture:
    """All kinds and how common they are."""

    def __init__(self) -> None:
        self.kinds = kinds()
        self._popular = list(accumulate(kind.popular for kind in self.kinds))
        self._tail = list(accumulate(kind.tail for kind in self.kinds))

    def draw(self, *, tail: bool, lot: float) -> Kind:
        """The kind that a lot in [0, 1) falls on, among popular domains or in the long tail."""
        shares = self._tail if tail else self._popular
        return self.kinds[bisect(shares, lot * shares[-1], hi=len(self.kinds) - 1)]


def _kind_of(provider: Provider) -> Kind:
    return Kind(
        provider.name,
        100 * provider.popular / _POPULAR_SAMPLE,
        100 * provider.tail / _TAIL_SAMPLE,
        partial(_plain, provider.name),
    )


def _plain(name: str, market: Market, domain: str) -> Settled:
    return plain(market, domain, market.deployment(name))
