"""Counts of every run of a warehouse, as views for queries about what came of them over time."""

from pipeline.warehouse import Warehouse
from schemas import POLICY_ADOPTION, PROVIDER_SHARES

HISTORY = {"past_shares": PROVIDER_SHARES, "past_adoption": POLICY_ADOPTION}
"""Views and the tables that they have of all runs, with a column ``run`` more."""


def history(warehouse: Warehouse) -> dict[str, str]:
    """Queries by name of the view; without any rows where no run has the table."""
    runs, views = warehouse.runs(), {}
    for name, table in HISTORY.items():
        if any(warehouse.exists(run.inferred(table)) for run in runs):
            files = f"{warehouse.root}/{table.name}/run=*/*.parquet".replace("'", "''")
            options = "hive_partitioning = true, hive_types_autocast = false, union_by_name = true"
            views[name] = f"FROM read_parquet('{files}', {options})"
        else:
            views[name] = f"SELECT '' AS run, * FROM {table.name} LIMIT 0"
    return views
