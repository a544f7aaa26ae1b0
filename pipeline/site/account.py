"""The run's own account, run.json and report.json, as tables that queries can read."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple, get_type_hints

import pyarrow as pa

from pipeline.record import Record
from pipeline.report.figures import Report

_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


class Outcome(NamedTuple):
    """Rows of a table that ended in one way."""

    table: str
    outcome: str
    rows: int


class Word(NamedTuple):
    """How often something was counted."""

    what: str
    word: str
    times: int


class Asked(NamedTuple):
    """Questions of one sort."""

    question: str
    asked: int
    failed: int
    attempts: int
    tcp: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Balanced(NamedTuple):
    """Keys referred to against rows."""

    table: str
    wanted: int
    rows: int
    missing: int
    unwanted: int
    twice: int


class Took(NamedTuple):
    """How long a step of an SMTP dialogue took."""

    step: str
    servers: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Resolver(NamedTuple):
    """What came of asking one server."""

    server: str
    sent: int
    answers: int
    losses: int
    mismatches: int
    strays: int


class Setting(NamedTuple):
    """A setting of the run's first command."""

    setting: str
    value: str


class Origin(NamedTuple):
    """A seed list, or a table that the run looked things up in."""

    what: str
    source: str
    date: str
    sha256: str


def of_record(record: Record) -> dict[str, pa.Table]:
    """What run.json says, as tables by name."""
    settings = [Setting(name, _text(value)) for name, value in record.all_settings.items()]
    seeds = [Origin("seeds", each.name, "", each.sha256 or "") for each in record.sources]
    looked = [
        Origin(str(t["name"]), str(t["source"]), str(t["date"]), str(t["sha256"]))
        for t in record.tables
    ]
    return {
        "account_settings": _table(Setting, settings),
        "account_sources": _table(Origin, [*seeds, *looked]),
    }


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return "" if value is None else str(value)


def of_report(report: Report | None) -> dict[str, pa.Table]:
    """What report.json says, as tables by name; all empty without a report."""
    kinds = {
        "account_outcomes": (Outcome, _outcomes),
        "account_words": (Word, _words),
        "account_questions": (Asked, _questions),
        "account_balances": (Balanced, _balances),
        "account_steps": (Took, _steps),
        "account_resolvers": (Resolver, _resolvers),
    }
    return {
        name: _table(record, list(rows(report)) if report else [])
        for name, (record, rows) in kinds.items()
    }


def _table(record: type[tuple[object, ...]], rows: Sequence[tuple[object, ...]]) -> pa.Table:
    fields = [(name, _ARROW[hint]) for name, hint in get_type_hints(record).items()]
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    arrays = [pa.array(column, kind) for column, (_, kind) in zip(columns, fields, strict=True)]
    return pa.table(arrays, names=[name for name, _ in fields])


def _outcomes(report: Report) -> Iterator[Outcome]:
    for figures in report.tables:
        yield from (Outcome(figures.table, *item) for item in figures.outcomes.items())


def _words(report: Report) -> Iterator[Word]:
    for what in ("rejected", "blocked", "not_probed"):
        yield from (Word(what, word, count) for word, count in getattr(report, what).items())


def _questions(report: Report) -> Iterator[Asked]:
    for each in report.questions:
        rtt = each.rtt
        counts = (each.count, each.failed, each.attempts, each.tcp)
        yield Asked(each.what, *counts, rtt.p50, rtt.p95, rtt.p99)


def _balances(report: Report) -> Iterator[Balanced]:
    for each in report.balances:
        yield Balanced(*dataclasses.astuple(each))


def _steps(report: Report) -> Iterator[Took]:
    for each in report.probes:
        yield Took(each.what, each.count, each.p50, each.p95, each.p99)


def _resolvers(report: Report) -> Iterator[Resolver]:
    for each in report.resolvers:
        yield Resolver(
            each.server, each.sent, each.answers, each.losses, each.mismatches, each.strays
        )
