"""Legitimate domains with as many records as a snowshoe campaign: they must not be listed.

newsletter  sends for itself from networks of its own, with a long SPF record
hoster      a domain whose site is on hundreds of servers, all shared
university  many exchanges, name servers and a long SPF record that has grown for decades
cdn         other addresses every night, with a short TTL, in many networks
"""

from collections.abc import Iterable, Sequence
from random import Random
from typing import NamedTuple

from scripts.world.apex import Apex
from scripts.world.hosting import NameService, name_services
from scripts.world.market import NETWORKS, Market, truth_of_customer, truth_of_own
from scripts.world.model import MailServer, Truth
from scripts.world.nights.lots import lots
from scripts.world.nights.pools import hosters, rent, scatter
from scripts.world.providers import System, catalogue

KINDS = ("newsletter", "hoster", "university", "cdn")
_GROWTH = 30
"""Days after which a newsletter sender has rented another network."""


class Lookalike(NamedTuple):
    """One of them."""

    domain: str
    kind: str
    registered: int
    """Day."""


class Lookalikes:
    """Publishes them."""

    def __init__(self, seed: int, market: Market, apex: Apex) -> None:
        self._seed = seed
        self._market = market
        self._builder = market.builder
        self._apex = apex
        self._blocks: dict[str, list[str]] = {}
        self._serving: set[str] = set()

    def publish(self, one: Lookalike, day: int) -> Truth:
        """The records of one on a day; who runs its mail."""
        publish = {
            "newsletter": self._newsletter,
            "hoster": self._hoster,
            "university": self._university,
            "cdn": self._cdn,
        }
        return publish[one.kind](one, day)

    def _newsletter(self, one: Lookalike, day: int) -> Truth:
        random = lots(self._seed, one.domain)
        count = random.randint(4, 30)
        systems = random.sample(hosters(), 4)
        grown = count + (day - one.registered) // _GROWTH if day > 0 else count
        blocks = self._rented(one.domain, random, systems, grown)
        terms = [f"ip4:{block}.0/24" for block in blocks]
        if random.random() < 0.5:
            terms.append(f"include:{random.choice(catalogue().senders).include}")
        self._records(one.domain, "TXT", [f"v=spf1 {' '.join(terms)} ~all"], 3600)
        self._records(one.domain, "A", scatter(random, blocks[:2], random.randint(1, 4)), 300)
        self._exchanges(one.domain, scatter(random, blocks[:4], random.randint(2, 8)))
        self._zone(one.domain, random, ("route53", "cloudflare", "ultradns", "akamai"))
        return truth_of_own(one.domain, one.kind)

    def _hoster(self, one: Lookalike, day: int) -> Truth:
        del day
        random = lots(self._seed, one.domain)
        # All sites of a hoster are on the same servers.
        blocks = self._rented("hoster", random, hosters()[:9], 12)
        site = lots(self._seed, "hoster site", random.randrange(3))
        addresses = scatter(site, blocks, site.randint(60, 300))
        self._records(one.domain, "A", addresses, 600)
        self._exchanges(one.domain, addresses[: random.randint(1, 3)])
        self._records(one.domain, "TXT", ["v=spf1 a mx ~all"], 3600)
        self._zone(one.domain, random, ("hostgator", "bluehost"))
        return truth_of_own(one.domain, one.kind)

    def _university(self, one: Lookalike, day: int) -> Truth:
        del day
        random = lots(self._seed, one.domain)
        blocks = self._rented(one.domain, random, [random.choice(NETWORKS)], random.randint(3, 16))
        self._records(one.domain, "A", scatter(random, blocks, random.randint(1, 4)), 3600)
        self._exchanges(one.domain, scatter(random, blocks, random.randint(4, 14)))
        hosts = [f"ip4:{address}" for address in scatter(random, blocks, random.randint(5, 25))]
        includes = [f"include:{s.include}" for s in random.sample(catalogue().senders, 2)]
        terms = ["mx", *(f"ip4:{block}.0/24" for block in blocks), *hosts, *includes]
        self._records(one.domain, "TXT", [f"v=spf1 {' '.join(terms)} ~all"], 86400)
        names = tuple(f"ns{n}.{one.domain}" for n in range(1, random.randint(3, 8) + 1))
        soa = f"{{ns}} hostmaster.{one.domain} 10800 3600 2419200 86400"
        system = random.choice(NETWORKS)
        own = NameService(one.domain, 0, system, names, 1, soa, 86400, private=True)
        self._apex.zone_at(one.domain, own, 0)
        return truth_of_own(one.domain, one.kind)

    def _cdn(self, one: Lookalike, day: int) -> Truth:
        random = lots(self._seed, one.domain)
        blocks = self._rented("cdn", lots(self._seed, "cdn"), (*NETWORKS, *hosters()[:9]), 60)
        tonight = scatter(lots(self._seed, one.domain, day), blocks, random.randint(6, 16))
        self._records(one.domain, "A", tonight, random.choice((20, 60, 300)))
        google = self._market.deployment("google")
        self._records(one.domain, "MX", google.exchanges({}), 3600)
        self._records(one.domain, "TXT", [f"v=spf1 {google.policy({})} ~all"], 3600)
        self._zone(one.domain, random, ("akamai", "ultradns", "route53"))
        return truth_of_customer(one.domain, google.provider, one.kind)

    def _exchanges(self, domain: str, addresses: list[str]) -> None:
        """A mail server answers at the first."""
        for number, address in enumerate(addresses, 1):
            host = f"mx{number}.{domain}"
            self._builder.record(domain, "MX", f"{10 * (1 + number // 4)} {host}", 3600)
            self._builder.record(host, "A", address, 3600)
        if addresses[0] not in self._serving:
            self._serving.add(addresses[0])
            host = f"mx1.{domain}"
            self._builder.serve(MailServer(addresses[0], f"{host} ESMTP Postfix", host), host)

    def _records(self, domain: str, kind: str, data: Iterable[str], ttl: int) -> None:
        for item in data:
            self._builder.record(domain, kind, item, ttl)

    def _zone(self, domain: str, random: Random, services: tuple[str, ...]) -> None:
        service = name_services()[random.choice(services)]
        self._apex.zone_at(domain, service, random.randrange(service.sets))

    def _rented(
        self, owner: str, random: Random, systems: Sequence[System], count: int
    ) -> list[str]:
        """The networks of an owner, more if it has less than that many."""
        blocks = self._blocks.setdefault(owner, [])
        blocks += rent(self._builder, random, systems, count - len(blocks))
        return blocks[:]
