"""Charts of what changed, where a run was compared with several."""

import duckdb

from pipeline.site.exhibit import Exhibit
from pipeline.site.sections.changes import PAGE


def query(name: str) -> str:
    """The query of an exhibit of the page."""
    (found,) = [each for each in PAGE.parts if isinstance(each, Exhibit) and each.id == name]
    return found.query


def test_runs_that_were_compared_do_not_add_up() -> None:
    """A bar and a flow are of one earlier run, the last."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE changes (earlier TEXT, domain TEXT, kind TEXT, "
            "change TEXT, doubt TEXT)")  # fmt: skip
        connection.execute("INSERT INTO changes VALUES ('2026-11-01', 'a.com', 'operator', "
            "'moved', NULL), ('2026-11-20', 'a.com', 'operator', 'moved', NULL), "
            "('2026-11-01', 'b.com', 'operator', 'moved', NULL)")  # fmt: skip
        assert connection.execute(query("changes")).fetchall() == [
            ("2026-11-20", "operator", "moved", 1, 0)
        ]
        connection.execute("CREATE TABLE movements (earlier TEXT, provider_then TEXT, "
            "provider_now TEXT, domains INT, doubtful INT)")  # fmt: skip
        connection.execute("INSERT INTO movements VALUES ('2026-11-01', 'x', 'y', 2, 0), "
            "('2026-11-20', 'x', 'y', 1, 0)")  # fmt: skip
        assert connection.execute(query("movements")).fetchall() == [("2026-11-20", "x", "y", 1, 0)]
