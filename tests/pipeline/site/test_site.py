"""What is written: links that lead somewhere, queries that run, no more than is allowed."""

import csv
import io
import re
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.site.exhibit import Filled, table
from pipeline.site.sections import PAGES
from pipeline.site.write import _environment, _render
from pipeline.spf.tree import Branch, Leaf
from tests.pipeline.command import inside
from tests.pipeline.conftest import Census

LINK = re.compile(r'(?:href|src)="([^"#]*)(?:#([^"]*))?"')


def test_every_link_leads_somewhere(site: Path) -> None:
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        for path, anchor in LINK.findall(text):
            if path.startswith("data:"):
                continue
            target = site / path if path else page
            assert target.is_file(), f"{page.name} -> {path}"
            if anchor:
                assert f'id="{anchor}"' in target.read_text(encoding="utf-8"), (page.name, anchor)


def test_every_query_gives_its_table(site: Path) -> None:
    """The script runs in DuckDB as it lies, and gives what the CSV file has."""
    scripts = sorted((site / "queries").glob("*.sql"))
    assert len(scripts) > 25
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        with duckdb.connect() as connection:
            rows = connection.execute(text).fetchall()
        table = site / "data" / f"{script.stem}.csv"
        if table.exists():
            found = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"))))
            assert len(found) - 1 == min(len(rows), 5000), script.name
            assert [line[0] for line in found[1:]] == [_text(row[0]) for row in rows[:5000]]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def test_shares_of_providers_are_those_of_the_warehouse(site: Path, census: Census) -> None:
    """The figure on the page against one counted another way."""
    files = f"{census.warehouse}/providers/run={census.run}/*.parquet"
    (count,) = duckdb.sql(f"""
        SELECT sum(s.weight) FROM (SELECT unnest(shares) AS s FROM '{files}')
        WHERE s.company = 'Google'""").fetchall()[0]
    text = (site / "data" / "provider-shares.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    (google,) = [float(row["domains"]) for row in rows if row["provider"] == "Google"]
    assert google == pytest.approx(count)


@pytest.mark.parametrize("name", ["includes", "include-companies", "networks"])
def test_shares_of_trust_are_of_those_that_have_spf(site: Path, census: Census, name: str) -> None:
    ((some,),) = duckdb.sql(f"""
        SELECT count(*) FROM {view(census, "spf_trust")}
        WHERE verdict IN ('valid', 'permerror') OR len("all") > 0""").fetchall()
    text = (site / "data" / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    for row in rows:
        assert float(row["share"]) == pytest.approx(int(row["domains"]) / some)


def test_a_figure_says_of_how_many(site: Path, census: Census) -> None:
    (asked, some) = duckdb.sql(f"""
        SELECT count(*), count(*) FILTER (len(mail_hosts) > 0) FROM {view(census, "domains")}
        """).fetchall()[0]
    assert f"{some / asked:.1%} of {asked:,} ·" in (site / "index.html").read_text(encoding="utf-8")


def view(census: Census, table: str) -> str:
    return f"read_parquet('{census.warehouse}/{table}/run={census.run}/*.parquet')"


def test_the_last_layer_of_trust_is_the_company_or_else_the_network(
    site: Path, census: Census
) -> None:
    """Counted another way: a target's networks, each with the owner of most of its addresses."""
    text = (site / "data" / "trust-flow.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["layer"] == "1"]
    includes = duckdb.sql(f"SELECT DISTINCT target, company FROM {view(census, 'spf_includes')}")
    companies = dict(includes.fetchall())
    nets = duckdb.sql(f"""
        SELECT target, asn, as_name, o.version, addresses::DOUBLE
        FROM {view(census, "spf_reach")} r JOIN {view(census, "spf_grants")} g ON g.name = reached
        JOIN {view(census, "spf_origins")} o USING (version, first, prefix)
        WHERE asn IS NOT NULL""").fetchall()
    sizes: dict[str, dict[str, float]] = {}
    for target, asn, name, version, addresses in nets:
        of_target = sizes.setdefault(target, {})
        label = f"AS{asn} {name}" if name else f"AS{asn}"
        of_target[label] = of_target.get(label, 0) + addresses * (version == 4)
    unmapped = [row for row in rows if companies[row["source"]] is None]
    assert len(unmapped) > 5
    assert {row["target"] for row in rows} >= {"Google", "Microsoft"}
    for row in unmapped:
        owners = sizes.get(row["source"])
        if owners and max(owners.values()):
            assert owners[row["target"]] == max(owners.values())
    assert sum(row["target"].startswith("AS") for row in unmapped) > len(unmapped) / 2


@pytest.fixture(scope="module")
def partial(census: Census, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A site about a run that lacks tables, with two domains of our own drawn."""
    folder = tmp_path_factory.mktemp("partial")
    shutil.copytree(census.warehouse, folder / "warehouse")
    for name in ("provider_shares", "providers", "mailbox_evidence"):
        shutil.rmtree(folder / "warehouse" / name)
    query = f"""
        SELECT domain FROM {view(census, "spf_trust")} WHERE names > 1
        ORDER BY domain DESC LIMIT 2"""
    wanted = {domain for (domain,) in duckdb.sql(query).fetchall()}
    (folder / "mine.txt").write_text("\n".join(wanted), encoding="utf-8")
    words = ("report", folder / "warehouse", census.run, "--out", folder / "site")
    done = inside(*words, "--domains", folder / "mine.txt")
    assert done.returncode == 0, done.stderr
    return folder / "site", wanted


def test_what_a_run_lacks_is_said_in_a_line(partial: tuple[Path, set[str]]) -> None:
    mailboxes = (partial[0] / "mailboxes.html").read_text(encoding="utf-8")
    assert (
        "no rows in providers: there was nothing for it, or <code>mailcensus infer</code>"
        in mailboxes
    )
    assert "no rows in provider_shares" in mailboxes
    assert "<table" not in mailboxes
    changes = (partial[0] / "changes.html").read_text(encoding="utf-8")
    assert (
        "no rows in changes: there was nothing for it, or <code>mailcensus diff</code>" in changes
    )
    assert "No run has rows in past_shares." in changes


def test_the_domains_of_a_file_are_drawn(partial: tuple[Path, set[str]]) -> None:
    text = (partial[0] / "data" / "trust-flow.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["source"] for row in rows if row["layer"] == "0"} == partial[1]


def test_a_folder_of_something_else_is_left_alone(census: Census, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = inside("report", census.warehouse, census.run, "--out", tmp_path)
    assert done.returncode == 2
    assert "no report" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_ids_are_used_once() -> None:
    ids = [part.id for page in PAGES for part in page.parts]
    assert len(ids) == len(set(ids))


def test_the_site_is_small(site: Path) -> None:
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 5e6


def test_what_others_wrote_stays_text() -> None:
    """SPF records, banners and names come from the network."""
    evil = "<script>alert(1)</script>"
    tree = Branch(evil, "", evil, f"v=spf1 {evil}", evil, 1, 1, (evil,), (Leaf(evil, 1, evil),))
    filling = Filled("trees.html", {"part": PAGES[1].parts[0], "trees": [tree]})
    values = {
        "part": PAGES[1].parts[0],
        "chart": {"name": evil},
        "table": table(pa.table({evil: [evil]}), 5),
    }
    values |= {"needs": (), "sql": "", "script": False}
    for each in (filling, Filled("exhibit.html", values)):
        html = _render(_environment(), each)
        assert evil not in html
        assert "alert(1)" in html
