"""The records of campaigns' domains: shared by siblings, spread over networks, with noise.

Siblings share name servers, the addresses' /24s and the SPF text; every few days other addresses
of the pool are in use. Some leave a part of it out, so that no two facts always go together.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from scripts.world.apex import Apex
from scripts.world.builder import Builder
from scripts.world.hosting import NameService, name_services
from scripts.world.model import MailServer
from scripts.world.nights.campaigns import Campaign, Member, Style
from scripts.world.nights.lots import lots
from scripts.world.nights.pools import hosters, rent, scatter
from scripts.world.providers import Sender, catalogue

_NOISE = 0.12
"""Domains of a campaign that differ from it in a part."""
_CHEAP = ("namecheap", "regru", "dnspod", "hostinger", "godaddy", "cloudflare")
_MANY = {Style.ADDRESSES: (12, 48), Style.EXCHANGES: (8, 36), Style.POLICY: (20, 120),
         Style.SERVERS: (6, 13)}  # fmt: skip
_USUAL = {Style.ADDRESSES: 2, Style.EXCHANGES: 2, Style.POLICY: 4, Style.SERVERS: 2}
_SMALL = {Style.ADDRESSES: 4, Style.EXCHANGES: 4, Style.POLICY: 7, Style.SERVERS: 4}


class Gear(NamedTuple):
    """What a campaign sends with."""

    blocks: list[str]
    """/24s, by their first three bytes."""
    service: NameService
    number: int
    """Of its set of name servers."""
    sender: Sender | None
    """Whose SPF record is included, to pass for its customer."""
    counts: dict[Style, int]
    """How many of each thing its domains have."""
    ttl: int
    rotation: int
    """Days between other addresses."""
    qualifier: str


class Snowshoes:
    """Gears campaigns up when they are first met, and publishes their domains."""

    def __init__(self, seed: int, builder: Builder, apex: Apex) -> None:
        self._seed = seed
        self._builder = builder
        self._apex = apex
        self._gears: dict[str, Gear] = {}
        self._hosters = hosters()

    def publish(self, campaign: Campaign, member: Member, day: int) -> bool:
        """The records of a domain on a day; whether a mail server answers at its first exchange."""
        gear = self._gear(campaign)
        random = lots(self._seed, member.domain, day // gear.rotation)
        plain = lots(self._seed, member.domain)
        for address in self._some(random, gear, plain, Style.ADDRESSES):
            self._builder.record(member.domain, "A", address, gear.ttl)
        live = self._exchanges(random, plain, gear, member.domain)
        for text in self._texts(campaign, gear, plain, day):
            self._builder.record(member.domain, "TXT", text, gear.ttl)
        self._apex.zone_at(member.domain, gear.service, gear.number)
        return live

    def _exchanges(self, random: Random, plain: Random, gear: Gear, domain: str) -> bool:
        addresses = self._some(random, gear, plain, Style.EXCHANGES)
        flat = plain.random() < 0.5
        live = False
        for number, address in enumerate(addresses, 1):
            host = f"mx{number}.{domain}"
            self._builder.record(domain, "MX", f"{10 if flat else 10 * number} {host}", gear.ttl)
            self._builder.record(host, "A", address, gear.ttl)
            live = live or (address.endswith(".2") and (flat or number == 1))
        return live

    def _texts(self, campaign: Campaign, gear: Gear, plain: Random, day: int) -> Iterator[str]:
        """The SPF text of all siblings, for most, and what a newsletter sender has beside it."""
        shared = lots(self._seed, campaign.name, "spf", day // (4 * gear.rotation))
        addresses = scatter(shared, gear.blocks, gear.counts[Style.POLICY])
        if plain.random() < _NOISE:
            addresses = addresses[: max(1, len(addresses) - plain.randrange(1, 4))]
        whole = shared.random() < 0.3
        networks = dict.fromkeys(f"{address.rpartition('.')[0]}.0/24" for address in addresses)
        terms = [f"ip4:{network}" for network in (networks if whole else addresses)]
        if gear.sender:
            terms.append(f"include:{gear.sender.include}")
            yield f"google-site-verification={plain.getrandbits(128):032x}"
        yield " ".join(("v=spf1", "a", "mx", *terms, gear.qualifier))

    def _some(self, random: Random, gear: Gear, plain: Random, style: Style) -> list[str]:
        count = gear.counts[style] + (plain.choice((-1, 1)) if plain.random() < _NOISE else 0)
        return scatter(random, gear.blocks, max(1, count))

    def _gear(self, campaign: Campaign) -> Gear:
        if campaign.name not in self._gears:
            self._gears[campaign.name] = self._geared(campaign)
        return self._gears[campaign.name]

    def _geared(self, campaign: Campaign) -> Gear:
        random = lots(self._seed, campaign.name)
        counts = _counts(campaign, random)
        most = max(counts.values())
        blocks = rent(self._builder, random, self._hosters, min(40, 2 + most // 2))
        for block in blocks[::2]:
            # The first machine of a network is the one that also takes bounces.
            host = f"mail.{campaign.name}-{block.replace('.', '-')}-net.com"
            self._builder.serve(MailServer(f"{block}.2", f"{host} ESMTP Postfix", host), host)
        sender = None
        if campaign.style is Style.NEWSLETTER:
            sender = random.choice([s for s in catalogue().senders if s.txt])
            for name, text in sender.txt.items():
                self._builder.publish(name, "TXT", text)
        service, number = _zone_service(campaign, counts, random)
        return Gear(
            blocks,
            service,
            number,
            sender,
            counts,
            ttl=random.choice((60, 120, 300, 600, 3600)),
            rotation=random.randrange(2, 8),
            qualifier=random.choice(("-all", "~all", "~all", "+all")),
        )


def _counts(campaign: Campaign, random: Random) -> dict[Style, int]:
    """Many of what the style is about, as many as usual of the rest."""
    if campaign.style is Style.SMALL:
        return {style: random.randint(1, most) for style, most in _SMALL.items()}
    counts = {style: random.randint(1, usual) for style, usual in _USUAL.items()}
    if campaign.style is Style.NEWSLETTER:
        return counts | {Style.POLICY: random.randint(4, 16)}
    least, most = _MANY[campaign.style]
    many = round(random.randint(least, most) * campaign.size)
    return counts | {campaign.style: max(least // 2, many)}


def _zone_service(
    campaign: Campaign, counts: dict[Style, int], random: Random
) -> tuple[NameService, int]:
    """Name servers of the campaign's own, or those of a cheap registrar."""
    if campaign.style is not Style.SERVERS and random.random() < 0.5:
        service = name_services()[random.choice(_CHEAP)]
        return service, random.randrange(service.sets)
    owner = f"{campaign.name}-dns.net"
    refresh, minimum = random.choice((3600, 7200, 10800)), random.choice((60, 300, 3600, 86400))
    own = NameService(
        name=owner,
        weight=0,
        system=random.choice(hosters()),
        ns=tuple(f"ns{n}.{owner}" for n in range(1, max(2, counts[Style.SERVERS]) + 1)),
        sets=1,
        soa=f"{{ns}} admin.{owner} {refresh} 1800 604800 {minimum}",
        ttl=random.choice((300, 600, 3600, 86400)),
        private=True,
    )
    return own, 0
