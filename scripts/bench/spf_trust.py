"""Time and memory of SPF trust, on a made-up census with real records.

    python -m scripts.bench.spf_trust [DOMAINS] [--records DIR] [--keep DIR] [--tables DIR]

The records are recorded.jsonl.gz and spf-includes.jsonl.gz (shared data, mail-dns), the tables
ipasn.dat.gz and ipinfo_lite.mmdb (shared data, ip). Every domain has a record: that of a recorded
domain drawn at random, with the domain's name in place of the recorded one and, four times in
five, other addresses in its single addresses. Names of mail hosts and includes below the domain
become its own likewise. The census is written first, in batches; inference then runs in a process
of its own. Of each table it prints the rows and what it took since the table before, its writing
included, with the peak of memory since then (Linux).
"""

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.footprint import give_back
from pipeline.infer import backend
from schemas import ADDRESSES, DOMAINS, HOSTS, MX, SPF
from schemas.domains import Domain, SeedRank
from schemas.hosts import Host
from schemas.mx import Exchange, Mx
from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from schemas.query import Query, Text
from schemas.spf import Spf
from schemas.table import Table
from scripts.bench.machine import description
from scripts.bench.made import peak
from stages.dns.answer import Answer, Question, RRType
from stages.enrich.atlas import Atlas
from stages.enrich.cloud import CloudTable
from stages.enrich.tables import AsnTable, OwnerTable
from stages.inference.providers.companies import bundled_companies
from stages.inference.trust.inference import infer
from stages.spf.stage import spf_row

OK = Query(Outcome.OK, 0, 300, 1.0, None, 1, tcp=False)
NODATA = OK._replace(outcome=Outcome.NODATA)
BATCH = 20_000
TABLES = (DOMAINS, SPF, HOSTS, MX)
SHARED = Path(__file__).parents[3] / "shared" / "data"
ADDRESS = re.compile(r"ip4:(\d+\.\d+)\.\d+\.\d+(?=[ ]|$|/32)")


class Recorded(NamedTuple):
    """A recorded domain that has a record."""

    domain: str
    record: str
    exchanges: tuple[str, ...]


class Census:
    """Rows of the crawl's tables, made domain by domain and written by the batch."""

    def __init__(self, records: Path, folder: Path) -> None:
        self._random = random.Random(1)
        self._recorded = [
            Recorded(row["domain"], row["spf"], tuple(row["mx"]))
            for row in _lines(records / "recorded.jsonl.gz")
            if row["spf"]
        ]
        self._targets: dict[str, str] = {
            row["name"]: row["spf"] for row in _lines(records / "spf-includes.jsonl.gz")
        }
        self._seen: set[str] = set()
        self._rows: dict[Table, list[tuple[object, ...]]] = {table: [] for table in TABLES}
        self._writers = {
            table: pq.ParquetWriter(folder / f"{table.name}.parquet", table.schema)
            for table in TABLES
        }

    def add(self, number: int) -> None:
        """One more domain, and all that its record leads to for the first time."""
        given = self._random.choice(self._recorded)
        domain = f"domain{number}.example"
        record = given.record.replace(given.domain, domain)
        record = ADDRESS.sub(self._address, record)
        hosts = tuple(host.replace(given.domain, domain) for host in given.exchanges)
        exchanges = tuple(Exchange(10, host, ExchangeKind.HOST) for host in hosts)
        texts = (Text.of(record.encode()), Text("made-up-site-verification=1", None))
        seeds = (SeedRank("made-up", number + 1),)
        self._put(
            DOMAINS,
            Domain(domain, domain, 0, seeds, Mail.MX, exchanges, hosts, OK, texts, OK, (), OK),
        )
        self._spf(domain, record, given.domain, domain)
        for host in hosts:
            self._host(host)

    def close(self) -> None:
        """Write what is left."""
        for table in TABLES:
            self._write(table)
            self._writers[table].close()

    def _spf(self, name: str, record: str | None, theirs: str, ours: str) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        raw = () if record is None else (record.encode(),)
        query = OK if raw else NODATA
        row = spf_row(Answer(Question(name, RRType.TXT), 0, query, raw))
        self._put(SPF, row)
        self._follow(row, theirs, ours)

    def _follow(self, row: Spf, theirs: str, ours: str) -> None:
        for target in row.includes:
            recorded = self._targets.get(target.replace(ours, theirs))
            text = recorded and recorded.replace(theirs, ours)
            self._spf(target, text, theirs, ours)
        for host in row.a_names:
            self._host(host)
        for name in row.mx_names:
            if name not in self._seen:
                self._seen.add(name)
                self._put(MX, Mx(name, 0, (), (), NODATA))

    def _host(self, name: str) -> None:
        if (key := f"host {name}") in self._seen:
            return
        self._seen.add(key)
        four = self._random.random() < 0.9
        six = self._random.random() < 0.2
        n = len(self._seen)
        a = (self._four(),) if four else ()
        aaaa = (
            f"2001:db8:{self._random.randrange(1 << 16):x}:{n >> 16:x}:{n & 0xFFFF:x}::1",
        ) * six
        status = HostStatus.RESOLVED if four or six else HostStatus.NO_ADDRESS
        asked = (OK if a else NODATA, OK if aaaa else NODATA)
        self._put(HOSTS, Host(name, None, 0, status, a, aaaa, (), *asked))

    def _four(self) -> str:
        number = self._random.getrandbits(32)
        return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))

    def _address(self, match: re.Match[str]) -> str:
        return f"ip4:{self._four()}" if self._random.random() < 0.8 else match[0]

    def _put(self, table: Table, row: tuple[object, ...]) -> None:
        self._rows[table].append(row)
        if len(self._rows[table]) == BATCH:
            self._write(table)

    def _write(self, table: Table) -> None:
        batch = table.batch(self._rows[table])
        self._writers[table].write_table(pa.Table.from_batches([batch]))
        self._rows[table].clear()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


