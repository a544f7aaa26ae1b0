"""A world in the making: records, servers and certificates come together here."""

from ipaddress import ip_address
from random import Random

from pipeline.keys import KeySet, key_hash
from scripts.world.model import (
    CertificateSpec,
    CertificateState,
    DnsFault,
    MailServer,
    Network,
    Record,
)
from scripts.world.providers import System
from scripts.world.space import Space

PROBE = "probe.mailcensus.example"
"""The name a crawler of the world is to say in EHLO; it is 127.0.0.1, both ways."""


class Builder:
    """Collects the parts; whoever adds a name or a certificate twice gets it once."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.shared_random = self.random
        """For what many domains share; where domains must not depend on each other, another."""
        self.records: list[Record] = []
        self.faults: dict[str, DnsFault] = {}
        self.servers: list[MailServer] = []
        self.certificates: dict[str, CertificateSpec] = {}
        self._space = Space()
        self._published = KeySet()
        self._domain = ""
        self._below: set[tuple[str, str]] = set()
        self.record(PROBE, "A", "127.0.0.1")
        self.pointer("127.0.0.1", PROBE)

    @property
    def networks(self) -> list[Network]:
        """The blocks of addresses in use."""
        return self._space.networks

    def record(self, name: str, kind: str, data: str, ttl: int = 300) -> None:
        """Add a record, unseen: for names that belong to one domain."""
        self.records.append(Record(name, kind, data, ttl))

    def begin(self, domain: str) -> None:
        """What is published at or below the domain from now on is its own, not shared by many.

        So it is published anew each time that the domain is begun.
        """
        self._domain, self._below = domain, set()

    def publish(self, name: str, kind: str, *data: str) -> None:
        """Add the record set of a name that many domains may refer to, once."""
        if not self.has(name, kind):
            if self._own(name):
                self._below.add((name, kind))
            else:
                self._published.add(key_hash(f"{name} {kind}"))
            for item in data:
                self.record(name, kind, item, 3600)

    def has(self, name: str, kind: str) -> bool:
        """Whether the record set has been published."""
        if self._own(name):
            return (name, kind) in self._below
        return key_hash(f"{name} {kind}") in self._published

    def _own(self, name: str) -> bool:
        domain = self._domain
        return (
            bool(domain)
            and name.endswith(domain)
            and (len(name) == len(domain) or name[-len(domain) - 1] == ".")
        )

    def address(self, system: System) -> str:
        """A fresh address of the AS."""
        return self._space.take(system)

    def address_six(self, system: System) -> str:
        """A fresh IPv6 address of the AS, where nothing listens."""
        return self._space.take_six(system)

    def block(self, system: System) -> list[str]:
        """The host addresses of a fresh /24 of the AS."""
        return self._space.block(system)

    def pointer(self, address: str, host: str) -> None:
        """Add the PTR record of an address."""
        self.record(ip_address(address).reverse_pointer, "PTR", host, 3600)

    def certify(
        self, names: tuple[str, ...], state: CertificateState = CertificateState.TRUSTED
    ) -> str:
        """Have a certificate for the names; its id."""
        key = f"{state}:{','.join(names)}"
        self.certificates.setdefault(key, CertificateSpec(key, names, state))
        return key

    def serve(self, server: MailServer, host: str = "") -> str:
        """Put a mail server up, its address named after the host; the address."""
        self.servers.append(server)
        if host:
            self.pointer(server.address, host)
        return server.address
