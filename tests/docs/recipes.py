"""Code blocks of docs/recipes.md: the question they stand under, and what they answer.

A block is fenced as `sql`, `python polars` or `python pandas`. What comes before the first question
sets up; the last expression of a Python block is its answer.
"""

import ast
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import polars as pl

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
WAREHOUSE, RUN = "demo/warehouse", "demo"
ENGINES = ("sql", "python polars", "python pandas")
FENCED = re.compile(r"^```(sql|python polars|python pandas)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_QUESTION = re.compile(r"^## (\d+\. .+)$", re.MULTILINE)


class Answer(NamedTuple):
    """A table in plain Python, so that those of different programs compare."""

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


def questions() -> dict[str, dict[str, str]]:
    """By question, its code by engine; set-up code under the empty question."""
    before, *rest = _QUESTION.split(PAGE.read_text(encoding="utf-8"))
    titled = [("", before), *zip(rest[::2], rest[1::2], strict=True)]
    return {title: dict(FENCED.findall(text)) for title, text in titled}


def answer(engine: str, set_up: str, code: str, warehouse: Path, run: str = RUN) -> Answer:
    """What a block answers over a run after its set-up, which speaks of the demo's."""
    set_up = set_up.replace(WAREHOUSE, str(warehouse))
    for quote in "'\"":
        set_up = set_up.replace(quote + RUN + quote, quote + run + quote)
    if engine == "sql":
        with duckdb.connect() as connection:
            connection.execute(set_up)
            result = connection.sql(code)
            columns = result.fetch_arrow_table()
            rows = zip(*(column.to_pylist() for column in columns.columns), strict=True)
            return _answer(columns.column_names, rows)
    scope: dict[str, Any] = {}
    exec(set_up, scope)
    frame = _last(code, scope)
    if isinstance(frame, pl.DataFrame):
        return _answer(frame.columns, frame.rows())
    assert isinstance(frame, pd.DataFrame), type(frame)
    return _answer(frame.columns, frame.itertuples(index=False, name=None))


def _last(code: str, scope: dict[str, Any]) -> object:
    """The value of the last expression, what stands before it done."""
    *before, last = ast.parse(code).body
    assert isinstance(last, ast.Expr), "the last line of a recipe is its answer"
    exec(compile(ast.Module(before, []), PAGE.name, "exec"), scope)
    return eval(compile(ast.Expression(last.value), PAGE.name, "eval"), scope)


def _answer(columns: Iterable[object], rows: Iterable[tuple[object, ...]]) -> Answer:
    return Answer(tuple(map(str, columns)), [tuple(map(_plain, row)) for row in rows])


def _plain(value: object) -> object:
    if value is pd.NA or value is pd.NaT or value is None:
        return None
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, list):
        return tuple(map(_plain, value))
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if hasattr(value, "item"):  # a scalar of numpy's
        value = value.item()
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    return value
