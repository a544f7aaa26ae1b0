"""Every recipe gives the same answer in DuckDB, Polars and pandas, and not an empty one."""

import pytest

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
def test_three_programs_give_one_answer(question: str, demo: Demo) -> None:
    blocks = QUESTIONS[question]
    assert tuple(blocks) == ENGINES
    answers = {
        engine: answer(engine, SET_UP[engine], code, demo.warehouse)
        for engine, code in blocks.items()
    }
    by_sql = answers["sql"]
    assert by_sql.rows
    assert answers["python polars"] == by_sql
    assert answers["python pandas"] == by_sql
