"""Files, disk and libraries of this machine."""

import resource
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.doctor import machine
from pipeline.doctor.check import State
from pipeline.doctor.machine import disk, open_files, versions
from pipeline.settings import Settings


@pytest.fixture
def few_files() -> Iterator[int]:
    """A soft limit far below the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, soft), hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_hard_limit_counts_for_the_crawl_raises_its_own(few_files: int) -> None:
    if few_files != resource.RLIM_INFINITY and few_files < 1000:
        pytest.skip("this machine allows fewer than 1,000 open files")
    check = open_files(Settings(), 2)
    assert check.state is State.OK
    assert "a crawl needs 372" in check.found  # 200 probes, 2 * 4 + 64 sockets, 100 spare


def test_more_connections_than_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        pytest.skip("this machine has no limit of open files")
    check = open_files(Settings(smtp_in_flight=hard), 1)
    assert check.state is State.FAIL
    assert f"{hard:,} allowed" in check.found
    assert open_files(Settings(smtp_in_flight=hard, smtp=False), 1).state is State.OK


def test_a_warehouse_that_is_not_there_yet_is_judged_by_the_folder_above(tmp_path: Path) -> None:
    check = disk(str(tmp_path / "a" / "b"))
    assert check.found.endswith(f"free at {tmp_path}")


@pytest.mark.parametrize(
    ("little", "too_little", "state"),
    [(0, 0, State.OK), (1e9, 0, State.WARN), (1e9, 1e9, State.FAIL)],
)
def test_room_on_the_disk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    little: float,
    too_little: float,
    state: State,
) -> None:
    monkeypatch.setattr(machine, "_LITTLE", little)
    monkeypatch.setattr(machine, "_TOO_LITTLE", too_little)
    assert disk(str(tmp_path)).state is state


def test_a_warehouse_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = disk(str(tmp_path / "file" / "warehouse"))
    assert (check.state, check.found) == (State.FAIL, f"cannot write to {tmp_path / 'file'}")


def test_a_disk_that_is_not_looked_at() -> None:
    assert disk(None).state is State.UNCHECKED


def test_the_libraries_here_are_those_the_program_is_made_for() -> None:
    check = versions()
    assert check.state is State.OK, check.found
    assert f"duckdb {version('duckdb')}" in check.found


def test_what_does_not_meet_a_requirement_is_named() -> None:
    requirements = ["duckdb<0.1", "no-such-library>=1", "rich", 'absent; python_version < "3"']
    assert list(machine._mismatches(requirements)) == [
        f"duckdb {version('duckdb')} is not <0.1",
        "no-such-library is not installed",
    ]
