"""The tables of a world, read back by the libraries that read the real ones."""

import csv
from pathlib import Path

import maxminddb
import pyasn
import pytest

from scripts.world.model import Network
from scripts.world.tables import write_tables
from stages.enrich.cloud import Cloud, CloudTable
from stages.enrich.tables import AsnTable, Origin, Owner, OwnerTable

NETWORKS = (
    Network("127.1.4.0/24", 64501, "Inner Ltd", "DE", cloud="aws"),
    Network("127.1.0.0/16", 64500, "Outer, Inc.", "US"),
    Network("127.1.5.0/24", 64500, "Outer, Inc.", "US", cloud="gcp"),
    Network("127.2.0.0/24", 4200000000, "Größe AG", "AT"),
    Network("::1/128", 64502, "Six Networks", "FR"),
)
ORIGINS = [
    ("127.1.0.1", 64500, "127.1.0.0/16"),
    ("127.1.4.255", 64501, "127.1.4.0/24"),
    ("127.1.5.0", 64500, "127.1.5.0/24"),
    ("127.2.0.9", 4200000000, "127.2.0.0/24"),
    ("::1", 64502, "::1/128"),
    ("127.3.0.1", None, None),
    ("::2", None, None),
]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write_tables(NETWORKS, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("address", "asn", "prefix"), ORIGINS)
def test_pyasn_finds_the_narrowest_network(
    directory: Path, address: str, asn: int | None, prefix: str | None
) -> None:
    assert pyasn.pyasn(str(directory / "ipasn.dat")).lookup(address) == (asn, prefix)


@pytest.mark.parametrize(("address", "prefix"), [(address, p) for address, _, p in ORIGINS])
def test_maxminddb_finds_the_owner_of_the_narrowest_network(
    directory: Path, address: str, prefix: str | None
) -> None:
    owners = {
        network.prefix: {
            "asn": f"AS{network.asn}",
            "as_name": network.as_name,
            "country_code": network.country,
        }
        for network in NETWORKS
    }
    with maxminddb.open_database(str(directory / "owners.mmdb")) as reader:
        assert reader.get(address) == (owners[prefix] if prefix else None)


def test_clouds_are_the_rented_networks_only(directory: Path) -> None:
    with (directory / "clouds.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["prefix", "provider", "region", "service"],
            ["127.1.4.0/24", "aws", "de-1", "compute"],
            ["127.1.5.0/24", "gcp", "us-1", "compute"],
        ]


def test_without_rented_networks_there_is_no_table_of_clouds(directory: Path) -> None:
    write_tables(NETWORKS[1:2], directory)
    assert sorted(path.name for path in directory.iterdir()) == ["ipasn.dat", "owners.mmdb"]


def test_the_product_opens_every_table(directory: Path) -> None:
    asn = AsnTable.open(directory / "ipasn.dat")
    assert asn["127.1.4.1"] == Origin(64501, "127.1.4.0/24")
    assert asn.provenance.date == "2026-11-01"
    owners = OwnerTable.open(directory / "owners.mmdb")
    assert owners["127.2.0.1"] == Owner(4200000000, "Größe AG", "AT")
    clouds = CloudTable.open(directory / "clouds.csv")
    assert clouds["127.1.5.1"] == Cloud("gcp", "us-1", "compute")


def test_the_same_networks_give_the_same_bytes(directory: Path) -> None:
    with maxminddb.open_database(str(directory / "owners.mmdb")) as reader:
        assert reader.metadata().build_epoch == 1793491200  # not the clock's
    first = {path.name: path.read_bytes() for path in directory.iterdir()}
    write_tables(NETWORKS, directory)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == first


def test_a_prefix_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        write_tables([Network("127.1.0/33", 1, "", "")], tmp_path)
