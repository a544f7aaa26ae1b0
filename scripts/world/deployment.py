"""A provider as it stands in a world: its servers put up, its records published."""

from scripts.world.builder import Builder
from scripts.world.model import MailServer
from scripts.world.providers import Provider, Role, customer_fields

_PER_NAME = 2
"""Addresses of an exchange that one customer has for itself."""


class Deployment:
    """The servers of one provider, put up when it gets its first customer."""

    def __init__(self, provider: Provider, builder: Builder) -> None:
        self.provider = provider
        self._builder = builder
        self._addresses: list[str] = []

    @property
    def addresses(self) -> list[str]:
        """Of its mail servers."""
        if not self._addresses:
            self._addresses = [self._install(n) for n in range(1, self.provider.servers + 1)]
            if not any("{" in mx for mx in self.provider.mx):
                self._builder.publish(self.provider.id, "MX", *self.provider.mx)
        return self._addresses

    def exchanges(self, fields: dict[str, str]) -> list[str]:
        """MX data of a customer, its exchanges' addresses published."""
        records = [mx.format_map(fields) for mx in self.provider.mx]
        for index, (template, record) in enumerate(zip(self.provider.mx, records, strict=True)):
            host = record.split()[1]
            if template == record:
                addresses = self.addresses[index % len(self.addresses) :: len(records)]
            else:
                addresses = self._some()
            self._builder.publish(host, "A", *addresses)
            if self.provider.ipv6:
                self._builder.publish(host, "AAAA", self.provider.ipv6)
        return records

    def policy(self, fields: dict[str, str]) -> str:
        """SPF terms of a customer, the records they include published."""
        for name, text in self.provider.txt.items():
            # A customer's own names hold braces; shared texts may hold SPF macros, which do too.
            own = "{" in name
            self._builder.publish(name.format_map(fields) if own else name, "TXT", text)
        return self.provider.spf.format_map(fields)

    def autodiscover(self) -> tuple[str | None, str | None]:
        """Targets of a customer's autodiscover CNAME and SRV, which lead somewhere from now on."""
        hosts = self.provider.autodiscover, self.provider.autodiscover_srv
        for host in filter(None, hosts):
            if not self._builder.has(host, "A"):
                self._builder.publish(host, "A", self._builder.address(self.provider.system))
        return hosts

    def customer(self, domain: str) -> dict[str, str]:
        """What the provider's templates are filled with for one customer."""
        return customer_fields(domain, self._builder.random)

    def _some(self) -> list[str]:
        """A server or two; a hosted customer lies on one."""
        hosted = self.provider.role is Role.HOSTING
        count = min(1 if hosted else _PER_NAME, len(self.addresses))
        return self._builder.random.sample(self.addresses, count)

    def _install(self, n: int) -> str:
        provider, builder = self.provider, self._builder
        address = builder.address(provider.system)
        digits = f"{builder.shared_random.getrandbits(32):08x}"
        fields = {"n": n, "hex": digits, "ip": _dashed(address)}
        host = provider.host.format_map(fields)
        fields["host"] = host
        names = tuple(name.format_map(fields) for name in provider.certificate)
        server = MailServer(
            address,
            provider.banner.format_map(fields),
            provider.ehlo.format_map(fields),
            provider.extensions,
            builder.certify(names) if names else None,
        )
        return builder.serve(server, host)


def _dashed(address: str) -> str:
    return address.replace(".", "-")
