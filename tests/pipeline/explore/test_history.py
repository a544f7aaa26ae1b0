"""A domain over four runs: it moved, it was away, it came later; one run is harmed."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from pipeline.explore.app import application
from pipeline.explore.catalogue import catalogue
from pipeline.journal import Journal
from pipeline.warehouse import Run, Warehouse
from schemas import DOMAINS, PROVIDERS, TABLES
from tests.pipeline.conftest import Census
from tests.pipeline.explore.conftest import LOCAL

RUNS = ("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04")


@pytest.fixture(scope="module")
def nights(census: Census, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with four copies of the census that share their files."""
    folder = tmp_path_factory.mktemp("nights")
    for run in RUNS:
        for table in ("_runs", *TABLES):
            old = census.run if table == "_runs" else f"run={census.run}"
            new = run if table == "_runs" else f"run={run}"
            if (census.warehouse / table / old).exists():
                copy = shutil.copy2 if table == "_runs" else os.link
                shutil.copytree(
                    census.warehouse / table / old, folder / table / new,
                    copy_function=copy,
                )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def names(nights: Path) -> tuple[str, ...]:
    """Three seeds whose mail Google runs."""
    rows = pq.read_table(nights / "providers" / f"run={RUNS[0]}").to_pylist()
    found = sorted(row["domain"] for row in rows if row["operator_company"] == "Google")
    return tuple(found[:3])


@pytest.fixture(scope="module")
def client(nights: Path, names: tuple[str, ...]) -> Iterator[TestClient]:
    """Of the latest run: the first domain moved in the second run, the second was no seed of the
    third and of the fourth, the third was no seed of the first; the third run's providers are
    cut."""
    runs = [Warehouse.at(str(nights)).run(run) for run in RUNS]
    moved, gone, new = names
    _without(runs[0], new)
    for run in runs[1:]:
        _moved(run, moved)
    for run in runs[2:]:
        _without(run, gone)
    harmed = Path(runs[2].inferred(PROVIDERS))  # rewritten above, so no longer shared
    harmed.write_bytes(harmed.read_bytes()[:500])
    with catalogue(runs[3], print) as opened:
        yield TestClient(application(opened, "127.0.0.1"), base_url=LOCAL, follow_redirects=False)


def _without(run: Run, name: str) -> None:
    """As if a domain had been no seed."""
    _committed(run, lambda rows: rows.filter(pc.not_equal(rows["domain"], name)))


def _committed(run: Run, change: Callable[[pa.Table], pa.Table]) -> None:
    """Other rows in the table domains, and a journal that says so."""
    journal = Journal.load(run)
    for commit in list(journal.commits):
        parts = []
        for part in commit.parts:
            if part.table == DOMAINS.name:
                path = f"{run.table(DOMAINS)}/{part.file}"
                rows = change(pq.read_table(path))
                size, digest = run.warehouse.write_parquet(path, rows)
                parts.append(part._replace(rows=len(rows), size=size, digest=digest))
            else:
                parts.append(part)
        journal.write(commit._replace(parts=tuple(parts)))


def _moved(run: Run, name: str) -> None:
    path = run.inferred(PROVIDERS)
    rows = pq.read_table(path)
    companies = [
        "Mover" if domain == name else company
        for domain, company in zip(
            rows["domain"].to_pylist(), rows["operator_company"].to_pylist(), strict=True
        )
    ]
    place = rows.schema.get_field_index("operator_company")
    run.warehouse.write_parquet(path, rows.set_column(place, "operator_company", [companies]))


def _history(client: TestClient, name: str) -> dict[str, str]:
    """What is said of each run, the latest first."""
    page = client.get(f"/domain/{name}/history")
    assert page.status_code == 200
    found = re.findall(r"<li><h2>(.*?)</h2>(.*?)</li>", page.text, re.DOTALL)
    return {run: " ".join(unescape(re.sub("<.*?>", " ", text)).split()) for run, text in found}


def test_a_move_is_told_once_and_where_it_happened(
    client: TestClient, names: tuple[str, ...]
) -> None:
    said = _history(client, names[0])
    assert list(said) == [*reversed(RUNS)]
    assert "operator Google" in said[RUNS[0]]
    assert said[RUNS[1]] == "operator Google → Mover"
    assert f"providers/run={RUNS[2]}/part-0.parquet is damaged" in said[RUNS[2]]
    assert said[RUNS[3]] == "as before"


def test_a_domain_that_is_gone_has_its_history(client: TestClient, names: tuple[str, ...]) -> None:
    gone = names[1]
    said = _history(client, gone)
    assert "operator Google" in said[RUNS[0]]
    assert said[RUNS[1]] == "as before"
    assert said[RUNS[2]] == said[RUNS[3]] == "no seed of this run, or not asked"
    page = client.get(f"/domain/{gone}")
    assert page.status_code == 404
    assert f'href="/domain/{gone}/history"' in page.text


def test_a_new_domain_is_told_in_full_where_it_first_is(
    client: TestClient, names: tuple[str, ...]
) -> None:
    said = _history(client, names[2])
    assert said[RUNS[0]] == "no seed of this run, or not asked"
    assert "operator Google" in said[RUNS[1]]
    assert "exchanges" in said[RUNS[1]]
    assert said[RUNS[3]] == "as before"


def test_the_page_of_a_domain_says_how_many_runs_there_are(
    client: TestClient, names: tuple[str, ...]
) -> None:
    assert "History over 4 runs" in client.get(f"/domain/{names[0]}").text
