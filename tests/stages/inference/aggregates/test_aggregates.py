"""Aggregates over random small censuses, against counting by hand."""

from collections import defaultdict
from fractions import Fraction

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import DOMAINS, PROVIDERS
from schemas.aggregates import CONCENTRATION, COVERAGE, CUTS, PROVIDER_SHARES
from schemas.domains import SeedRank
from schemas.providers import Category, Mailbox, Provider, Share
from schemas.table import Table
from stages.inference.aggregates.coverage import coverage
from stages.inference.aggregates.cuts import populations
from stages.inference.aggregates.shares import concentration, provider_shares
from stages.inference.providers.companies import parse_companies
from tests.stages.inference.providers.census import domain

COMPANIES = parse_companies("""
[[company]]
name = "Big"
role = "mailbox"
country = "US"
ids = ["big.net", "big.com"]

[[company]]
name = "Filter"
role = "gateway"
country = "DE"
ids = ["filter.de"]
""")
NAMES = ("ant.com", "bee.com", "cat.de", "dog.de", "elk.org")
RANKS = (None, 1, 100, 101, 1_000_000, 1_000_001)

Key = tuple[object, ...]
_seeds = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(RANKS), max_size=2)
_ids = st.sampled_from([None, "big.net", "big.com", "filter.de", "other.net", "ant.com"])


@st.composite
def censuses(draw: st.DrawFn) -> dict[str, tuple[dict[str, int | None], list[str | None]]]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    return {name: (draw(_seeds), draw(st.lists(_ids, unique=True, max_size=3))) for name in names}


def _tables(census: dict[str, tuple[dict[str, int | None], list[str | None]]]) -> list[ibis.Table]:
    seeds = [
        domain(name)._replace(seeds=tuple(SeedRank(*pair) for pair in sorted(ranks.items())))
        for name, (ranks, _) in census.items()
    ]
    labels = [_label(name, ids) for name, (_, ids) in census.items()]
    connection = ibis.duckdb.connect()
    pairs: list[tuple[Table, list[object]]] = [(DOMAINS, [*seeds]), (PROVIDERS, [*labels])]
    return [
        connection.create_table(table.name, pa.Table.from_batches([table.batch(rows)]))  # type: ignore[arg-type]
        for table, rows in pairs
    ]


def _label(name: str, ids: list[str | None]) -> Provider:
    shares = tuple(Share(key, None, 1 / len(ids)) for key in ids)
    category = Category.BY_MX if any(ids) else Category.NO_MX
    fields = dict.fromkeys(Provider._fields)
    fields |= {"domain": name, "category": category, "shares": shares, "rules_version": "1"}
    fields |= {"implicit": False, "exchanges": len(ids)}
    operator, mailbox, company, _ = _mailbox(name, ids)
    fields |= {"operator_id": operator, "mailbox": mailbox, "mailbox_company": company}
    return Provider(**fields)  # type: ignore[arg-type]


def _mailbox(name: str, ids: list[str | None]) -> tuple[str | None, str | None, str | None, str]:
    """Operator, mailbox, its company, and what the domain is counted as: one of each kind."""
    operator = next(filter(None, ids), None)
    match operator:
        case None:
            return None, None, None, "(none)"
        case "filter.de":
            return operator, Mailbox.UNKNOWN, None, "(hidden)"
        case "ant.com":
            return operator, Mailbox.OWN, None, name
        case "other.net":
            return operator, Mailbox.OPERATOR, None, operator
        case _:
            return operator, Mailbox.BEHIND, "Big", "Big"


def _cuts(name: str, ranks: dict[str, int | None]) -> list[Key]:
    """Every cut that holds a domain."""
    tld = name.rpartition(".")[2]
    found: list[Key] = [("*", 0, "*"), ("*", 0, tld)]
    for seed_list, rank in ranks.items():
        found += [(seed_list, 0, "*"), (seed_list, 0, tld)]
        found += [(seed_list, cut, "*") for cut in CUTS if cut and rank and rank <= cut]
    return found


def _values(name: str, key: str | None) -> dict[str, str]:
    company = COMPANIES.of(key) if key else None
    if company:
        return {"provider": company.name, "role": company.role, "country": company.country}
    other = "(none)" if key is None else "(self)" if key == name else "(unmapped)"
    unmapped = {"unmapped": key} if key and key != name else {}
    return {"provider": key or "(none)", "role": other, "country": other, **unmapped}


@settings(max_examples=12)
@given(censuses())
def test_counts(census: dict[str, tuple[dict[str, int | None], list[str | None]]]) -> None:
    domains, providers = _tables(census)
    members = populations(domains)
    shares = provider_shares(providers, domains, members, COMPANIES)
    found = {tuple(row.values())[:5]: row for row in _rows(shares, PROVIDER_SHARES)}
    expected: dict[Key, Fraction] = defaultdict(Fraction)
    for name, (ranks, ids) in census.items():
        for cut in _cuts(name, ranks):
            if ids:
                expected[*cut, "mailbox", _mailbox(name, ids)[3]] += 1
            for key in ids:
                for dimension, value in _values(name, key).items():
                    expected[*cut, dimension, value] += Fraction(1, len(ids))
    assert {key: row["domains"] for key, row in found.items()} == pytest.approx(
        {key: float(count) for key, count in expected.items()}, abs=1e-6
    )
    totals: dict[Key, float] = defaultdict(float)
    for place, row in found.items():
        totals[place[:4]] += float(str(row["share"]))
    assert dict(totals) == pytest.approx(dict.fromkeys(totals, 1.0))
    _check_concentration(shares, expected)
    _check_coverage(coverage(providers, members), census)


def _check_concentration(shares: ibis.Table, expected: dict[Key, Fraction]) -> None:
    markets: dict[Key, list[Fraction]] = defaultdict(list)
    for key, count in expected.items():
        if key[3] == "provider" and key[4] != "(none)":
            markets[key[:3]].append(count)
    rows = _rows(concentration(shares), CONCENTRATION)
    assert {tuple(row.values())[:3] for row in rows} == set(markets)
    for row in rows:
        market = sorted(markets[tuple(row.values())[:3]], reverse=True)
        total = sum(market)
        assert row["providers"] == len(market)
        assert row["top1"] == pytest.approx(float(market[0] / total))
        assert row["top5"] == pytest.approx(float(sum(market[:5]) / total))
        assert row["hhi"] == pytest.approx(float(sum((part / total) ** 2 for part in market)))


def _check_coverage(
    rows: ibis.Table, census: dict[str, tuple[dict[str, int | None], list[str | None]]]
) -> None:
    expected: dict[Key, int] = defaultdict(int)
    for name, (ranks, ids) in census.items():
        for cut in _cuts(name, ranks):
            expected[*cut, str(_label(name, ids).category)] += 1
    found = _rows(rows, COVERAGE)
    assert {tuple(row.values())[:4]: row["domains"] for row in found} == expected


def _rows(table: ibis.Table, shape: Table) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = table.select(*shape.schema.names).to_pyarrow().to_pylist()
    return rows
