"""Every recipe gives the same answer in DuckDB, Polars and pandas, and not an empty one."""

from pathlib import Path

import pytest

from scripts.snowshoe import Loop
from tests.docs.conftest import Demo
from tests.docs.recipes import ENGINES, answer, questions

QUESTIONS = questions()
SET_UP = QUESTIONS.pop("")


def test_there_are_twenty_questions_and_more_in_order() -> None:
    assert len(QUESTIONS) >= 20
    assert [int(question.split(".")[0]) for question in QUESTIONS] == list(
        range(1, len(QUESTIONS) + 1)
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_three_programs_give_one_answer(question: str, request: pytest.FixtureRequest) -> None:
    blocks = QUESTIONS[question]
    assert tuple(blocks) == ENGINES
    warehouse, run = _place(question, request)
    answers = {
        engine: answer(engine, SET_UP[engine], code, warehouse, run)
        for engine, code in blocks.items()
    }
    by_sql = answers["sql"]
    assert by_sql.rows
    assert answers["python polars"] == by_sql
    assert answers["python pandas"] == by_sql


def _place(question: str, request: pytest.FixtureRequest) -> tuple[Path, str]:
    """A warehouse and run with the tables: the demo's, or of scored nights of plan full."""
    if "snowshoe" in question:
        loop: Loop = request.getfixturevalue("snowshoe")
        return loop.warehouse, loop.runs[-1]
    demo: Demo = request.getfixturevalue("demo")
    return demo.warehouse, demo.run
