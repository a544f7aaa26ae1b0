"""The opt-out list in its file, as people change it under a run."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.limits import OptOutList


def opened(path: Path, text: str = "example.com\n") -> OptOutList:
    path.write_text(text)
    return OptOutList.open(path, look_every=0)


def covers(listed: OptOutList, name: str) -> bool:
    return listed.rules.of_domain(name) is not None


def test_a_change_counts_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "opt-out"
    listed = opened(path)
    assert (covers(listed, "example.com"), covers(listed, "example.net")) == (True, False)
    path.write_text("example.com\nexample.net\n")
    assert covers(listed, "example.net")
    other = tmp_path / "other"
    other.write_text("example.org\nexample.net\n")  # as long as before
    other.rename(path)
    assert (covers(listed, "example.com"), covers(listed, "example.org")) == (False, True)
    path.write_text("")
    assert not covers(listed, "example.org")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("example.com\nnot a rule\n"),
        lambda path: path.write_bytes(b"example.com\n\xff\n"),
        lambda path: path.unlink(),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["no rule", "no text", "gone", "a folder"],
)
def test_a_bad_change_leaves_the_rules_and_is_logged_once(
    tmp_path: Path, spoil: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "opt-out"
    listed = opened(path)
    spoil(path)
    with caplog.at_level(logging.ERROR):
        assert all(covers(listed, "example.com") for _ in range(5))
    (record,) = caplog.records
    assert "the rules read before stay" in record.getMessage()
    if path.is_dir():
        path.rmdir()
    path.write_text("example.net\n")
    assert (covers(listed, "example.com"), covers(listed, "example.net")) == (False, True)


def test_the_file_is_looked_at_now_and_then_only(tmp_path: Path) -> None:
    path = tmp_path / "opt-out"
    path.write_text("example.com\n")
    listed = OptOutList.open(path, look_every=0.2)
    covers(listed, "example.com")
    path.write_text("example.net\n")
    began = time.monotonic()
    while covers(listed, "example.com"):
        assert time.monotonic() - began < 5
    assert time.monotonic() - began > 0.1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"example.com\n*.example.net\n", r"opt-out list .*: line 2: '\*\.example\.net' is no"),
        (b"\xff\xfe", "not UTF-8 text"),
        (None, "No such file"),
    ],
)
def test_a_list_that_is_none_at_the_start_is_a_wrong_setting(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "opt-out"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        OptOutList.open(path)


def test_without_a_file_nobody_is_opted_out() -> None:
    assert not covers(OptOutList(), "example.com")
