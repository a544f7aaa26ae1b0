"""Time of provider inference a domain, on a made-up census (see sample), its tables written.

    python -m scripts.bench.provider_inference [--domains 1394833] [--runs 3] [--seed 1]

The processor time is of all of DuckDB's threads; the census is made by another process, so that
the peak of memory is the inference's.
"""

import time
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq

from pipeline.infer import backend, write
from schemas import CRAWLED, DOMAINS, TABLES
from schemas.providers import PROVIDERS
from scripts.bench.made import peak, prepared
from scripts.bench.sample import CENSUS, PORT, make, part
from stages.inference.providers.companies import bundled_companies
from stages.inference.providers.inference import infer
from stages.inference.providers.method import Method


def measured(folder: Path) -> tuple[float, float]:
    """Seconds, and processor seconds, of one inference, its tables written."""
    method = Method(companies=bundled_companies(), port=PORT, ehlo_name=None)
    with backend() as connection:
        census = {
            table.name: connection.read_parquet(part(folder, table))
            if table in CENSUS
            else connection.create_table(table.name, table.schema.empty_table())
            for table in CRAWLED
        }
        wall, cpu = time.perf_counter(), time.process_time()
        for made, result in infer(census, method).items():
            write(result, TABLES[made], method, part(folder, TABLES[made]))
        taken = time.perf_counter() - wall, time.process_time() - cpu
    rows, domains = (pq.read_metadata(part(folder, t)).num_rows for t in (PROVIDERS, DOMAINS))
    if rows != domains:
        raise SystemExit(f"{domains} domains have {rows} provider rows")
    return taken


def main() -> None:
    """Make a census, infer, print how long it took."""
    with prepared(__doc__, make, 1_394_833) as (options, folder):
        taken = [measured(folder) for _ in range(options.runs)]
    wall, cpu = (1e6 * median(times) / options.domains for times in zip(*taken, strict=True))
    print(
        f"{options.domains:,} domains, median of {options.runs}: {cpu:.1f} us CPU a domain, "
        f"{wall:.1f} us of time; peak {peak():,.0f} MB"
    )


if __name__ == "__main__":
    main()
