"""A world of names that are given, domain by domain, so that any number of them fits in memory.

    given = Given(seed)
    for settlement in given.settle(names): …   # its truth, its records, its faults
    given.rest()                               # what is known only at the end
    given.networks

What kind of domain a name is depends on the name and the seed alone, not on the other names: a
part of a list is a fair sample of the whole. Addresses depend on who came before. Names are
registered domains; those of the providers themselves are not drawn: they are who they are.
Rank plays no part: half of the names are as popular domains are, half as the long tail.
"""

from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple

from certs.registered import registered_domain
from pipeline.keys import key_hash
from scripts.world.apex import Apex
from scripts.world.builder import Builder
from scripts.world.hosting import name_services
from scripts.world.market import Market, Settled, truth_of_customer, truth_of_none
from scripts.world.model import CertificateSpec, DnsFault, MailServer, Network, Record, Truth
from scripts.world.naming import a_labels
from scripts.world.policies import Policies
from scripts.world.population import Mixture, settle
from scripts.world.providers import catalogue

OPERATOR = "operator"
"""The archetype of domains that providers, senders and name services have themselves."""
_LONG_TAIL_DOMAINS = 240_000
_BITS = 32


class Parts(NamedTuple):
    """What comes into a world with a domain."""

    records: list[Record]
    faults: dict[str, DnsFault]
    servers: list[MailServer]
    certificates: dict[str, CertificateSpec]


class Settlement(NamedTuple):
    """One domain, settled."""

    domain: str
    """As given."""
    truth: Truth
    parts: Parts
    """Its own, and those of providers that it is the first customer of."""

    @property
    def records(self) -> list[Record]:
        """Of the parts."""
        return self.parts.records

    @property
    def faults(self) -> dict[str, DnsFault]:
        """Of the parts."""
        return self.parts.faults


class Given:
    """The domains of a list, one after the other."""

    def __init__(self, seed: int, domains: int = _LONG_TAIL_DOMAINS) -> None:
        """Domains: as many small providers as a world of that many has."""
        self.builder = Builder(seed)
        self.builder.shared_random = Random(seed)
        self.market = Market(self.builder, domains)
        self.apex = Apex(self.market)
        self._policies = Policies(self.market)
        self._mixture = Mixture()
        self._operators = operators()
        self._seed = seed

    @property
    def networks(self) -> list[Network]:
        """The blocks of addresses in use so far."""
        return self.builder.networks

    def settle(self, names: Iterable[str], epoch: int = 0) -> Iterator[Settlement]:
        """Settle names, as typed, each once an epoch; another epoch is another draw.

        Raises idna.IDNAError for what is no name.
        """
        for name in names:
            truth = self._settle(a_labels(name), epoch)
            yield Settlement(name, truth, self.taken())

    def rest(self) -> list[Record]:
        """The records of servers that many share, once all names are settled."""
        return self.shared().records

    def shared(self) -> Parts:
        """Servers that many share, as they are with the names settled so far."""
        self.market.shared.close()
        return self.taken()

    def taken(self) -> Parts:
        """What has come together since the last time."""
        builder = self.builder
        parts = Parts(builder.records, builder.faults, builder.servers, builder.certificates)
        builder.records, builder.faults = [], {}
        builder.servers, builder.certificates = [], {}
        return parts

    def _settle(self, domain: str, epoch: int) -> Truth:
        lot = key_hash(f"{self._seed} {domain}{f' {epoch}' if epoch else ''}")
        self.builder.random.seed(lot)
        if domain in self._operators:
            # No zone: what lies below the domain comes with the first customer.
            return settle(self.market, self._policies, self.apex, _operator, domain, zone=False)
        whose, which = lot >> _BITS, lot & ((1 << _BITS) - 1)
        kind = self._mixture.draw(tail=bool(whose & 1), lot=which / (1 << _BITS))
        return settle(self.market, self._policies, self.apex, kind.settle, domain)


def operators() -> frozenset[str]:
    """The registered domains of all providers and senders, with all names they publish.

    And of name servers: a domain above one of them cannot be missing from the DNS.
    """
    names = [sender.include for sender in catalogue().senders]
    for provider in catalogue().providers:
        names += [provider.id, *provider.txt, *provider.dkim.values()]
        names += [provider.autodiscover or "", provider.autodiscover_srv or ""]
        names += [mx.split()[1] for mx in provider.mx]
    for service in name_services().values():
        names += [host for number in range(service.sets) for host in service.servers(number)]
    # What stands in braces is a customer's and comes first, if not alone.
    plain = [name.rpartition("}")[2].lstrip(".") for name in names]
    return frozenset(filter(None, map(registered_domain, filter(None, plain))))


def _operator(market: Market, domain: str) -> Settled:
    """A provider's mail is where its customers' is; a sender's nobody has looked at."""
    for provider in catalogue().providers:
        if provider.id == domain:
            deployment = market.deployment(provider.name)
            fields = deployment.customer(domain)
            market.builder.publish(domain, "MX", *deployment.exchanges(fields))
            return Settled(truth_of_customer(domain, provider, OPERATOR), deployment.policy(fields))
    return Settled(truth_of_none(domain, OPERATOR), None)
