"""The atlas and the search tree: what they say is what the tables say of single addresses."""

import random
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from schemas.provenance import TableError
from stages.enrich.atlas import ORIGINS, Atlas
from stages.enrich.cloud import CloudTable
from stages.enrich.layer import NONE, numbers
from stages.enrich.search_tree import leaves
from stages.enrich.stage import EnrichStage
from stages.enrich.tables import AsnTable, OwnerTable

ASN = "10.0.0.0/8\t64500\n10.1.0.0/16\t64501\n10.1.2.0/24\t64500\n2001:db8::/32\t4200000000\n"
CLOUDS = """\
prefix,provider,region,service
10.1.0.0/20,aws,GLOBAL,AMAZON
10.1.2.0/25,aws,eu-west-1,EC2
2001:db8:1::/48,gcp,,
192.0.2.0/24,azure,westeurope,
"""
OWNERS = [
    (["10.0.0.0/9", "2001:db8::/33"], {"asn": "AS64500", "as_name": "Ten", "country_code": "NL"}),
    (["10.1.2.128/25", "2001:db8:1::1/128"], {"asn": "AS64501", "country_code": "DE"}),
    (["192.0.2.0/24"], {"asn": "AS64502", "as_name": "Other"}),
]


def owners(path: Path, version: int = 6) -> OwnerTable:
    writer = MMDBWriter(ip_version=version, ipv4_compatible=version == 6, database_type="test")
    for networks, record in OWNERS:
        kept = [network for network in networks if version == 6 or ":" not in network]
        writer.insert_network(IPSet(kept), record)
    writer.to_db_file(str(path))
    return OwnerTable.open(path)


@pytest.fixture
def tables(tmp_path: Path) -> tuple[AsnTable, OwnerTable, CloudTable]:
    (tmp_path / "ipasn.dat").write_text(ASN)
    (tmp_path / "clouds.csv").write_text(CLOUDS)
    return (
        AsnTable.open(tmp_path / "ipasn.dat"),
        owners(tmp_path / "owners.mmdb"),
        CloudTable.open(tmp_path / "clouds.csv"),
    )


def addresses() -> Iterator[str]:
    """The borders of all networks, what lies beside them, and others."""
    named = [network for networks, _ in OWNERS for network in networks]
    named += [line.split("\t")[0] for line in ASN.splitlines()]
    named += [line.split(",")[0] for line in CLOUDS.splitlines()[1:]]
    pick = random.Random(1)
    for network in map(ip_network, [*named, "0.0.0.0/0", "::/0", "127.0.0.0/8", "2002::/16"]):
        last = (1 << network.max_prefixlen) - 1
        first, size = int(network.network_address), network.num_addresses
        for number in (
            first - 1,
            first,
            first + pick.randrange(size),
            first + size - 1,
            first + size,
        ):
            kind = type(network.network_address)
            yield str(kind(min(max(number, 0), last)))


@pytest.mark.parametrize("left_out", [None, 0, 1, 2])
def test_it_says_what_enrichment_says(
    tables: tuple[AsnTable, OwnerTable, CloudTable], left_out: int | None
) -> None:
    asn, owner, cloud = (None if place == left_out else t for place, t in enumerate(tables))
    atlas = Atlas.of(asn, owner, cloud)  # type: ignore[arg-type] # each is in its place
    assert atlas.origins.schema == ORIGINS
    stage = EnrichStage(asn, owner, cloud, None)  # type: ignore[arg-type]
    rows = atlas.origins.to_pylist()
    seen = set()
    for text in addresses():
        version = 6 if ":" in text else 4
        found = rows[atlas.layers[version].at(numbers(version, [int(ip_address(text))]))[0]]
        row = stage.look_up(text)._asdict()
        # The name of an AS is its own here, wherever its network is said to be.
        names = {name: row[name] for name in ORIGINS.names if name != "as_name"}
        assert {name: found[name] for name in names} == names, text
        seen.add(tuple(found.values()))
    assert len(seen) > 5


def test_an_as_has_the_name_that_the_mmdb_gives_it(
    tables: tuple[AsnTable, OwnerTable, CloudTable],
) -> None:
    rows = Atlas.of(*tables).origins.to_pylist()
    assert {(row["asn"], row["as_name"]) for row in rows} == {
        (None, None), (64500, "Ten"), (64501, None), (4200000000, None),
    }  # fmt: skip


@pytest.mark.parametrize("version", [4, 6])
def test_leaves_lead_where_the_reader_goes(tmp_path: Path, version: int) -> None:
    table = owners(tmp_path / "owners.mmdb", version)
    layers, found = table.layers()
    for text in addresses():
        family = 6 if ":" in text else 4
        code = layers[family].at(numbers(family, [int(ip_address(text))]))[0]
        inside = ip_address(text) in ip_network("2002::/16") or ip_address(text) in ip_network(
            "::/96"
        )
        if not inside:  # there the reader may give the IPv4 space once more
            assert (found[code] if code >= 0 else None) == table[text], text


@given(
    st.binary(max_size=200),
    st.integers(0, 40),
    st.sampled_from([0, 24, 28, 32]),
    st.sampled_from([4, 6]),
)
def test_any_bytes_are_a_tree_or_an_error(raw: bytes, nodes: int, size: int, version: int) -> None:
    try:
        found = leaves(raw, nodes, size, version)
    except TableError:
        return
    assert set(found) <= {4, 6}


def test_a_tree_that_leads_back_is_an_error() -> None:
    with pytest.raises(TableError, match="leads back"):
        leaves(bytes(8), 1, 32, 4)


def encoded(nodes: list[tuple[int, int]], size: int) -> bytes:
    """A tree in records of a size (the format's section "Node Layout")."""
    if size == 28:
        return b"".join(
            (left & 0xFFFFFF).to_bytes(3, "big")
            + bytes([(left >> 24) << 4 | right >> 24])
            + (right & 0xFFFFFF).to_bytes(3, "big")
            for left, right in nodes
        )
    return b"".join(each.to_bytes(size // 8, "big") for pair in nodes for each in pair)


@pytest.mark.parametrize("size", [24, 28, 32])
def test_records_of_every_size(size: int) -> None:
    far = {24: 0xABCDEF, 28: 0xABCDEF0, 32: 0xABCDEF01}[size]
    found = leaves(encoded([(1, far), (2, 100)], size), 2, size, 4)[4]
    assert found.starts.tolist() == [0, 1 << 30, 1 << 31]
    assert found.records.tolist() == [NONE, 100, far]
