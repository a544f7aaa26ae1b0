"""The notebook runs from top to bottom over a warehouse, and holds no outputs."""

import json
from pathlib import Path
from typing import Any

import duckdb
import matplotlib as mpl
import pytest

from tests.docs.conftest import Demo

NOTEBOOK = Path(__file__).parents[2] / "docs" / "census.ipynb"


def _cells() -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return cells


def test_it_runs(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE", str(demo.warehouse))
    monkeypatch.setenv("RUN", demo.run)
    with mpl.rc_context():
        mpl.use("agg")
        import matplotlib.pyplot as plt  # noqa: PLC0415 - after the choice of its backend

        scope: dict[str, Any] = {}
        for cell in _cells():
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), cell["id"], "exec"), scope)
        figures = [plt.figure(number) for number in plt.get_fignums()]
        assert len(figures) == 3
        for figure in figures:
            figure.canvas.draw()
        plt.close("all")
    assert isinstance(scope["db"], duckdb.DuckDBPyConnection)
    assert scope["shares"].height
    assert scope["behind"].height
    assert scope["trust"].height
    scope["db"].close()


def test_it_is_clean() -> None:
    cells = _cells()
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
