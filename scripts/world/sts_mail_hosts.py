"""What senders under an MTA-STS policy make of a world's mail hosts (RFC 8461 section 4.2).

shown_by_hosts(world) -> a StsTruth for each mail host and each of its addresses with a server
"""

from collections.abc import Iterator

from scripts.world.dane import hosts_of
from scripts.world.model import Behaviour, CertificateSpec, CertificateState, StsTruth, World

_NO_TLS = (Behaviour.NO_STARTTLS, Behaviour.STARTTLS_REFUSED, Behaviour.BROKEN_TLS)
_TRUSTED = (CertificateState.TRUSTED, CertificateState.NO_INTERMEDIATE)
"""The census has the intermediate of its own."""


def shown_by_hosts(world: World) -> Iterator[StsTruth]:
    """Of servers whose word on TLS is definite."""
    servers = {server.address: server for server in world.servers}
    specs = {spec.id: spec for spec in world.certificates}
    for host, addresses in hosts_of(world).items():
        for address in addresses:
            server = servers.get(address)
            if server is None or server.behaviour not in (Behaviour.NORMAL, *_NO_TLS):
                continue
            if server.certificate is None or server.behaviour in _NO_TLS:
                yield StsTruth(host, address, "no_tls", own=False)
                continue
            spec = specs[server.certificate]
            own = _is_for(spec, host)
            yield StsTruth(host, address, _said(spec, own=own), own=own)


def _is_for(spec: CertificateSpec, host: str) -> bool:
    return bool({host, "*." + host.partition(".")[2]} & set(spec.names))


def _said(spec: CertificateSpec, *, own: bool) -> str:
    if spec.state not in _TRUSTED:
        return str(spec.state)
    return "matches" if own else "other_names"
