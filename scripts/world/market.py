"""What a world offers a domain that looks for mail: providers, rented space, dead ends."""

from collections.abc import Callable
from functools import cached_property
from random import Random
from typing import NamedTuple

from certs.registered import registered_domain
from scripts.world.builder import Builder
from scripts.world.deployment import Deployment
from scripts.world.model import Behaviour, MailServer, Truth
from scripts.world.naming import Names
from scripts.world.providers import Provider, Rented, Role, System, catalogue, regional, renting
from scripts.world.sharing import SharedServers
from scripts.world.signals import Signals

NETWORKS = (
    System(3320, "Deutsche Telekom AG", "DE"),
    System(7922, "Comcast Cable Communications, LLC", "US"),
    System(7018, "AT&T Services, Inc.", "US"),
    System(3215, "Orange S.A.", "FR"),
    System(2856, "British Telecommunications PLC", "GB"),
    System(12389, "Rostelecom", "RU"),
    System(4134, "CHINANET-BACKBONE", "CN"),
    System(4713, "NTT Communications Corporation", "JP"),
    System(3269, "Telecom Italia S.p.A.", "IT"),
    System(3301, "Telia Company AB", "SE"),
    System(5617, "Orange Polska", "PL"),
    System(18881, "Telefonica Brasil S.A", "BR"),
    System(1103, "SURF B.V.", "NL"),
    System(9829, "National Internet Backbone", "IN"),
)
"""Where those who run a mail server of their own are connected."""
_WEB = System(13335, "Cloudflare, Inc.", "US")
_REGIONAL_PER_DOMAINS = 60
_REGIONAL_MOST = 4000
_RENTING = 0.25
"""Providers on rented machines, for one on machines of its own."""
_WEB_SERVERS = 32
_BLACK_HOLES = 2
_COUNTRIES = ("DE", "FR", "GB", "NL", "PL", "IT", "ES", "CZ", "SE", "CH", "US", "BR", "JP", "IN")


class Settled(NamedTuple):
    """A domain whose mail is arranged."""

    truth: Truth
    spf: str | None
    """Terms that its operator has it put into its SPF record; None: no TXT records at all."""
    apex: bool = False
    """Whether the domain's own address is settled too."""
    signals: Signals | None = None
    """What it publishes beside MX and SPF, if anything."""
    sends: bool = False
    """Whether it is sure to have an SPF record."""


class Market:
    """The providers of one world, deployed when first used."""

    def __init__(self, builder: Builder, domains: int) -> None:
        """Domains: how many the world will have; the long tail of providers grows with them."""
        self.builder = builder
        self.random: Random = builder.random
        self.shared = SharedServers(builder)
        self._deployments: dict[str, Deployment] = {}
        self._regional = min(3 + domains // _REGIONAL_PER_DOMAINS, _REGIONAL_MOST)
        self._known = {provider.name: provider for provider in catalogue().providers}

    def deployment(self, name: str) -> Deployment:
        """The servers of an archetype, by its name. KeyError if there is none."""
        return self._deploy(name, lambda: self._known[name])

    def small(self) -> Deployment:
        """A provider of the long tail; the first ones are the most popular."""
        number = int(self._regional * self.random.random() ** 2)
        return self._deploy(f"regional-{number}", self._regional_maker(number))

    def renting(self) -> Deployment:
        """A provider that shares a lessor's address space, and the names there, with all others."""
        number = int(self._regional * _RENTING * self.random.random() ** 2)
        name, country = _regional_name(_REGIONAL_MOST + number)
        lessors = catalogue().rented
        return self._deploy(
            f"renting-{number}",
            lambda: renting(number, name, country, lessors[number % len(lessors)]),
        )

    def pick(self, *roles: Role) -> Deployment:
        """An archetype of one of the roles, the popular ones more often."""
        offers = [p for role in roles for p in catalogue().of_role(role)]
        weights = [offer.popular for offer in offers]
        return self.deployment(self.random.choices(offers, weights)[0].name)

    def rented(self) -> Rented:
        """Address space for rent."""
        return self.random.choice(catalogue().rented)

    def system(self) -> System:
        """Some network, to run a server of one's own in."""
        return self.random.choice(NETWORKS)

    @cached_property
    def web(self) -> list[str]:
        """Addresses of web servers, which do not speak SMTP."""
        return [self._mute(Behaviour.DEAD) for _ in range(_WEB_SERVERS)]

    @cached_property
    def black_holes(self) -> list[str]:
        """Addresses that do not even refuse."""
        return [self._mute(Behaviour.UNRESPONSIVE) for _ in range(_BLACK_HOLES)]

    def _mute(self, behaviour: Behaviour) -> str:
        address = self.builder.address(_WEB)
        return self.builder.serve(MailServer(address, "", "", behaviour=behaviour))

    def _deploy(self, key: str, provider: Callable[[], Provider]) -> Deployment:
        if key not in self._deployments:
            self._deployments[key] = Deployment(provider(), self.builder)
        return self._deployments[key]

    def _regional_maker(self, number: int) -> Callable[[], Provider]:
        return lambda: regional(number, *_regional_name(number))


def _regional_name(number: int) -> tuple[str, str]:
    """The registered domain and the country of a small provider."""
    # A generator of its own: names must not depend on the order of first customers.
    name = Names(Random(number), set()).domain().partition(".")[0]
    country = _COUNTRIES[number % len(_COUNTRIES)]
    suffix = "co.uk" if country == "GB" else "com" if country == "US" else country.lower()
    return f"{name.partition('-')[0]}-net{number}.{suffix}", country


Maker = Callable[[Market, str], Settled]
"""Arranges the mail of one domain: a kind of domain."""


def own_id(domain: str) -> str:
    """What stands for a domain that is its own operator."""
    return registered_domain(domain) or domain


def truth_of_own(domain: str, kind: str, *, live: bool = True, trap: str | None = None) -> Truth:
    """A domain that runs its own mail server."""
    own = own_id(domain)
    return Truth(domain, kind, live=live, operator_id=own, mailbox_id=own, trap=trap)


def truth_of_none(domain: str, kind: str, trap: str | None = None) -> Truth:
    """A domain without mail, or whose mail nobody can deliver."""
    return Truth(domain, kind, live=False, trap=trap)


def truth_of_customer(
    domain: str, provider: Provider, kind: str | None = None, trap: str | None = None
) -> Truth:
    """A domain whose mail a provider runs, mailboxes included unless it only passes on."""
    has_mailboxes = provider.role in (Role.MAILBOX, Role.HOSTING)
    return Truth(
        domain,
        kind or provider.name,
        live=True,
        operator_id=provider.id,
        operator_company=provider.company,
        gateway_company=provider.company if provider.role is Role.GATEWAY else None,
        mailbox_company=provider.company if has_mailboxes else None,
        mailbox_id=provider.id if has_mailboxes else None,
        trap=trap or provider.trap,
    )
