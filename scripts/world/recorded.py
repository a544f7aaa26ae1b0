"""A world of real domains as they were recorded: mail-dns/recorded.jsonl.gz and its includes.

MX and SPF stand exactly as recorded, preferences 10, 20, … in the order of the recording. Each
MX host that had an address (mx_asns) gets one of its own in a block of its AS and a server that
greets with the host's name (of an alias: its target's); a host whose domains had no AS has no
address, as it was. Autodiscover, DKIM aliases and tokens stand as recorded; what the aliases lead
to was not recorded, so nothing is there. `tenant` is not of the DNS: Microsoft's log-in page tells
it. What the DNS cannot hold, or contradicts itself, is left out and listed.

    load(directory) -> Recorded(world, omitted)
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from scripts.world.builder import Builder
from scripts.world.model import MailServer, Record, World
from scripts.world.names import BadName, wire
from scripts.world.naming import a_labels
from scripts.world.providers import System
from scripts.world.rdata import BadData, encode

DOMAINS = "recorded.jsonl.gz"
INCLUDES = "spf-includes.jsonl.gz"
_TOKENS = {
    "microsoft": "MS={}",
    "google": "google-site-verification={}",
    "apple": "apple-domain-verification={}",
    "facebook": "facebook-domain-verification={}",
    "atlassian": "atlassian-domain-verification={}",
    "docusign": "docusign={}",
}
"""How the tokens of txt_verifications stand in TXT records."""


class Line(NamedTuple):
    """What is used of a recorded domain."""

    domain: str
    """As recorded, which may be no ASCII."""
    mx: tuple[str, ...]
    """Most preferred first."""
    spf: str | None
    mx_cnames: dict[str, str]
    mx_asns: tuple[int, ...]
    mx_countries: tuple[str, ...]
    autodiscover: dict[str, str]
    dkim: dict[str, str]
    txt_verifications: dict[str, str]

    @property
    def name(self) -> str:
        """The domain as the DNS has it."""
        return a_labels(self.domain)


class Omitted(NamedTuple):
    """A record of the recording that is not in the world."""

    record: Record
    reason: str


class Recorded(NamedTuple):
    """A recorded world and what it lacks."""

    world: World
    """Without truth: nobody knows it."""
    omitted: tuple[Omitted, ...]


def lines(directory: Path) -> list[Line]:
    """The recorded domains, in the order of the file."""
    rows = _rows(directory / DOMAINS)
    return [_line(**{field: row[field] for field in Line._fields}) for row in rows]


def includes(directory: Path) -> dict[str, str]:
    """The recorded SPF record of each include or redirect target, by its name."""
    return {str(row["name"]): str(row["spf"]) for row in _rows(directory / INCLUDES)}


def load(directory: Path) -> Recorded:
    """The whole recording. Raises OSError where a file is missing, ValueError where one is bad."""
    recorded = lines(directory)
    wanted = list(_records(recorded))
    wanted += [Record(name, "TXT", spf) for name, spf in includes(directory).items()]
    records, omitted = _possible(dict.fromkeys(wanted))
    records, clashes = _without_clashes(records)
    builder = Builder(seed=0)
    _add_hosts(builder, recorded, records)
    world = World(
        seeds=tuple((rank, line.domain) for rank, line in enumerate(recorded, 1)),
        records=(*records, *builder.records),
        faults={},
        servers=tuple(builder.servers),
        certificates=(),
        networks=tuple(builder.networks),
        truth=(),
    )
    return Recorded(world, (*omitted, *clashes))


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for text in file:
            yield json.loads(text)


def _line(**fields: object) -> Line:
    """A row of the file: its lists become tuples."""
    frozen = {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
    return Line(**frozen)  # type: ignore[arg-type]


def _records(recorded: Iterable[Line]) -> Iterator[Record]:
    """All that the lines say, possible or not; addresses of hosts apart."""
    for line in recorded:
        name = line.name
        for position, exchange in enumerate(line.mx, 1):
            yield Record(name, "MX", f"{10 * position} {exchange}")
        if line.spf is not None:
            yield Record(name, "TXT", line.spf)
        for service, token in line.txt_verifications.items():
            yield Record(name, "TXT", _TOKENS[service].format(token))
        for owner, target in line.mx_cnames.items():
            yield Record(owner, "CNAME", target)
        for selector, target in line.dkim.items():
            yield Record(f"{selector}._domainkey.{name}", "CNAME", target)
        if alias := line.autodiscover.get("autodiscover_cname"):
            yield Record(f"autodiscover.{name}", "CNAME", alias)
        if (server := line.autodiscover.get("autodiscover_srv")) is not None:
            yield Record(f"_autodiscover._tcp.{name}", "SRV", f"0 0 443 {server or '.'}")


def _possible(records: Iterable[Record]) -> tuple[list[Record], list[Omitted]]:
    """Records that the DNS can hold and that anybody would ask for, and the rest."""
    possible, omitted = [], []
    for record in records:
        reason = _impossible(record)
        if reason is None:
            possible.append(record)
        else:
            omitted.append(Omitted(record, reason))
    return possible, omitted


def _impossible(record: Record) -> str | None:
    if "%{" in record.name:
        return "the name holds an SPF macro: it stands for others and is never asked for"
    try:
        wire(record.name)
        encode(record)
    except (BadName, BadData) as error:
        return str(error)
    if record.type == "CNAME" and wire(record.name) == wire(record.data):
        return "a CNAME to itself"
    return None


def _without_clashes(records: list[Record]) -> tuple[list[Record], list[Omitted]]:
    """A CNAME stands alone (RFC 1034 section 3.6.2): other data and the first CNAME win."""
    has_data = {wire(record.name) for record in records if record.type != "CNAME"}
    aliases: set[bytes] = set()
    kept, omitted = [], []
    for record in records:
        owner = wire(record.name)
        if record.type == "CNAME" and owner in has_data:
            omitted.append(Omitted(record, "a CNAME beside other data"))
        elif record.type == "CNAME" and owner in aliases:
            omitted.append(Omitted(record, "a second CNAME"))
        else:
            kept.append(record)
            aliases |= {owner} if record.type == "CNAME" else set()
    return kept, omitted


def _add_hosts(builder: Builder, recorded: list[Line], records: list[Record]) -> None:
    """Addresses and servers of the MX hosts, each in a block of its AS."""
    aliases = {record.name: record.data for record in records if record.type == "CNAME"}
    for host, system in _systems(recorded).items():
        end = _end(host, aliases)
        if end is None or builder.has(end, "A"):
            continue
        address = builder.address(system)
        builder.publish(end, "A", address)
        builder.serve(MailServer(address, f"{end} ESMTP", end), end)


def _end(host: str, aliases: dict[str, str]) -> str | None:
    """Where the aliases of a host lead; None: nowhere."""
    for _ in range(len(aliases) + 1):
        if host not in aliases:
            return host
        host = aliases[host]
    return None


def _systems(recorded: list[Line]) -> dict[str, System]:
    """The AS of each MX host.

    A domain tells the ASes of its hosts all together. Hosts of domains with one AS are certain
    (the most frequent counts); other hosts get, in turn, those ASes that their domain has left.
    """
    votes: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for line in recorded:
        if len(line.mx_asns) == 1:
            for host in line.mx:
                votes[host][line.mx_asns[0]] += 1
    known = {host: count.most_common(1)[0][0] for host, count in votes.items()}
    for line in recorded:
        unknown = [host for host in line.mx if host not in known]
        left = [asn for asn in line.mx_asns if asn not in {known.get(host) for host in line.mx}]
        for position, host in enumerate(unknown if line.mx_asns else ()):
            asns = left or line.mx_asns
            known[host] = asns[position % len(asns)]
    countries = _countries(recorded)
    return {host: System(asn, f"AS{asn}", countries.get(asn, "ZZ")) for host, asn in known.items()}


def _countries(recorded: list[Line]) -> dict[int, str]:
    """The country of each AS that is known to lie in one."""
    return {
        line.mx_asns[0]: line.mx_countries[0]
        for line in recorded
        if len(line.mx_asns) == len(line.mx_countries) == 1
    }
