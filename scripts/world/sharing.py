"""Servers of a hoster that share one certificate with the names of all customers on them."""

from scripts.world.builder import Builder
from scripts.world.model import MailServer
from scripts.world.providers import System

HOSTER = "clusterhost-web.net"
_SYSTEM = System(20773, "Host Europe GmbH", "DE")
_PER_SERVER = 12
"""Customers on one server, as many as its certificate names."""


class SharedServers:
    """The hoster; certificates are known only once all customers are."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._servers: list[tuple[str, list[str]]] = []

    def join(self, host: str) -> str:
        """Take a customer's host name in; the address of its server."""
        if not self._servers or len(self._servers[-1][1]) == _PER_SERVER:
            self._servers.append((self._builder.address(_SYSTEM), []))
        address, hosts = self._servers[-1]
        hosts.append(host)
        return address

    def close(self) -> None:
        """Put the servers up, each with the one certificate of all its customers."""
        for number, (address, hosts) in enumerate(self._servers, 1):
            name = f"c{number:03}.{HOSTER}"
            certificate = self._builder.certify((name, *hosts))
            banner = f"{name} ESMTP Exim 4.96 Mon, 02 Nov 2026 11:20:30 +0100"
            server = MailServer(address, banner, name, certificate=certificate)
            self._builder.serve(server, name)
