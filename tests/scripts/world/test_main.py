"""The world as a command: its files, its servers, its end."""

import csv
import gzip
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import dns.message
import dns.query
import pyarrow.parquet as pq

from scripts.world.given import Given
from scripts.world.lookup import APEX
from scripts.world.model import Truth
from scripts.world.population import make
from tests.servers.world import world

REPOSITORY = Path(__file__).parents[3]


def test_a_served_world_answers_and_tells_a_crawler_where(tmp_path: Path) -> None:
    expected = make(120, seed=4)
    with world(tmp_path / "world", domains=120, seed=4) as served:
        settings = tomllib.loads(served.config.read_text())
        query = dns.message.make_query("netflix.com", "MX")
        answer = dns.query.udp(query, "127.0.0.1", timeout=5, port=served.dns_port)
        with socket.create_connection((expected.servers[0].address, served.smtp_port), 5) as peer:
            greeting = peer.recv(512)
    assert "1 aspmx.l.google.com." in answer.answer[0].to_text()
    assert greeting == f"220 {expected.servers[0].banner}\r\n".encode()
    assert settings["scope"] == "loopback"
    assert settings["nameservers"] == [served.nameserver]
    assert settings["smtp_port"] == served.smtp_port
    for table in ("roots", "asn_table", "owner_table", "cloud_table"):
        assert Path(settings[table]).stat().st_size > 0
    assert served.visits()[expected.servers[0].address].connections == 1


def test_seeds_and_truth_are_those_of_the_world(tmp_path: Path) -> None:
    expected = make(150, seed=4)
    _run("zones", tmp_path, "--domains", "150", "--seed", "4")
    with (tmp_path / "seeds.csv").open(encoding="utf-8", newline="") as file:
        assert [(int(rank), name) for rank, name in csv.reader(file)] == list(expected.seeds)
    rows = pq.read_table(tmp_path / "truth.parquet").to_pylist()
    assert [Truth(**row) for row in rows] == list(expected.truth)
    files = [tmp_path / "world.zone", *(tmp_path / "zones").iterdir()]
    lines = [line for file in files for line in file.read_text().splitlines()]
    records = [line for line in lines if not line.startswith(";")]
    assert len(records) == len(expected.records) + len(APEX)
    assert "zonefile" in (tmp_path / "nsd.conf").read_text()


def test_given_names_are_written_with_their_truth_and_zone(tmp_path: Path) -> None:
    names = [f"given-{number}.org" for number in range(300)]
    with gzip.open(tmp_path / "names.txt.gz", "wt") as file:
        file.write("\n".join(names) + "\n\n")
    place = tmp_path / "world"
    _run("zones", place, "--names", tmp_path / "names.txt.gz", "--seed", "4")
    with (place / "seeds.csv").open(encoding="utf-8", newline="") as seeds:
        assert list(csv.reader(seeds)) == [[str(n), name] for n, name in enumerate(names, 1)]
    given = Given(seed=4)
    settled = list(given.settle(names))
    rows = pq.read_table(place / "truth.parquet").to_pylist()
    assert [Truth(**row) for row in rows] == [one.truth for one in settled]
    records = [*(record for one in settled for record in one.records), *given.rest()]
    lines = (place / "world.zone").read_text().splitlines()
    held = [record for record in records if record.type not in {"NS", "SOA"}]
    assert len([line for line in lines if not line.startswith(";")]) == len(held) + len(APEX)
    assert (place / "ipasn.dat").stat().st_size > 0


def _run(*arguments: object) -> None:
    command = [sys.executable, "-m", "scripts.world", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=REPOSITORY, timeout=60)
