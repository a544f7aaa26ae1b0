"""Wrong use and damage: one clear line, the right exit status, nothing lost."""

from pathlib import Path

import duckdb
import pytest

from tests.pipeline.command import Finished, mailcensus
from tests.pipeline.conftest import RUN, Census
from tests.servers.nsd import free_port


def complaint(done: Finished, status: int = 2) -> str:
    """What a command said that could not go on; it must be one line, and no traceback."""
    assert done.returncode == status, done.stdout + done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("mailcensus: ")
    return lines[0]


def files(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("lock", "crawl.log")
    }


def crawl(census: Census, *words: object, warehouse: Path | None = None) -> Finished:
    return mailcensus(
        "crawl", *words, "--warehouse", warehouse or census.warehouse, "--run", RUN,
        "--config", census.world.config,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no domain"),
        (b"# nothing\n\n", "no domain"),
        (b"\x7fELF\0\0\0\x01" * 99, "cannot read seed list"),
        (b"\x1f\x8b\x08\0garbage", "cannot read seed list"),
    ],
)
def test_lists_that_are_none(census: Census, tmp_path: Path, content: bytes, message: str) -> None:
    seeds = tmp_path / "seeds.txt"
    seeds.write_bytes(content)
    assert message in complaint(crawl(census, seeds, warehouse=tmp_path / "w"))
    assert not list((tmp_path / "w").rglob("*.parquet"))


def test_a_directory_and_a_missing_file(census: Census, tmp_path: Path) -> None:
    assert "Is a directory" in complaint(crawl(census, tmp_path, warehouse=tmp_path / "w"))
    missing = tmp_path / "nowhere.txt"
    assert "No such file" in complaint(crawl(census, missing, warehouse=tmp_path / "w"))


def test_an_unreadable_file(census: Census, tmp_path: Path) -> None:
    # Not even root can read a process' memory from its start.
    said = complaint(crawl(census, "/proc/self/mem", warehouse=tmp_path / "w"))
    assert "cannot read seed list /proc/self/mem: Input/output error" in said


