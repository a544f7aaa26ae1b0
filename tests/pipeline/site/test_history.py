"""Views over all runs of a warehouse."""

import shutil

from pipeline.site.census import census as opened
from pipeline.warehouse import Warehouse
from tests.pipeline.conftest import Census


def test_counts_of_every_run_are_there(copied: Census) -> None:
    for folder in ("provider_shares", "_runs"):
        run = copied.run if folder == "_runs" else f"run={copied.run}"
        path = copied.warehouse / folder / run
        shutil.copytree(path, path.with_name(run.replace(copied.run, "2026-11-23")))
    shutil.rmtree(copied.warehouse / "policy_adoption")
    with opened(Warehouse.at(str(copied.warehouse)).existing(copied.run)) as tables:
        counts = tables.rows("SELECT run, count(*) AS rows FROM past_shares GROUP BY run")
        assert tables.lacking(["past_adoption"])
        assert not tables.lacking(["past_shares"])
        ours = tables.rows_of["provider_shares"]
    found = {row["run"]: row["rows"] for row in counts.to_pylist()}
    assert found == {copied.run: ours, "2026-11-23": ours}
