"""Legitimate domains through the nights: settled once, then moved, dropped and joined by new ones.

Rates are a day's and estimates. What happens to a domain on a day depends on its name alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scripts.world.given import Given, Parts, operators
from scripts.world.hosting import web_slots
from scripts.world.model import CertificateSpec, DnsFault, MailServer, Record, Truth
from scripts.world.naming import Names, a_labels
from scripts.world.nights.lots import lot, lots

_LEAVES, _MAIL, _ZONE, _SITE = 0.0010, 0.0006, 0.0014, 0.0050
_JOINS = 0.0015
"""New domains, for each that there was at the beginning."""
OLD = -400
"""The day given for all that were there at the beginning."""


class Settler(NamedTuple):
    """A domain that is there."""

    name: str
    """As typed."""
    registered: int
    truth: Truth
    records: list[Record]
    faults: dict[str, DnsFault]


class Settlers:
    """All of them, day after day."""

    def __init__(self, seed: int, given: Given, count: int) -> None:
        """Settle the first ones, on day 0."""
        self._seed = seed
        self._given = given
        self._count = count
        self._names = Names(lots(seed, "names"), set(operators()))
        self._day = 0
        self._epochs: dict[str, int] = {}
        self.there: dict[str, Settler] = {}
        """By domain, the oldest first."""
        self.records: list[Record] = []
        """Those that belong to no one of them, servers and certificates likewise."""
        self.servers: list[MailServer] = []
        self.certificates: dict[str, CertificateSpec] = {}
        for _ in range(count):
            self._join(OLD)

    def advance(self, day: int) -> None:
        """Go on to a later day."""
        while self._day < day:
            self._day += 1
            for domain in list(self.there):
                self._live(domain)
            for _ in range(self._joining()):
                self._join(self._day)

    def keep(self, parts: Parts, domain: str = "") -> list[Record]:
        """Keep what is not the domain's own; its own records."""
        self.servers += parts.servers
        self.certificates |= parts.certificates
        own: list[Record] = []
        for record in parts.records:
            mine = record.name == domain or record.name.endswith(f".{domain}")
            (own if domain and mine else self.records).append(record)
        return own

    def _joining(self) -> int:
        whole, part = divmod(self._count * _JOINS, 1)
        return int(whole) + (lot(self._seed, "joins", self._day) < part)

    def _join(self, day: int) -> None:
        name = self._names.domain()
        self._settle(name, day, 0)

    def _live(self, domain: str) -> None:
        """One day of a domain."""
        chance = lot(self._seed, domain, "day", self._day)
        for rate, event in (
            (_LEAVES, self._leave),
            (_MAIL, self._move),
            (_ZONE, self._move_zone),
            (_SITE, self._move_site),
        ):
            if chance < rate:
                event(domain)
                return
            chance -= rate

    def _leave(self, domain: str) -> None:
        del self.there[domain]

    def _move(self, domain: str) -> None:
        """To another mail provider, and everything with it."""
        settler = self.there[domain]
        self._settle(settler.name, settler.registered, self._epoch(domain))

    def _move_zone(self, domain: str) -> None:
        settler = self.there[domain]
        if any(record.type == "SOA" for record in settler.records):
            epoch = self._epoch(domain)
            self._given.builder.begin(domain)
            self._given.apex.zone(domain, settler.truth.operator_id, None, epoch)
            self._replace(settler, domain, ("NS", "SOA"))

    def _move_site(self, domain: str) -> None:
        """Only where no mail server is at the same address."""
        settler = self.there[domain]
        site = {r.data for r in settler.records if (r.name, r.type) == (domain, "A")}
        if site and site <= self._given.apex.addresses:
            epoch = self._epoch(domain)
            host = self._given.apex.host(domain, epoch)
            self._given.apex.site(domain, host or web_slots()[-1], epoch)
            self._replace(settler, domain, ("A", "AAAA"))

    def _replace(self, settler: Settler, domain: str, kinds: tuple[str, ...]) -> None:
        """Put what the builder has got in the place of records of the apex."""
        kept = [r for r in settler.records if r.name != domain or r.type not in kinds]
        new = self.keep(self._given.taken(), domain)
        self.there[domain] = settler._replace(records=kept + new)

    def _settle(self, name: str, day: int, epoch: int) -> None:
        (one,) = self._given.settle([name], epoch)
        domain = a_labels(name)
        own = self.keep(one.parts, domain)
        self.there[domain] = Settler(name, day, one.truth, own, one.parts.faults)

    def _epoch(self, domain: str) -> int:
        self._epochs[domain] = self._epochs.get(domain, 0) + 1
        return self._epochs[domain]

    def __iter__(self) -> Iterator[Settler]:
        return iter(self.there.values())