class Meter:
    """Prints what each step took since the one before, and all of them together."""

    def __init__(self) -> None:
        self._began = self._last = (time.perf_counter(), time.process_time())
        self._peak = 0

    def step(self, name: str) -> None:
        """One line; the peak of a step is counted anew after it."""
        now, peak = (time.perf_counter(), time.process_time()), _peak()
        self._peak = max(self._peak, peak)
        taken, together = _taken(self._last, now, peak), _taken(self._began, now, self._peak)
        print(f"  {name}: {taken}; together {together}", flush=True)
        self._last = now


def _taken(begin: tuple[float, float], end: tuple[float, float], peak: int) -> str:
    return f"{end[0] - begin[0]:.1f} s, CPU {end[1] - begin[1]:.1f} s, peak {peak:,} MB"


def _peak() -> int:
    """The most memory that this process had since it was last asked, in MB; without Linux, ever."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return round(peak())
    return round(int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6)


def measure(folder: Path, tables: Path | None = None) -> None:
    """Infer, and print what it cost this process; ``tables`` has files of addresses."""
    meter = Meter()
    atlas = _atlas(tables)
    meter.step("atlas")
    with backend() as connection:
        connection.raw_sql("SET enable_progress_bar = false")
        census = {
            table.name: connection.read_parquet(folder / f"{table.name}.parquet")
            for table in TABLES
        }
        census[ADDRESSES.name] = connection.create_table(
            ADDRESSES.name, ADDRESSES.schema.empty_table()
        )
        for name, table in infer(census, bundled_companies(), atlas):
            rows = table.num_rows
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
            del table
            give_back()  # as infer does
            meter.step(f"{name}, {rows:,} rows")


def _atlas(tables: Path | None) -> Atlas:
    if tables is None:
        return Atlas.of(None, None, CloudTable.open())
    asn, owner = (
        AsnTable.open(tables / "ipasn.dat.gz"),
        OwnerTable.open(tables / "ipinfo_lite.mmdb"),
    )
    return Atlas.of(asn, owner, CloudTable.open())


def main() -> None:
    """Make a census and have it inferred."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("domains", type=int, nargs="?", default=100_000)
    parser.add_argument("--records", type=Path, default=SHARED / "mail-dns")
    parser.add_argument("--keep", type=Path, help="folder to keep the census in, or that has one")
    parser.add_argument("--tables", type=Path, help="folder of ipasn.dat.gz and ipinfo_lite.mmdb")
    asked = parser.parse_args()
    print(description())
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        if not (folder / "mx.parquet").exists():
            folder.mkdir(parents=True, exist_ok=True)
            census = Census(asked.records, folder)
            for number in range(asked.domains):
                census.add(number)
            census.close()
        rows = {t.name: pq.read_metadata(folder / f"{t.name}.parquet").num_rows for t in TABLES}
        print(rows)
        code = "import sys, pathlib; from scripts.bench.spf_trust import measure; "
        code += "measure(*map(pathlib.Path, sys.argv[1:3]))"
        tables = [str(asked.tables)] if asked.tables else []
        subprocess.run([sys.executable, "-c", code, str(folder), *tables], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
