"""The address tables of a finished run: the same for its SPF networks as for its addresses."""

import shutil
from io import StringIO
from ipaddress import ip_address
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console

from pipeline.atlas import run_atlas
from pipeline.record import Record
from pipeline.warehouse import Warehouse
from stages.enrich.atlas import Atlas
from stages.enrich.layer import numbers
from tests.pipeline.conftest import Census

COLUMNS = ("asn", "country", "cloud_provider", "cloud_region", "cloud_service", "reserved")


def opened(census: Census, **elsewhere: Path | None) -> tuple[Atlas, str]:
    """The atlas, and what was said."""
    record = Record.load(Warehouse.at(str(census.warehouse)).existing(census.run))
    assert record is not None
    said = StringIO()
    atlas = run_atlas(record, elsewhere, Console(file=said, width=200))
    return atlas, said.getvalue()


def test_networks_are_looked_up_as_addresses_were(census: Census) -> None:
    atlas, said = opened(census)
    assert not said
    folder = census.warehouse / "addresses" / f"run={census.run}"
    rows = pq.read_table(folder, partitioning=None).to_pylist()
    origins = atlas.origins.to_pylist()
    for row in rows:
        at = numbers(row["version"], [int(ip_address(row["address"]))])
        found = origins[atlas.layers[row["version"]].at(at)[0]]
        assert [found[c] for c in COLUMNS] == [row[c] for c in COLUMNS], row["address"]
    assert sum(row["asn"] is not None for row in rows) > 50


def test_a_file_that_moved_is_found_where_the_settings_say(census: Census, tmp_path: Path) -> None:
    record = Record.load(Warehouse.at(str(census.warehouse)).existing(census.run))
    assert record is not None
    (source,) = (str(table["source"]) for table in record.tables if table["name"] == "asn")
    moved = tmp_path / "moved.dat"
    shutil.copy(source, moved)
    atlas, said = opened(census, asn=moved)
    assert not said
    assert atlas.origins["asn"].null_count < atlas.origins.num_rows


def test_another_file_is_not_taken_in_its_place(census: Census, tmp_path: Path) -> None:
    other = tmp_path / "other.dat"
    other.write_text("10.0.0.0/8\t64500\n")
    _, said = opened(census, asn=other)
    assert said.startswith("SPF without AS numbers: ")
    assert "is not the file that the run used" in said


def test_what_is_gone_is_told(census: Census, tmp_path: Path) -> None:
    atlas, said = opened(census, owner=tmp_path / "gone.mmdb")
    assert "SPF without AS names and countries" in said
    assert set(atlas.origins["country"].to_pylist()) == {None}
