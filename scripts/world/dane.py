"""TLSA records of a world's mail hosts, matching and not, and which zones are signed (RFC 7672).

    tlsa_of(world, seed) -> Tlsa: records, signed names, and the truth by host

A host has them only if all its addresses show certificates, or none offers TLS, so that what is to
be found is certain. Zones are signed by chance, whatever they hold.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256, sha512
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scripts.world.ca import Authority
from scripts.world.model import (
    Behaviour,
    CertificateState,
    DaneTruth,
    MailServer,
    Record,
    World,
)

_PUBLISHED, _SIGNED = 0.4, 0.5
_NO_TLS = (Behaviour.NO_STARTTLS,)


@dataclass(frozen=True)
class Tlsa:
    """What was published."""

    records: tuple[Record, ...]
    signed: frozenset[str]
    truth: dict[str, DaneTruth]
    """By host, of those that have records."""
    faults: dict[str, tuple[str, ...]]
    """Findings by host."""

    def of_hosts(self, domain: str, hosts: Sequence[str]) -> tuple[str, bool | None]:
        """What the hosts of a domain come to, and whether all of it is signed."""
        found = [self.truth[host] for host in set(hosts) if host in self.truth]
        if not found:
            return "absent", None
        words = {each.dane for each in found}
        secure = self.covers(domain) and all(each.secure for each in found)
        if words == {"matched"} and len(found) == len(set(hosts)):
            return "matched", secure
        if words & {"matched", "partly"}:
            return "partly", secure
        order = ("mismatched", "no_tls", "unusable")
        return next(word for word in order if word in words), secure

    def findings(self, hosts: Sequence[str]) -> Iterator[str]:
        """policy:finding, each once."""
        found = {fault for host in set(hosts) for fault in self.faults.get(host, ())}
        return (f"dane:{fault}" for fault in found)

    def covers(self, name: str) -> bool:
        """Whether a name is signed."""
        return any(name == each or name.endswith("." + each) for each in self.signed)


def tlsa_of(world: World, seed: int) -> Tlsa:
    """Records for some of the hosts."""
    authority = Authority(world.certificates)
    servers = {server.address: server for server in world.servers}
    states = {spec.id: (spec.state, spec.names) for spec in world.certificates}
    records: list[Record] = []
    signed: set[str] = set()
    truth: dict[str, DaneTruth] = {}
    faults: dict[str, tuple[str, ...]] = {}
    for host, addresses in hosts_of(world).items():
        random = Random(f"{seed} dane {host}")
        secure = random.random() < _SIGNED
        if secure:
            signed.add(host)
        found = [servers[address] for address in addresses if address in servers]
        kinds = list(_kinds(host, found, states)) if len(found) == len(addresses) else []
        if not kinds or random.random() >= _PUBLISHED:
            continue
        verdict, fault, data = _made(random.choice(kinds), found, authority)
        records += (Record(f"_25._tcp.{host}", "TLSA", each) for each in data)
        truth[host] = DaneTruth(host, verdict, secure)
        faults[host] = fault
    signed |= {name for _, name in world.seeds if Random(f"{seed} dane {name}").random() < _SIGNED}
    # A host of a signed domain is signed with it.
    whole = Tlsa((), frozenset(signed), {}, {})
    truth = {host: row._replace(secure=whole.covers(host)) for host, row in truth.items()}
    return Tlsa(tuple(records), whole.signed, truth, faults)


def hosts_of(world: World) -> dict[str, list[str]]:
    """Addresses by mail host that has any of its own, in the order of the records."""
    exchanges = {r.data.split()[1] for r in world.records if r.type == "MX"}
    faulty = set(world.faults)
    found: dict[str, list[str]] = defaultdict(list)
    for record in world.records:
        if record.name in exchanges and record.type in ("A", "AAAA") and record.name not in faulty:
            found[record.name].append(record.data)
    return found


def _kinds(
    host: str,
    servers: Sequence[MailServer],
    states: dict[str, tuple[CertificateState, tuple[str, ...]]],
) -> Iterator[str]:
    """What records such a host may have."""
    if all(server.behaviour in _NO_TLS for server in servers):
        yield "no_tls"
    if all(s.behaviour is Behaviour.NORMAL and s.certificate for s in servers):
        yield from ("key", "key", "whole", "stranger", "web", "broken")
        shown = [states[s.certificate] for s in servers if s.certificate]
        wild = "*." + host.partition(".")[2]
        if all(
            state is CertificateState.TRUSTED and {host, wild} & set(names)
            for state, names in shown
        ):
            yield "authority"
        if len({s.certificate for s in servers}) > 1:
            yield "half"


def _made(  # noqa: PLR0911  (one a kind)
    kind: str, servers: Sequence[MailServer], authority: Authority
) -> tuple[str, tuple[str, ...], list[str]]:
    """Verdict, findings and data of the records of a kind."""
    chains = [authority.chain(s.certificate) for s in servers if s.certificate]
    other = "00" * 32
    match kind:
        case "key":
            return "matched", (), [f"3 1 1 {sha256(_key(chains[0][0])).hexdigest()}"]
        case "whole":
            wholes = {f"3 0 2 {sha512(_der(chain[0])).hexdigest()}" for chain in chains}
            return "matched", (), sorted({*wholes, f"3 1 1 {other}"})
        case "half":
            shown = {_der(chain[0]) for chain in chains}
            first = sha256(_der(chains[0][0])).hexdigest()
            one = len(shown) == 1
            return ("matched", (), []) if one else ("partly", ("no_match",), [f"3 0 1 {first}"])
        case "authority":
            return "matched", (), [f"2 0 1 {sha256(_der(chains[0][-1])).hexdigest()}"]
        case "stranger":
            return "mismatched", ("no_match",), [f"3 1 1 {other}"]
        case "web":
            digest = sha256(_key(chains[0][0])).hexdigest()
            return "unusable", ("pkix_usage",), [f"1 1 1 {digest}"]
        case "broken":
            return "unusable", ("bad_length", "unknown_parameter"), ["3 1 1 abcd", f"3 7 1 {other}"]
        case _:
            return "no_tls", ("no_tls",), [f"3 1 1 {other}"]


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _key(certificate: x509.Certificate) -> bytes:
    form = PublicFormat.SubjectPublicKeyInfo
    return certificate.public_key().public_bytes(Encoding.DER, form)
