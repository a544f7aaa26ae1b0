import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError, DamagedError
from pipeline.journal import Commit, Journal, Part
from pipeline.sink import Sink
from pipeline.warehouse import Run
from schemas import HOSTS
from tests.pipeline.census import host, run_in

PARTS = st.builds(Part, st.text(), st.text(), st.integers(0), st.integers(0), st.text())
COMMITS = st.builds(
    Commit,
    st.integers(0, 99),
    st.integers(1, 999_999),
    st.lists(PARTS, max_size=3).map(tuple),
    st.dictionaries(st.text(), st.integers(0), max_size=3),
)


@given(COMMITS)
def test_an_entry_reads_back_as_it_was_written(commit: Commit) -> None:
    assert Commit.decode(commit.encode()) == commit


@given(COMMITS, st.data())
def test_a_cut_or_changed_entry_is_never_taken_for_another(
    commit: Commit, data: st.DataObject
) -> None:
    written = commit.encode()
    at = data.draw(st.integers(0, len(written) - 2))
    changed = data.draw(st.sampled_from([written[:at], written[:at] + b"~" + written[at + 1 :]]))
    if changed == written:
        return
    with pytest.raises((ValueError, TypeError, KeyError)):
        Commit.decode(changed)


async def committed(run: Run, *names: str) -> Journal:
    journal = Journal.load(run)
    sink = Sink(journal)
    sink.add([host(name, "127.1.0.1") for name in names])
    await sink.commit()
    return journal


async def test_a_table_of_a_later_version_is_no_damage_to_be_mended(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    journal = await committed(run, "a.example.net")
    journal.write(Commit(0, 2, (Part("to_come", "part-0-2.parquet", 1, 1, "0"),), {}))
    for deep in (False, True):
        with pytest.raises(
            ConfigError, match="by a later version: this one knows no table to_come"
        ):
            Journal.inspect(run, deep=deep)


async def test_what_was_committed_is_found_again(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    await committed(run, "a.example.net", "b.example.net")
    await committed(run, "c.example.net")

    journal = Journal.load(run)
    assert journal.rows(HOSTS) == 3
    assert len(journal.parts(HOSTS)) == 2
    assert journal.next_number(0) == 3
    assert journal.next_number(1) == 1


@pytest.mark.parametrize("keep", [0, 1, 20, -2])
async def test_a_damaged_entry_is_named_and_nothing_is_touched(tmp_path: Path, keep: int) -> None:
    run = run_in(tmp_path)
    await committed(run, "a.example.net")
    (entry,) = Path(run.journal).glob("*.json")
    entry.write_bytes(entry.read_bytes()[:keep])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(DamagedError, match=entry.name) as caught:
        Journal.load(run)

    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.fixture(scope="module")
def flippable(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = run_in(tmp_path_factory.mktemp("flippable"))
    asyncio.run(committed(run, *(f"mx{number}.example.net" for number in range(300))))
    return run


@pytest.mark.parametrize("damage", ["cut", "garbled", "gone"])
async def test_a_damaged_part_is_named(tmp_path: Path, damage: str) -> None:
    run = run_in(tmp_path)
    journal = await committed(run, "a.example.net")
    part = Path(journal.parts(HOSTS)[0])
    content = part.read_bytes()
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(content[:-9] if damage == "cut" else b"\0" * len(content))

    with pytest.raises(DamagedError, match=part.name):
        Journal.load(run)


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_bit_that_flipped_anywhere_is_found_out(flippable: Run, at: float, bit: int) -> None:
    part = Path(Journal.load(flippable, deep=True).parts(HOSTS)[0])
    content = part.read_bytes()
    worn = bytearray(content)
    worn[int(at * len(worn))] ^= 1 << bit
    part.write_bytes(worn)
    try:
        with pytest.raises(DamagedError, match=part.name):
            Journal.load(flippable, deep=True)
    finally:
        part.write_bytes(content)


async def test_parts_that_no_entry_names_are_swept(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    journal = await committed(run, "a.example.net")
    named = Path(journal.parts(HOSTS)[0])
    orphan = named.with_name("part-0-000002.parquet")
    orphan.write_bytes(named.read_bytes())
    unfinished = named.with_name(".part-0-000003.parquet.tmp")
    unfinished.write_bytes(b"PAR1")

    journal.sweep()

    assert sorted(named.parent.iterdir()) == [named]


async def test_a_worker_sweeps_its_own_only(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    journal = await committed(run, "a.example.net")
    named = Path(journal.parts(HOSTS)[0])
    for name in ("part-1-000001.parquet", ".part-1-000002.parquet.tmp", "part-11-000001.parquet"):
        named.with_name(name).write_bytes(b"PAR1")

    journal.sweep(worker=1)

    left = sorted(path.name for path in named.parent.iterdir())
    assert left == [named.name, "part-11-000001.parquet"]
