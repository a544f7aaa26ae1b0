"""The files of a world beside its servers: seeds, truth, IP tables, settings of a census of it.

seeds.csv        rank,domain, as it would be typed
truth.parquet    model.Truth, a row a domain; column types follow from the record class
policies.parquet, dane.parquet, sts_mail_hosts.parquet   model.PolicyTruth, DaneTruth, StsTruth
ipasn.dat, owners.mmdb, clouds.csv   see tables
mailcensus.toml  settings of the crawler
omitted.jsonl    of a recorded world: what of the recording is not in it, and why
"""

import csv
import gzip
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from scripts.world import zones
from scripts.world.builder import PROBE
from scripts.world.given import Given
from scripts.world.model import DaneTruth, PolicyTruth, StsTruth, Truth, World
from scripts.world.recorded import Omitted
from scripts.world.tables import write_tables

SETTINGS = "mailcensus.toml"
_BATCH = 10_000
"""Domains of a world of given names that are written together."""


def write_world(world: World, directory: Path) -> None:
    """All files that do not depend on how the world is served."""
    directory.mkdir(parents=True, exist_ok=True)
    write_seeds(world.seeds, directory / "seeds.csv")
    write_truth(world.truth, directory / "truth.parquet")
    write_tables(world.networks, directory)
    for name, rows, record in (
        ("policies", world.policies, PolicyTruth),
        ("dane", world.dane, DaneTruth),
        ("sts_mail_hosts", world.sts_mail_hosts, StsTruth),
    ):
        with pq.ParquetWriter(directory / f"{name}.parquet", _schema(record)) as file:
            write_rows(file, rows)


def write_given(
    names: Iterable[str], seed: int, directory: Path, *, own_zones: bool = False
) -> int:
    """Files and zone file of a world of given names, domain by domain; how many records.

    Own zones: a zone file for every domain too, without which none has NS and SOA records.
    """
    directory.mkdir(parents=True, exist_ok=True)
    given, records = Given(seed), 0
    with (
        zones.open_zone(directory, own=own_zones) as zone,
        truth_file(directory / "truth.parquet") as truth,
        (directory / "seeds.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        seeds = csv.writer(file, lineterminator="\n")
        settlements, ranks = given.settle(names), itertools.count(1)
        while batch := tuple(itertools.islice(settlements, _BATCH)):
            for one in batch:
                zone.add(one.records, one.faults)
                records += len(one.records)
            write_rows(truth, [one.truth for one in batch])
            seeds.writerows([(next(ranks), one.domain) for one in batch])
        rest = given.rest()
        zone.add(rest, {})
    write_tables(given.networks, directory)
    return records + len(rest)


def read_names(path: Path) -> Iterator[str]:
    """Names of a file, one a line, packed by gzip if it is called so."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            if name := line.strip():
                yield name


def write_seeds(seeds: Iterable[tuple[int, str]], path: Path) -> None:
    """A seed list as top lists are published."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(seeds)


def write_truth(truth: Sequence[Truth], path: Path) -> None:
    """The truth as Parquet."""
    with truth_file(path) as file:
        write_rows(file, truth)


def truth_file(path: Path) -> pq.ParquetWriter:
    """A file for truth that comes bit by bit."""
    return pq.ParquetWriter(path, truth_schema())


def write_rows(file: pq.ParquetWriter, truth: Sequence[tuple[object, ...]]) -> None:
    """Some more truth."""
    columns = zip(*truth, strict=True) if truth else [()] * len(file.schema)
    arrays = [
        pa.array(column, kind) for column, kind in zip(columns, file.schema.types, strict=True)
    ]
    file.write_table(pa.Table.from_arrays(arrays, schema=file.schema))


def truth_schema() -> pa.Schema:
    """That of ``Truth``."""
    return _schema(Truth)


def _schema(record: type) -> pa.Schema:
    """Booleans and strings; those that may be None are nullable."""
    hints = get_type_hints(record)
    return pa.schema(
        pa.field(
            name,
            pa.bool_() if hint in (bool, bool | None) else pa.string(),
            nullable=hint not in (bool, str),
        )
        for name, hint in hints.items()
    )


def write_omitted(omitted: Iterable[Omitted], path: Path) -> None:
    """One JSON object a line: name, type, data, reason."""
    with path.open("w", encoding="utf-8") as file:
        for record, reason in omitted:
            row = {"name": record.name, "type": record.type, "data": record.data, "reason": reason}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_settings(directory: Path, dns_port: int, smtp_port: int, https_port: int = 443) -> None:
    """What a crawler needs to know, with absolute paths."""
    place = directory.resolve()
    settings: dict[str, object] = {
        "scope": "loopback",
        "nameservers": [f"127.0.0.1:{dns_port}"],
        "smtp_port": smtp_port,
        "ehlo_name": PROBE,
        # Nobody minds being asked again soon here.
        "dns_timeout": 0.5,
        "dns_retry_after": 0.5,
        "smtp_timeout": 3.0,
        "smtp_retry_after": 1.0,
        "sts_port": https_port or 443,  # no host, no port
        "sts_timeout": 3.0,
        "sts_retry_after": 1.0,
        "roots": str(place / "roots.pem"),
        "asn_table": str(place / "ipasn.dat"),
        "owner_table": str(place / "owners.mmdb"),
    }
    if (clouds := place / "clouds.csv").exists():  # a recorded world has none
        settings["cloud_table"] = str(clouds)
    # JSON's strings, numbers and lists are TOML's too.
    lines = (f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    (directory / SETTINGS).write_text("".join(lines), encoding="utf-8")
