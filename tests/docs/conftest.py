"""A small warehouse like that of `make demo`, with a night before, for the documentation's code."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.pipeline.command import mailcensus
from tests.servers.world import world

RUN, EARLIER = "demo", "before"


class Demo(NamedTuple):
    """A warehouse with two inferred runs of plan policy and what differs between them."""

    warehouse: Path
    run: str
    earlier: str


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    warehouse = folder / "warehouse"
    with world(folder / "world", domains=400) as served:
        _done(
            "crawl", served.seeds, "--warehouse", warehouse, "--run", RUN, "--config",
            served.config, "--plan", "policy", "--mta-sts-policies",
        )  # fmt: skip
    _done("infer", warehouse, RUN)
    _make_earlier(warehouse)
    _done("diff", warehouse, EARLIER, RUN)
    return Demo(warehouse, RUN, EARLIER)


def _done(*words: object) -> None:
    done = mailcensus(*words, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr


def _make_earlier(warehouse: Path) -> None:
    """The same night once more, with a tenth of the domains elsewhere and one not yet there."""
    for folder in (*warehouse.glob(f"*/run={RUN}"), warehouse / "_runs" / RUN):
        shutil.copytree(folder, folder.with_name(folder.name.replace(RUN, EARLIER)))
    path = warehouse / "providers" / f"run={EARLIER}" / "part-0.parquet"
    schema = pq.read_schema(path)
    rows = sorted(pq.read_table(path, partitioning=None).to_pylist(), key=lambda r: r["domain"])
    labelled = [row for row in rows if row["operator_id"]]
    for row in labelled[::10]:
        row |= {"operator_id": "oldhost.example", "operator_company": "Old Host"}
    rows.remove(labelled[5])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
