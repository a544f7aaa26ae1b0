"""The stage of MTA-STS policy files: a domain in, its row out and the certificates shown. Glue."""

import zlib
from collections.abc import Awaitable, Callable

from certs.trust import TrustStore
from schemas.hosts import Host
from stages.certificates.shown import ShownCertificate
from stages.dns.answer import Resolver
from stages.dns.stage import HostStage
from stages.enrich.special import Scope
from stages.policy.transport import policy_host
from stages.stage import Emit
from stages.sts.fetch import PolicyHost
from stages.sts.fetched import Fetched
from stages.sts.judgement import outcome
from stages.sts.record import row_of

MOST_ADDRESSES = 3
"""Addresses of a host that are tried, one after the other, while none can be connected to."""

Fetch = Callable[[PolicyHost], Awaitable[Fetched]]


class StsStage:
    """Name of a domain whose record says that there is a policy -> PolicyFetch row."""

    def __init__(
        self, resolver: Resolver, fetch: Fetch, trust: TrustStore, scope: Scope, port: int
    ) -> None:
        self._hosts = HostStage(resolver, scope)
        self._fetch = fetch
        self._trust = trust
        self._scope = scope
        self._port = port

    async def __call__(self, item: str, /) -> Emit:
        """Ask where the policy host is, then ask it for the policy."""
        (host,) = (await self._hosts(policy_host(item))).rows
        assert isinstance(host, Host)
        fetches: list[Fetched] = []
        for address in self._addresses(item, host):
            target = PolicyHost(host.host, address, self._port, host.cname_chain)
            fetches.append(await self._fetch(target))
            if not outcome(fetches[-1]).unreached:
                break
        row = row_of(item, host, self._port, tuple(fetches), self._trust)
        return Emit((row,), tuple(_shown(fetches[-1])) if fetches else ())

    def _addresses(self, domain: str, host: Host) -> tuple[str, ...]:
        """A few that may be contacted, IPv4 first.

        A provider's hosts have the same few addresses for all its customers: each domain begins
        with another of them, always the same.
        """
        found: list[str] = []
        for addresses in (host.a, host.aaaa):
            permitted = [each for each in addresses if self._scope.permits(each)]
            turn = zlib.crc32(domain.encode()) % len(permitted) if permitted else 0
            found += permitted[turn:] + permitted[:turn]
        return tuple(found[:MOST_ADDRESSES])


def _shown(fetched: Fetched) -> list[ShownCertificate]:
    chain = fetched.handshake.chain if fetched.handshake else ()
    return [ShownCertificate(der, chain, fetched.fetched) for der in dict.fromkeys(chain)]
