"""Who keeps the mailboxes of a domain whose MX leads elsewhere: a provider or the domain."""

from functools import cached_property
from typing import Protocol

from scripts.world.deployment import Deployment
from scripts.world.market import Market, own_id
from scripts.world.selfhosts import ORDINARY
from scripts.world.signals import Signals

OWN = ""
"""Stands for the domain itself where providers are named."""
SMALL = "small"
"""Stands for a provider of the long tail."""


class Keeper(Protocol):
    """Where the mailboxes of one domain are, and how it would say so."""

    @property
    def id(self) -> str:
        """Registered domain that stands for it."""
        ...

    @property
    def company(self) -> str | None:
        """None for the domain itself, and for providers that no map names."""
        ...

    def spf(self) -> str:
        """Terms."""
        ...

    def exchange(self) -> str:
        """MX host of its own."""
        ...

    def publish(self, signals: Signals) -> None:
        """Add what tells of it, each with its chance."""
        ...

    def sign(self, signals: Signals) -> None:
        """Add its DKIM records."""
        ...

    def verify(self, signals: Signals) -> bool:
        """Add its token; False if it knows none."""
        ...


def keeper(market: Market, domain: str, name: str) -> Keeper:
    """The archetype of a provider by its name, OWN or SMALL."""
    if name == OWN:
        return _Own(market, domain)
    return Customer(market.small() if name == SMALL else market.deployment(name), domain)


class Customer:
    """A customer's part of a provider."""

    def __init__(self, deployment: Deployment, domain: str) -> None:
        self._deployment = deployment
        self._fields = deployment.customer(domain)
        self.id = deployment.provider.id
        self.company = deployment.provider.company

    def spf(self) -> str:
        """The include that the provider asks for; one that redirects cannot stand beside others."""
        terms = self._deployment.policy(self._fields)
        return terms.replace("redirect=", "include:")

    def exchange(self) -> str:
        """Its first exchange."""
        return self._deployment.exchanges(self._fields)[0].split()[1]

    def publish(self, signals: Signals) -> None:
        """As its customers without a gateway do."""
        signals.of(self._deployment, self._fields)

    def sign(self, signals: Signals, *, keys: bool = True) -> None:
        """With its keys, or with aliases for keys that are gone."""
        signals.sign(self._deployment, self._fields, keys=keys)

    def discover(self, signals: Signals) -> None:
        """By its autodiscover."""
        signals.discover(self._deployment)

    def verify(self, signals: Signals) -> bool:
        """With its token."""
        signals.verify(self._deployment, self._fields)
        return bool(self._deployment.provider.tokens)


class _Own:
    """A mail server of the domain's own, which the MX does not show."""

    company = None

    def __init__(self, market: Market, domain: str) -> None:
        self._market, self._domain = market, domain
        self.id = own_id(domain)

    @cached_property
    def _server(self) -> tuple[str, str]:
        """Its name and address; it is there as soon as anything tells of it."""
        host = f"mail.{self._domain}"
        address = ORDINARY.install(self._market, self._domain, host)
        self._market.builder.record(host, "A", address)
        return host, address

    def spf(self) -> str:
        """By name or by address."""
        host, address = self._server
        return self._market.random.choice((f"a:{host}", f"ip4:{address}"))

    def exchange(self) -> str:
        """The server itself."""
        return self._server[0]

    def publish(self, signals: Signals) -> None:
        """Names and keys of its own."""
        signals.of_own(*self._server)

    def sign(self, signals: Signals) -> None:
        """The same: its keys name nobody."""
        signals.of_own(*self._server)

    def verify(self, signals: Signals) -> bool:
        """Nobody is to be convinced."""
        del signals
        return False
