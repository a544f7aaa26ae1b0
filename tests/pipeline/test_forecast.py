"""How long the rest takes, by what was measured before."""

from pathlib import Path

import pytest

from pipeline.forecast import Step, Times, by_likes, by_past
from tests.pipeline.census import run_in

PAST = [("read", 10.0), ("work", 20.0), ("write", 10.0)]


@pytest.mark.parametrize(
    ("done", "now", "elapsed", "step", "of", "share", "left"),
    [
        ([], "read", 0.0, 1, 3, 0.0, 40.0),
        ([], "read", 4.0, 1, 3, 0.1, 36.0),
        ([("read", 10.0)], "work", 5.0, 2, 3, 0.375, 25.0),
        ([("read", 20.0)], "work", 0.0, 2, 3, 0.25, 60.0),  # half the pace of then
        ([("read", 10.0)], "work", 99.0, 2, 3, 109 / 119, 10.0),  # longer than then
        ([("read", 10.0), ("work", 20.0)], "write", 10.0, 3, 3, 1.0, 0.0),
        ([("read", 10.0)], "new", 3.0, 2, 4, 13 / 43, 30.0),  # a step that was not there then
        ([("read", 10.0)], "write", 0.0, 2, 2, 0.5, 10.0),  # one that is left out now
        ([("read", 10.0), ("work", 20.0), ("write", 10.0)], "more", 1.0, 4, 4, 1.0, 0.0),
    ],
)
def test_by_the_last_time(  # noqa: PLR0913, PLR0917
    done: list[Step], now: str, elapsed: float, step: int, of: int, share: float, left: float
) -> None:
    found = by_past(PAST, done, now, elapsed)
    assert (found.step, found.of) == (step, of)
    assert found.share == pytest.approx(share)
    assert found.left == pytest.approx(left)


def test_by_steps_that_are_alike() -> None:
    assert by_likes(4, [], 3.0) == (1, 4, None, None)  # nothing is known yet
    assert by_likes(4, [("a", 10.0), ("b", 20.0)], 5.0) == (3, 4, 0.5, 25.0)
    assert by_likes(2, [("a", 10.0), ("b", 20.0)], 0.0).share == 1.0


def test_times_are_kept_and_scaled(tmp_path: Path) -> None:
    warehouse = run_in(tmp_path).warehouse
    first = Times.load(warehouse, "snowshoe train", 100)
    assert first.steps == ()
    first.keep([("read", 1.5), ("work", 2.0)])
    again = Times.load(warehouse, "snowshoe train", 200)
    assert again.steps == (("read", 3.0), ("work", 4.0))
    assert Times.load(warehouse, "infer", 200).steps == ()


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"size": 1, "steps": [1]}', b"\xff"])
def test_a_file_that_is_none_of_ours_tells_nothing(tmp_path: Path, text: bytes) -> None:
    warehouse = run_in(tmp_path).warehouse
    Times.load(warehouse, "infer", 1).keep([("read", 1.5)])
    warehouse.write(f"{warehouse.root}/_times/infer.json", text)
    assert Times.load(warehouse, "infer", 1).steps == ()
