"""Nights as files and as a command: read back, imported by the product, served."""

import datetime as dt
import subprocess
import sys
from itertools import chain
from pathlib import Path

import dns.message
import dns.query
import pyarrow.parquet as pq
import pytest

from scripts.world.nights.files import Parameters, folder, write_nights
from scripts.world.nights.listfiles import FORMATS, write_lists
from scripts.world.nights.model import Entry, Origin
from scripts.world.nights.timeline import nights
from stages.labels.entry import Entry as Said
from stages.labels.parse import form_of, parse
from tests.servers.world import night

REPOSITORY = Path(__file__).parents[4]
DAY = dt.date(2026, 11, 7)
LISTED = (Entry("dailydeal.xyz", dt.date(2026, 11, 2)), Entry("promo5.top", DAY))
PARAMETERS = Parameters(size=150, seed=4, how_many=2, rate=0.05, apart=3)


@pytest.mark.parametrize("name", FORMATS)
def test_the_product_reads_what_a_list_says(name: str, tmp_path: Path) -> None:
    paths = write_lists({name: LISTED}, DAY, tmp_path)
    with paths[name].open("rb") as file:
        lines = [line.rstrip(b"\n") for line in file]
    said = [one for one in parse(lines, form_of(lines)) if isinstance(one, Said) and one.itself]
    assert {one.name for one in said} == {"dailydeal.xyz", "promo5.top"}
    if name == "archive":
        assert {one.since for one in said} == {entry.listed for entry in LISTED}


def test_written_nights_are_those_of_the_timeline(tmp_path: Path) -> None:
    write_nights(PARAMETERS, tmp_path, dns_port=5300)
    assert Parameters.load(tmp_path) == PARAMETERS
    for one in nights(150, seed=4, count=2, rate=0.05, apart=3):
        place = folder(tmp_path, one.number)
        rows = pq.read_table(place / "origins.parquet").to_pylist()
        assert [Origin(**row | {"listed": tuple(row["listed"])}) for row in rows] == list(
            one.origins
        )
        zones = [place / "world.zone", *(place / "zones").iterdir()]
        lines = chain.from_iterable(zone.read_text().splitlines() for zone in zones)
        assert sum(not line.startswith(";") for line in lines) >= len(set(one.world.records))
        assert {path.stem for path in (place / "lists").iterdir()} == set(FORMATS)


def test_a_night_is_made_again_from_its_parameters() -> None:
    made = list(nights(150, seed=4, count=2, rate=0.05, apart=3))
    assert PARAMETERS.night(2) == made[1]
    with pytest.raises(ValueError, match="1 to 2"):
        PARAMETERS.night(3)


def test_the_command_writes_nights_and_serves_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.world", "nights", str(tmp_path)]
    words = ["--nights", "2", "--size", "60", "--seed", "4", "--rate", "0.1"]
    subprocess.run([*command, *words], check=True, cwd=REPOSITORY, timeout=60)
    rows = pq.read_table(folder(tmp_path, 2) / "origins.parquet").to_pylist()
    spammer = next(row["domain"] for row in rows if row["campaign"])
    with night(tmp_path, 2) as served:
        query = dns.message.make_query(spammer, "SOA")
        answer = dns.query.udp(query, "127.0.0.1", timeout=5, port=served.dns_port)
        assert answer.answer
        assert served.config.exists()
