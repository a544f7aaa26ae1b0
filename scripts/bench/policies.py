"""Time and memory of mail_policies and policy_adoption, over a run of plan policy.

    python -m scripts.bench.crawl --size 100000 --plan policy --keep DIR
    python -m scripts.bench.policies DIR/of-100000 [--shares 4 1]

A run is inferred whole, and of every so-manieth domain, each in a process of its own, so that it
shows whether the cost of a domain stays the same. SPF trust, which adoption counts, is inferred
before and not counted.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq

from pipeline.infer import backend, write
from pipeline.journal import Journal
from pipeline.warehouse import Run, Warehouse
from schemas import CRAWLED, DOMAINS, MAIL_POLICIES, POLICY_ADOPTION
from schemas.table import Table
from scripts.bench.made import peak
from stages.inference.aggregates.cuts import populations
from stages.inference.policies.adoption import policy_adoption
from stages.inference.policies.inference import mail_policies
from stages.inference.providers.companies import bundled_companies
from stages.inference.providers.method import Method
from stages.inference.trust.inference import infer as trust

_PORT = 25


class _Clock:
    """Prints what a step took since the one before."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def lap(self, step: str, rows: int) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        taken = f"{wall - self._wall:.1f} s, CPU {cpu - self._cpu:.1f} s, peak {peak():,.0f} MB"
        print(f"  {step}: {rows:,} rows; {taken}", flush=True)
        self._wall, self._cpu = wall, cpu


def measure(run: Run, share: int, folder: Path) -> None:
    """Infer the policies of every so-manieth domain of a run, and print what it took."""
    method = Method(companies=bundled_companies(), port=_PORT, ehlo_name=None)
    with backend() as connection:
        connection.raw_sql("SET enable_progress_bar = false")
        census = _census(connection, Journal.load(run, deep=False), share)
        clock = _Clock()
        _, spf = next(trust(census, method.companies))
        clock.lap("spf_trust, not counted", spf.num_rows)

        def put(result: ir.Table, table: Table) -> ir.Table:
            path = folder / f"{table.name}.parquet"
            clock.lap(table.name, write(result, table, method, path))
            return connection.read_parquet(path)

        policies = put(mail_policies(census, method.companies, _PORT), MAIL_POLICIES)
        spf_path = folder / "spf_trust.parquet"
        pq.write_table(spf, spf_path)
        members = populations(census[DOMAINS.name]).cache()
        adoption = policy_adoption(policies, connection.read_parquet(spf_path), members)
        put(adoption, POLICY_ADOPTION)


def _census(connection: ibis.BaseBackend, journal: Journal, share: int) -> Mapping[str, ir.Table]:
    census = {}
    for table in CRAWLED:
        parts = journal.parts(table)
        if parts:
            census[table.name] = connection.read_parquet(parts, table_name=table.name)
        else:
            census[table.name] = connection.create_table(table.name, table.schema.empty_table())
    domains = census[DOMAINS.name]
    few = domains.filter(domains.domain.hash() % share == 0).cache()
    return {**census, DOMAINS.name: few}


def main() -> None:
    """Measure each share of a run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("warehouse")
    parser.add_argument("--run")
    parser.add_argument("--shares", type=int, nargs="+", default=[4, 1])
    parser.add_argument("--share", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.share:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            run = Warehouse.at(asked.warehouse).existing(asked.run)
            measure(run, asked.share, Path(folder))
        return
    for share in asked.shares:
        print(f"one domain of {share}", flush=True)
        words = [sys.executable, "-m", "scripts.bench.policies", *sys.argv[1:]]
        subprocess.run([*words, "--share", str(share)], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
