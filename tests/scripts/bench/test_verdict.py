"""The benchmark's judge: it must see what is wrong with a crawl."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scripts.bench.census import RUN
from scripts.bench.verdict import contents, disagreements
from scripts.world.files import write_truth
from scripts.world.model import Truth
from tests.servers.nsd import Nsd, nsd

ZONE = """
. 60 SOA ns. host. 1 2 3 4 60
. 60 NS ns.
good.test. 60 MX 10 Mail.good.test.
good.test. 60 TXT "v=spf1 -all"
mute.test. 60 MX 0 .
"""
GOOD: dict[str, object] = {
    "domain": "good.test",
    "mail": "mx",
    "mx": [(10, "mail.good.test")],
    "txt": ["v=spf1 -all"],
}
MUTE: dict[str, object] = {"domain": "mute.test", "mail": "null_mx", "mx": [(0, ".")], "txt": []}
EXCHANGE = pa.struct([("preference", pa.int32()), ("exchange", pa.string())])
SCHEMA = pa.schema([
    ("domain", pa.string()), ("mail", pa.string()), ("mx", pa.list_(EXCHANGE)),
    ("txt", pa.list_(pa.string())), ("asked", pa.int64()),
])  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Nsd]:
    with nsd({".": ZONE}) as running:
        yield running


def _crawled(place: Path, *rows: Mapping[str, object], asked: int = 1) -> Path:
    """A warehouse with these rows of domains, of a crawl of both domains."""
    folder, run = place / "domains" / f"run={RUN}", place / "_runs" / RUN
    folder.mkdir(parents=True)
    run.mkdir(parents=True)
    kept = [{**row, "asked": asked} for row in rows]
    pq.write_table(pa.Table.from_pylist(kept, schema=SCHEMA), folder / "part-0-1.parquet")
    pq.write_table(pa.table({"domain": ["good.test", "mute.test"]}), run / "seeds.parquet")
    truth = [Truth("good.test", "google", live=True), Truth("mute.test", "null_mx", live=False)]
    write_truth(truth, place / "truth.parquet")
    return place


def _said(server: Nsd, place: Path) -> str:
    return "\n".join(disagreements(place, place, (server.address, server.port)))


def test_a_right_crawl_is_right(server: Nsd, tmp_path: Path) -> None:
    assert not _said(server, _crawled(tmp_path, GOOD, MUTE))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([GOOD], "2 seeds, 1 rows"),
        ([GOOD, MUTE, MUTE], "2 seeds, 3 rows, 2 domains"),
        ([GOOD, MUTE | {"mail": "mx"}], "1 domains of kind null_mx have mail mx"),
        ([GOOD | {"mail": "failed"}, MUTE], "1 domains of kind google have mail failed"),
        ([GOOD | {"mx": [(20, "mail.good.test")]}, MUTE], "dnspython was told (['10 mail.good"),
        ([GOOD | {"txt": []}, MUTE], "0 texts"),
    ],
)
def test_what_is_wrong_is_said(
    server: Nsd, tmp_path: Path, rows: list[Mapping[str, object]], said: str
) -> None:
    assert said in _said(server, _crawled(tmp_path, *rows))


def test_contents_differ_by_what_was_measured_and_by_nothing_else(tmp_path: Path) -> None:
    first = contents(_crawled(tmp_path / "a", GOOD, MUTE))
    assert first["domains"][0] == 2
    assert first == contents(_crawled(tmp_path / "b", MUTE, GOOD, asked=7))
    assert first != contents(_crawled(tmp_path / "c", GOOD, MUTE | {"txt": ["x"]}))
