"""The recorded domains, whole: what the world holds is what was recorded."""

from collections import defaultdict
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from scripts.world.lookup import Zone, text
from scripts.world.names import wire
from scripts.world.rdata import text_bytes, type_code
from scripts.world.recorded import Line, Recorded, includes, lines, load

DATA = Path(__file__).parents[4] / "shared" / "data" / "mail-dns"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/mail-dns is not here")


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return load(DATA)


@pytest.fixture(scope="module")
def zone(recorded: Recorded) -> Zone:
    return Zone(recorded.world.records)


@pytest.fixture(scope="module")
def rows() -> list[Line]:
    return lines(DATA)


def test_every_domain_is_a_seed_as_recorded(recorded: Recorded, rows: list[Line]) -> None:
    assert len(rows) == 20_141
    assert [name for _, name in recorded.world.seeds] == [row.domain for row in rows]
    assert "albuñuelas.es" in {row.domain for row in rows}


def test_every_mx_set_is_as_recorded(zone: Zone, rows: list[Line]) -> None:
    for row in rows:
        entries = zone.find(wire(row.name), type_code("MX")).answers
        found = sorted((int.from_bytes(e.data[:2], "big"), e.data[2:]) for e in entries)
        assert found == [(10 * n, wire(mx)) for n, mx in enumerate(row.mx, 1)], row.domain


def test_every_spf_record_is_as_recorded(zone: Zone, rows: list[Line]) -> None:
    wanted = {row.name: row.spf for row in rows if row.spf is not None}
    wanted |= {name: spf for name, spf in includes(DATA).items() if "%{" not in name}
    for name, spf in wanted.items():
        assert text_bytes(spf) in _texts(zone, name), name
    assert len(wanted) > 22_000


def test_a_domain_without_spf_has_none(zone: Zone, rows: list[Line]) -> None:
    targets = includes(DATA)
    for row in rows:
        if row.spf is None and row.name not in targets:
            assert not [t for t in _texts(zone, row.name) if t.lower().startswith(b"v=spf1")]


def test_what_is_left_out_is_listed_with_its_reason(recorded: Recorded) -> None:
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for record, reason in recorded.omitted:
        reasons[reason].append(record.name)
    assert reasons.pop("a CNAME to itself") == ["mail.bormujos.es", "mail2.bormujos.es"]
    ((reason, names),) = reasons.items()
    assert "macro" in reason
    assert sorted(names) == sorted(name for name in includes(DATA) if "%{" in name)


def test_hosts_lie_in_blocks_of_their_as(recorded: Recorded, zone: Zone, rows: list[Line]) -> None:
    systems = {ip_network(n.prefix): n.asn for n in recorded.world.networks}
    certain = [row for row in rows if len(row.mx_asns) == 1 and len(row.mx) == 1]
    right = 0
    for row in certain:
        (address,) = _addresses(zone, row.mx[0])
        right += systems[ip_network(f"{address}/24", strict=False)] == row.mx_asns[0]
    # A few hosts were seen in another AS by another domain's recording.
    assert right / len(certain) > 0.999


def test_every_host_with_an_as_has_a_server_that_bears_its_name(
    recorded: Recorded, zone: Zone, rows: list[Line]
) -> None:
    names = {server.address: server.ehlo for server in recorded.world.servers}
    assert len(names) == len(recorded.world.servers) > 11_000
    for row in rows:
        for host in row.mx if row.mx_asns else ():
            (address,) = _addresses(zone, host)
            assert wire(names[address]) == zone.find(wire(host), type_code("A")).names[-1]


def test_aliases_of_exchanges_are_as_recorded(zone: Zone, rows: list[Line]) -> None:
    aliases = {owner: target for row in rows for owner, target in row.mx_cnames.items()}
    for owner, target in aliases.items():
        entries = zone.find(wire(owner), type_code("CNAME")).answers
        assert [text(e.data) for e in entries] == ([] if owner == target else [target])
    assert len(aliases) > 100


def test_signals_of_the_mailboxes_are_as_recorded(zone: Zone, rows: list[Line]) -> None:
    aliases = services = tokens = 0
    for row in rows:
        wanted = {f"{each}._domainkey.{row.name}": target for each, target in row.dkim.items()}
        if target := row.autodiscover.get("autodiscover_cname"):
            wanted[f"autodiscover.{row.name}"] = target
        for name, target in wanted.items():
            assert zone.find(wire(name), type_code("A")).names[1] == wire(target), name
        target = row.autodiscover.get("autodiscover_srv")
        if target is not None:  # one is empty: the root, which means that there is no service
            entries = zone.find(wire(f"_autodiscover._tcp.{row.name}"), type_code("SRV")).answers
            assert [entry.data[6:] for entry in entries] == [wire(target or ".")], row.domain
            services += 1
        found = _texts(zone, row.name) if row.txt_verifications else []
        for token in row.txt_verifications.values():
            assert any(each.endswith(token.encode()) for each in found), row.domain
        aliases, tokens = aliases + len(wanted), tokens + len(row.txt_verifications)
    assert (aliases, services, tokens) == (12_339, 3387, 10_254)


def _texts(zone: Zone, name: str) -> list[bytes]:
    texts = []
    for entry in zone.find(wire(name), type_code("TXT")).answers:
        data, parts = entry.data, []
        while data:
            parts.append(data[1 : 1 + data[0]])
            data = data[1 + data[0] :]
        texts.append(b"".join(parts))
    return texts


def _addresses(zone: Zone, host: str) -> list[str]:
    code = type_code("A")
    return [str(ip_address(e.data)) for e in zone.find(wire(host), code).answers if e.type == code]
