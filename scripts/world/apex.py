"""What stands at a domain's apex beside its mail: addresses of its site, name servers, authority.

Every draw is made from the world's seed and the domain's name alone, so that the rest of a world
is the same with it or without; shared servers get their addresses when first used. An epoch other
than 0 draws anew, as when the domain has moved.
"""

from random import Random

from pipeline.keys import key_hash
from scripts.world.hosting import NameService, WebHost, name_services, web_slots
from scripts.world.market import NETWORKS, Market, own_id

_SITE = 0.75
"""Domains with a site of those of which nothing is known."""
_WITH_OPERATOR, _WITH_SMALL, _OWN = 0.6, 0.5, 0.4
"""Zones at a well-known or small mail provider of the domain, and at a server of its own."""
_OWN_TIMES = (
    "3600 1800 1209600 86400",
    "10800 3600 604800 38400",
    "10800 3600 604800 10800",
    "14400 3600 1209600 86400",
    "10800 3600 604800 3600",
)
"""Refresh, retry, expire, minimum as control panels and tutorials have them."""
_SERIALS = range(2020010100, 2026110100)


class Apex:
    """Publishes sites and zones of one world's domains."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._builder = market.builder
        self.addresses: set[str] = set()
        """Where sites lie."""
        self._servers: dict[str, str] = {}
        self._pools: dict[str, tuple[list[str], list[str]]] = {}
        services = name_services().values()
        self._free_choice = list(services)
        self._weights = [service.weight for service in services]
        self._with = {operator: s for s in services for operator in s.operators}

    def host(self, domain: str, epoch: int = 0) -> WebHost | None:
        """Where the site of a domain is that has not said so."""
        random = self._lots("host", domain, epoch)
        return random.choice(web_slots()) if epoch or random.random() < _SITE else None

    def site(self, domain: str, host: WebHost, epoch: int = 0) -> None:
        """Publish A and AAAA of a site."""
        random = self._lots("site", domain, epoch)
        four, six = self._pool(host)
        ttl = random.choice(host.ttl)
        for address in random.sample(four, random.choice(host.addresses)):
            self._builder.record(domain, "A", address, ttl)
        for address in random.sample(six, host.six):
            self._builder.record(domain, "AAAA", address, ttl)

    def zone(
        self, domain: str, operator_id: str | None, host: WebHost | None, epoch: int = 0
    ) -> None:
        """Publish NS and SOA; who runs the mail or the site often has the zone too."""
        random = self._lots("zone", domain, epoch)
        service = self._service(random, domain, operator_id, host)
        self.zone_at(domain, service, random.randrange(service.sets), random.choice(_SERIALS))

    def zone_at(
        self, domain: str, service: NameService, number: int, serial: int = _SERIALS[0]
    ) -> None:
        """Publish NS and SOA of a zone at a set of a service's servers."""
        for server in service.servers(number):
            self._publish_server(server, service)
            self._builder.record(domain, "NS", server, service.ttl)
        primary, mailbox, *times = service.authority(number).split()
        data = (primary, mailbox, str(serial), *times)
        self._builder.record(domain, "SOA", " ".join(data), int(times[0]))

    def _service(
        self, random: Random, domain: str, operator_id: str | None, host: WebHost | None
    ) -> NameService:
        if host and host.zone:
            return name_services()[host.zone]
        lot = random.random()
        if operator_id in self._with:
            if lot < _WITH_OPERATOR:
                return self._with[operator_id]
        elif operator_id == own_id(domain):
            if lot < _OWN:
                return _private(random, own_id(domain))
        elif operator_id and lot < _WITH_SMALL:
            return _private(Random(key_hash(operator_id)), operator_id)
        return random.choices(self._free_choice, self._weights)[0]

    def _publish_server(self, server: str, service: NameService) -> None:
        if self._builder.has(server, "A"):
            return
        if server not in self._servers:
            self._servers[server] = self._builder.address(service.system)
        self._builder.publish(server, "A", self._servers[server])
        if not service.private:
            self._builder.publish(server, "AAAA", self._builder.address_six(service.system))

    def _pool(self, host: WebHost) -> tuple[list[str], list[str]]:
        if host.name not in self._pools:
            four = [self._builder.address(host.system) for _ in range(host.pool)]
            six = [self._builder.address_six(host.system) for _ in four] if host.six else []
            self._pools[host.name] = four, six
            self.addresses.update(four)
        return self._pools[host.name]

    def _lots(self, part: str, domain: str, epoch: int) -> Random:
        return Random(key_hash(f"{self._builder.seed} {part} {domain} {epoch}"))


def _private(random: Random, owner: str) -> NameService:
    """Two servers under a domain's own name."""
    return NameService(
        name=owner,
        weight=0,
        system=random.choice(NETWORKS),
        ns=(f"ns1.{owner}", f"ns2.{owner}"),
        sets=1,
        soa=f"{{ns}} hostmaster.{owner} {random.choice(_OWN_TIMES)}",
        ttl=random.choice((3600, 14400, 86400)),
        private=True,
    )
