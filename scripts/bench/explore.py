"""Explore over a run: what a start costs, and the first answer of each page.

The names that have most are asked for: the largest company and include, the most popular domain,
the address with most exchanges. Every page is asked for the first time.
Usage: python -m scripts.bench.explore WAREHOUSE [RUN]
"""

import resource
import statistics
import sys
import time
from urllib.parse import quote

from starlette.testclient import TestClient

from pipeline.explore.app import application
from pipeline.explore.catalogue import Catalogue, catalogue
from pipeline.warehouse import Warehouse

_LARGEST = {
    "domain": "SELECT domain FROM known ORDER BY rank NULLS LAST, domain LIMIT 1",
    "company": "SELECT company FROM companies ORDER BY domains DESC, company LIMIT 1",
    "include": "SELECT target FROM included ORDER BY domains DESC, target LIMIT 1",
    "address": """SELECT address FROM places JOIN mail ON host = mx
                  GROUP BY address ORDER BY sum(domains) DESC, address LIMIT 1""",
}
_SOME = "SELECT domain FROM (FROM known USING SAMPLE reservoir(30 ROWS) REPEATABLE (7)) ORDER BY 1"


def main(warehouse: str, run: str | None) -> None:
    """Print seconds of CPU and of time."""
    began = time.process_time()
    with catalogue(Warehouse.at(warehouse).existing(run), _quiet) as opened:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"start: {time.process_time() - began:.1f} s CPU, {peak:,.0f} MB")
        _pages(opened)


def _pages(opened: Catalogue) -> None:
    client = TestClient(application(opened, "127.0.0.1"), base_url="http://127.0.0.1")
    for kind, query in _LARGEST.items():
        name = str(opened.ask(query, [])[0][0])
        cpu, wall = _timed(client, f"/{kind}/{quote(name, safe='')}")
        print(f"{kind} {name}: {cpu:.2f} s CPU, {wall:.2f} s")
    names = [name for (name,) in opened.ask(_SOME, [])]
    taken = [_timed(client, f"/domain/{name}") for name in names]
    cpu, wall = (statistics.median(each) for each in zip(*taken, strict=True))
    worst = max(cpu for cpu, _ in taken)
    print(f"{len(names)} domains by chance: {cpu:.2f} s CPU at the median, {worst:.2f} at most")
    print(f"their median wait: {wall:.2f} s")


def _timed(client: TestClient, path: str) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.monotonic()
    client.get(path).raise_for_status()
    return time.process_time() - cpu, time.monotonic() - wall


def _quiet(_: str) -> None:
    pass


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