def test_a_warehouse_that_cannot_be_written(census: Census, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("keep me")
    said = complaint(crawl(census, census.world.seeds, warehouse=file / "w"))
    assert "cannot write to warehouse" in said
    assert file.read_text() == "keep me"


def test_no_list_for_a_run_that_has_not_begun(census: Census, tmp_path: Path) -> None:
    assert "name its seed lists" in complaint(crawl(census, warehouse=tmp_path / "w"))


def test_an_unknown_setting(census: Census, tmp_path: Path) -> None:
    config = tmp_path / "mailcensus.toml"
    config.write_text("smtp_prot = 25\n")
    said = complaint(
        mailcensus("crawl", census.world.seeds, "--warehouse", tmp_path / "w", "--config", config)
    )
    assert "unknown setting 'smtp_prot'" in said


def test_an_unknown_option_and_a_missing_one(census: Census) -> None:
    for words in (("crawl", "--colour"), ("crawl", census.world.seeds), ("fly",)):
        done = mailcensus(*words)
        assert done.returncode == 2
        assert "Error:" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_resume_that_differs(copied: Census, tmp_path: Path) -> None:
    before = files(copied.warehouse)
    said = complaint(crawl(copied, copied.world.seeds, "--exact"))
    assert "exact was False, is True" in said
    other = tmp_path / "seeds.csv"
    other.write_text("1,example.com\n")
    assert "seed lists are not those" in complaint(crawl(copied, other))
    assert files(copied.warehouse) == before


@pytest.mark.parametrize("what", ["entry", "part"])
def test_damage_is_told_by_those_who_read_and_mended_by_a_resume(copied: Census, what: str) -> None:
    where, pattern = {
        "entry": (copied.warehouse / "_runs" / RUN / "journal", "[0-9]*.json"),
        "part": (copied.warehouse / "hosts" / f"run={RUN}", "*.parquet"),
    }[what]
    damaged = next(where.glob(pattern))
    damaged.write_bytes(damaged.read_bytes()[:-20])
    before = files(copied.warehouse)
    said = complaint(mailcensus("infer", copied.warehouse, RUN))
    assert f"{damaged} is damaged" in said
    assert "repeat the command of its crawl" in said
    assert files(copied.warehouse) == before

    done = crawl(copied, copied.world.seeds)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{damaged} is damaged" in done.stdout
    assert "Complete" in done.stdout
    assert mailcensus("infer", copied.warehouse, RUN).returncode == 0


def test_companies_of_ones_own(copied: Census, tmp_path: Path) -> None:
    labels = copied.warehouse / "providers" / f"run={RUN}" / "*.parquet"
    provider_id, name = duckdb.sql(
        f"SELECT operator_id, operator_company FROM '{labels}' WHERE operator_company IS NOT NULL"
    ).fetchall()[0]
    entry = '[[company]]\nname = "{}"\nrole = "hosting"\ncountry = "{}"\nids = ["{}"]\n'
    ours, wrong = tmp_path / "ours.toml", tmp_path / "wrong.toml"
    ours.write_text(entry.format("Ours", "NL", provider_id))
    wrong.write_text(entry.format("Ours", "NL", provider_id) * 2)
    before = files(copied.warehouse)
    said = complaint(
        mailcensus("infer", copied.warehouse, RUN, "--companies", ours, "--companies", wrong)
    )
    assert str(wrong) in said
    assert "stands more than once" in said
    assert files(copied.warehouse) == before
    inferred = mailcensus("infer", copied.warehouse, RUN, "--companies", ours)
    assert inferred.returncode == 0, inferred.stderr
    found = f"SELECT DISTINCT operator_company FROM '{labels}' WHERE operator_id = '{provider_id}'"
    assert duckdb.sql(found).fetchall() == [("Ours",)] != [(name,)]


def test_no_nameserver_answers(census: Census, tmp_path: Path) -> None:
    words = ("--nameserver", f"127.0.0.1:{free_port()}", "--no-smtp")
    said = complaint(crawl(census, census.world.seeds, *words, warehouse=tmp_path / "w"))
    assert "no nameserver answers: 127.0.0.1 port" in said


def test_strangers_are_not_probed_namelessly(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("example.com\n")
    said = complaint(
        mailcensus("crawl", seeds, "--warehouse", tmp_path / "w", "--nameserver", "127.0.0.1:1")
    )
    assert "ehlo_name and contact must be set" in said
    assert not (tmp_path / "w").exists()


def test_loopback_scope_takes_no_other_nameserver(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("example.com\n")
    words = ("crawl", seeds, "--warehouse", tmp_path / "w", "--scope", "loopback")
    assert "is not on it" in complaint(mailcensus(*words, "--nameserver", "192.0.2.53"))
    assert "name a nameserver" in complaint(mailcensus(*words))


@pytest.mark.parametrize("words", [("status",), ("infer",), ("explain", "night", "example.com")])
def test_a_warehouse_without_runs(tmp_path: Path, words: tuple[str, ...]) -> None:
    command, *rest = words
    assert "no run" in complaint(mailcensus(command, tmp_path, *rest))


def test_seeds_from_standard_input_and_their_rejects(census: Census, tmp_path: Path) -> None:
    lines = "www.example-of-a-shop.com\nnot a name\n192.0.2.1\nexample-of-a-shop.com\n"
    done = mailcensus(
        "crawl", "-", "--warehouse", tmp_path, "--run", RUN, "--config", census.world.config,
        stdin=lines,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 seeds from 4 lines; 2 lines are no domains" in done.stdout
    said = " ".join(done.stdout.split())
    assert "4 lines = 2 names + 2 rejected (address 1, not_a_name 1)" in said
    assert "2 names = 1 seeds + 1 repeated" in said
    assert "domains 1 1 0 0 0" in said
    rejects = (tmp_path / "_runs" / RUN / "rejects.csv").read_text().splitlines()
    assert rejects[0] == "list,line,reason,text"
    assert rejects[1:] == ["stdin,2,not_a_name,not a name", "stdin,3,address,192.0.2.1"]
