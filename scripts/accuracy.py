"""How often inference is right, against the truth of a world, by method.

Usage: python -m scripts.accuracy WAREHOUSE RUN TRUTH
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb

from stages.inference.providers.companies import CompanyMap, bundled_companies

METHODS = {
    "priority": "provider_id",
    "certificate only": "tls_id",
    "banner only": "banner_id",
    "MX only": "mx_id",
}
"""By method: the column of mx_providers that holds its id."""


class Score(NamedTuple):
    """A method's results over the domains with a live MX."""

    method: str
    domains: int
    answered: int
    """Domains it gives an id."""
    right: int

    @property
    def accuracy(self) -> float:
        """Share of all domains that it gets right; no answer is not right."""
        return self.right / self.domains if self.domains else 0.0


class _Case(NamedTuple):
    found: frozenset[str]
    operators: frozenset[str]
    company: str | None


def scores(warehouse: Path, run: str, truth: Path) -> list[Score]:
    """Every method's score; a domain is right if all ids found are its operators' or company's."""
    companies = bundled_companies()
    return [
        _score(method, _cases(warehouse, run, truth, column), companies)
        for method, column in METHODS.items()
    ]


def _cases(warehouse: Path, run: str, truth: Path, column: str) -> Iterable[_Case]:
    rows = duckdb.execute(
        f"""
        SELECT coalesce(list(DISTINCT found.{column}) FILTER (found.{column} IS NOT NULL), []),
               any_value(operator_id), any_value(second_operator_id), any_value(operator_company)
        FROM read_parquet($1) AS truth LEFT JOIN read_parquet($2) AS found USING (domain)
        WHERE live GROUP BY domain
        """,  # noqa: S608 - the column is one of METHODS
        [str(truth), f"{warehouse}/mx_providers/run={run}/*.parquet"],
    ).fetchall()
    for found, first, second, company in rows:
        yield _Case(frozenset(found), frozenset(filter(None, (first, second))), company)


def _score(method: str, cases: Iterable[_Case], companies: CompanyMap) -> Score:
    domains = answered = right = 0
    for case in cases:
        domains += 1
        answered += bool(case.found)
        right += bool(case.found) and all(_is_right(i, case, companies) for i in case.found)
    return Score(method, domains, answered, right)


def _is_right(found: str, case: _Case, companies: CompanyMap) -> bool:
    if found in case.operators:
        return True
    company = companies.of(found)
    return company is not None and company.name == case.company


def table(results: Iterable[Score]) -> str:
    """The scores as text."""
    head = f"{'method':18}{'domains':>9}{'answered':>10}{'right':>8}{'accuracy':>10}"
    lines = [
        f"{s.method:18}{s.domains:9,}{s.answered:10,}{s.right:8,}{s.accuracy:10.1%}"
        for s in results
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    print(table(scores(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))))
