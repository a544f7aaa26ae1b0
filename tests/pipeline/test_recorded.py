"""20,141 real domains, served as recorded by a real NSD, come back as recorded.

The recordings are mxmap.it's, CC BY-SA 4.0.
"""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import idna
import pytest

from stages.spf.record import is_spf
from tests.pipeline.command import mailcensus
from tests.servers.nsd import nsd

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "mail-dns"
RUN = "recorded"
FEW = 25
"""One domain in so many is asked for its policies."""


class Census(NamedTuple):
    """What was served and where its census lies."""

    recorded: dict[str, dict[str, Any]]
    """The recordings by the name that is asked: A-labels."""
    includes: dict[str, str | None]
    """SPF text by include target."""
    omitted: list[dict[str, str]]
    """Records that cannot be served, with the reason."""
    warehouse: Path
    queries: int
    """Questions that NSD was sent."""
    policies: Path
    """Warehouse of another census: of a few, by plan policy."""

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Some columns of a table."""
        parts = self.warehouse / table / f"run={RUN}" / "*.parquet"
        return duckdb.sql(f"SELECT {columns} FROM '{parts}'").fetchall()


def json_lines(path: Path) -> list[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Census:
    if not DATA.is_dir():
        pytest.skip("no recorded answers: ../shared/data/mail-dns is missing")
    folder = tmp_path_factory.mktemp("recorded")
    zones, warehouse = folder / "zones", folder / "warehouse"
    command = [sys.executable, "-m", "scripts.world", "zones", str(zones), "--recorded", str(DATA)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    with nsd({".": zones / "world.zone"}) as server:
        before = server.queries()
        done = mailcensus(
            "crawl", zones / "seeds.csv", "--warehouse", warehouse, "--run", RUN, "--exact",
            "--scope", "loopback", "--nameserver", f"{server.address}:{server.port}", "--no-smtp",
            seconds=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        queries = server.queries() - before
        words = ["--scope", "loopback", "--nameserver", f"{server.address}:{server.port}"]
        seeds = zones.joinpath("seeds.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        few, policies = folder / "few.csv", folder / "policies"
        few.write_text("".join(seeds[::FEW]), encoding="utf-8")
        done = mailcensus(
            "crawl", few, "--warehouse", policies, "--run", RUN, "--exact", *words, "--no-smtp",
            "--plan", "policy",
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    recorded = {
        idna.encode(row["domain"], uts46=True).decode(): row
        for row in json_lines(DATA / "recorded.jsonl.gz")
    }
    includes = {row["name"]: row["spf"] for row in json_lines(DATA / "spf-includes.jsonl.gz")}
    return Census(
        recorded, includes, json_lines(zones / "omitted.jsonl"), warehouse, queries, policies
    )


def test_every_domain_has_one_row(census: Census) -> None:
    domains = [domain for (domain,) in census.rows("domains", "domain")]
    assert len(domains) == len(set(domains)) == 20_141
    assert set(domains) == set(census.recorded)


def test_every_mx_set_is_the_recorded_one(census: Census) -> None:
    found = dict(census.rows("domains", "domain, list_transform(mx, lambda x: x.exchange)"))
    for domain, recorded in census.recorded.items():
        expected = list(dict.fromkeys(recorded["mx"]))
        assert found[domain] == expected, domain


def test_every_spf_text_is_the_recorded_one(census: Census) -> None:
    texts = dict(census.rows("domains", "domain, list_transform(txt, lambda x: x.text)"))
    records = dict(census.rows("spf", "name, record"))
    not_spf = []
    for domain, row in census.recorded.items():
        spf = row["spf"]
        if spf is None:
            assert records[domain] is None, domain
        elif is_spf(spf.encode()):
            assert records[domain] == spf, domain
        else:
            # Recorded as SPF, but the version is not followed by a blank: by RFC 7208
            # section 4.5 it is none, so the text stands in domains.txt alone.
            assert records[domain] is None, domain
            assert spf in texts[domain], domain
            not_spf.append(spf)
    assert len(not_spf) == 13
    assert all(not spf.lower().startswith(("v=spf1 ", "v=spf1\0")) for spf in not_spf)


def test_every_include_target_that_a_record_names_has_its_row(census: Census) -> None:
    rows = dict(census.rows("spf", "name, record"))
    named = {target for (targets,) in census.rows("spf", "includes") for target in targets}
    assert named <= rows.keys()
    served = {name: spf for name, spf in census.includes.items() if name in named and spf}
    assert len(served) > 3000
    for name, spf in served.items():
        if is_spf(spf.encode()) and name not in census.recorded:
            assert rows[name] == spf, name


def test_what_could_not_be_served_is_known(census: Census) -> None:
    reasons = [(row["type"], row["reason"]) for row in census.omitted]
    assert reasons.count(("CNAME", "a CNAME to itself")) == 2
    macros = [row for row in census.omitted if "%{" in row["name"]]
    assert len(macros) + 2 == len(census.omitted) == 10


def test_each_name_is_asked_once(census: Census) -> None:
    """Counted at the server: what the rows say was sent is what NSD was sent."""
    sums = {
        "domains": ["mx_query", "txt_query", "dmarc_query"],
        "hosts": ["a_query", "aaaa_query"],
        "mx": ["mx_query"],
        "dmarc": ["dmarc_query"],
        "tlsa": ["tlsa_query"],
        "addresses": ["ptr_query"],
    }
    sent = sum(
        sum(count or 0 for (count,) in census.rows(table, f"{question}.attempts"))
        for table, questions in sums.items()
        for question in questions
    )
    # The TXT question of a seed is in domains and spf alike.
    targets = census.rows("spf", "name, query.attempts")
    sent += sum(count for name, count in targets if name not in census.recorded)
    assert census.queries == sent + 1  # the question whether a nameserver answers at all
    for table, key in (
        ("hosts", "host"),
        ("spf", "name"),
        ("mx", "name"),
        ("dmarc", "name"),
        ("tlsa", "host"),
        ("addresses", "address"),
    ):
        keys = [row[0] for row in census.rows(table, key)]
        assert len(keys) == len(set(keys))


def test_what_tells_of_the_mailboxes_is_as_recorded(census: Census) -> None:
    parts = census.policies / "policies" / f"run={RUN}" / "*.parquet"
    rows = duckdb.sql(
        "SELECT domain, autodiscover_chain, "
        "list_transform(autodiscover_srv, lambda s: s.target), "
        "list_filter(dkim, lambda s: len(s.cname_chain) > 0), "
        f"domainkey_query.outcome FROM '{parts}'"
    ).fetchall()
    assert len(rows) > 600
    signed = 0
    for domain, chain, services, dkim, below in rows:
        recorded = census.recorded[domain]
        discover = recorded["autodiscover"]
        assert chain[:1] == [discover[key] for key in ("autodiscover_cname",) if key in discover]
        targets = [discover[key] for key in ("autodiscover_srv",) if key in discover]
        assert services == [target or "." for target in targets]
        found = {each["selector"]: each["cname_chain"][0] for each in dkim}
        assert found == {key: to for key, to in recorded["dkim"].items() if key != "selector2"}
        assert below == ("nodata" if recorded["dkim"] else "nxdomain")
        signed += bool(found)
    assert signed > 80
