"""Operators by method: each source alone, the paper's priority and heuristics, and ours.

A domain counts if a most preferred exchange of it answers SMTP. It is right if all ids found for
its exchanges are its operator's: the id that truth has, or one of the same company.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import duckdb

from scripts.accuracy.finished import Finished
from stages.inference.providers.companies import CompanyMap, bundled_companies
from stages.inference.providers.rules import RULES

_PAPERS = [rule.id for rule in RULES if not rule.ours]
METHODS = {
    "MX only": "mx_id",
    "certificate": "tls_id",
    "banner": "banner_id",
    "priority": "provider_id",
    "heuristics": "if(list_has_any(flags, $papers), coalesce(hint_id, provider_id), provider_id)",
    "ours": "found.operator_id",
}
"""By method: its id in mx_providers. Heuristics are priority with the paper's hints followed."""
OURS = "ours"
_WORST = 8


class Case(NamedTuple):
    """A domain and what each method finds."""

    domain: str
    archetype: str
    operators: frozenset[str]
    company: str | None
    found: dict[str, frozenset[str]]

    def right(self, method: str, companies: CompanyMap) -> bool:
        """No answer is not right."""
        ids = self.found[method]
        return bool(ids) and all(self._is(found, companies) for found in ids)

    def _is(self, found: str, companies: CompanyMap) -> bool:
        company = companies.of(found)
        return found in self.operators or (company is not None and company.name == self.company)


class Score(NamedTuple):
    """A method's results over some domains."""

    domains: int
    answered: int
    """Domains it gives an id."""
    right: int

    @property
    def precision(self) -> float:
        """Share of the answers that are right."""
        return self.right / self.answered if self.answered else 0.0

    @property
    def recall(self) -> float:
        """Share of the domains that it gets right."""
        return self.right / self.domains if self.domains else 0.0

    @property
    def coverage(self) -> float:
        """Share of the domains that it gives an answer for."""
        return self.answered / self.domains if self.domains else 0.0


def cases(finished: Finished) -> list[Case]:
    """All domains that count."""
    lists = ", ".join(
        f"coalesce(list(DISTINCT {column}) FILTER ({column} IS NOT NULL), [])"
        for column in METHODS.values()
    )
    rows = duckdb.execute(
        f"""
        SELECT domain, any_value(archetype), any_value(truth.operator_id),
               any_value(second_operator_id), any_value(operator_company), {lists}
        FROM read_parquet($truth) AS truth LEFT JOIN read_parquet($found) AS found USING (domain)
        WHERE live GROUP BY domain ORDER BY domain
        """,  # noqa: S608 - the columns are those of METHODS
        {
            "truth": str(finished.truth),
            "found": finished.table("mx_providers"),
            "papers": _PAPERS,
        },
    ).fetchall()
    return [
        Case(
            domain,
            archetype,
            frozenset(filter(None, (first, second))),
            company,
            dict(zip(METHODS, map(frozenset, ids), strict=True)),
        )
        for domain, archetype, first, second, company, *ids in rows
    ]


def scores(found: Iterable[Case]) -> dict[str, Score]:
    """By method."""
    found, companies = list(found), bundled_companies()
    return {
        method: Score(
            len(found),
            sum(bool(case.found[method]) for case in found),
            sum(case.right(method, companies) for case in found),
        )
        for method in METHODS
    }


def by_archetype(found: Iterable[Case]) -> dict[str, dict[str, Score]]:
    """The scores of each kind of domain, by its name."""
    kinds: dict[str, list[Case]] = {}
    for case in found:
        kinds.setdefault(case.archetype, []).append(case)
    return {kind: scores(members) for kind, members in sorted(kinds.items())}


def beaten(kinds: dict[str, dict[str, Score]]) -> dict[str, dict[str, int]]:
    """Where another method has more right than ours: kind, method, how many more."""
    more = {
        kind: {method: score.right - of[OURS].right for method, score in of.items()}
        for kind, of in kinds.items()
    }
    return {
        kind: {method: count for method, count in of.items() if count > 0}
        for kind, of in more.items()
        if max(of.values()) > 0
    }


def confusion(found: Iterable[Case]) -> list[tuple[str, str, str, int]]:
    """Kind, operator, what ours says instead, how often; most often first."""
    companies = bundled_companies()
    wrong = Counter(
        (case.archetype, _named(case, case.operators), _named(case, case.found[OURS]))
        for case in found
        if not case.right(OURS, companies)
    )
    return [(*pair, count) for pair, count in wrong.most_common(_WORST)]


def _named(case: Case, ids: Iterable[str]) -> str:
    names = ("itself" if name == case.domain else name for name in sorted(ids))
    return " + ".join(names) or "nothing"


def text(found: Sequence[Case]) -> str:
    """All tables, in 100 columns."""
    head = f"{'operator by':26}{'domains':>9}{'right':>8}{'precision':>11}"
    head += f"{'recall':>9}{'coverage':>10}"
    lines = [head]
    for method, s in scores(found).items():
        numbers = f"{s.precision:11.1%}{s.recall:9.1%}{s.coverage:10.1%}"
        lines.append(f"{method:26}{s.domains:9,}{s.right:8,}{numbers}")
    kinds = by_archetype(found)
    lines += ["", f"{'recall by kind of domain':24}{'domains':>9}" + _cells(METHODS)]
    plain = [kind for kind, of in kinds.items() if min(s.recall for s in of.values()) == 1]
    for kind, of in kinds.items():
        if kind not in plain:
            row = _cells(f"{score.recall:.1%}" for score in of.values())
            lines.append(f"{kind:24}{of[OURS].domains:9,}{row}")
    lines.append(f"{len(plain)} further kinds: all methods right in all.")
    lines += ["", "another method has more right than ours:"]
    behind = beaten(kinds)
    lines += [f"  {kind}: {more}" for kind, more in behind.items()] or ["  in no kind of domain"]
    lines += ["", "where ours is wrong most (kind, operator, said instead, domains):"]
    lines += [f"  {kind}, {real}, {said}, {count}" for kind, real, said, count in confusion(found)]
    return "\n".join(lines)


def _cells(values: Iterable[str]) -> str:
    return "".join(
        f"{value:>12}" if place == 1 else f"{value:>11}" for place, value in enumerate(values)
    )
