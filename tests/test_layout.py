"""What holds the tree together: imports go one way, files keep to a readable size."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ("schemas", "certs", "stages", "pipeline", "scripts", "tests")
# The record classes depend on the standard library and Arrow alone.
LEAF_MAY_IMPORT = {"pyarrow", "schemas"}


def imported(path: Path) -> Iterator[str]:
    """Top-level names of all that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("package", ORDER)
def test_imports_go_one_way(package: str) -> None:
    allowed = ORDER[: ORDER.index(package) + 1]
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        wrong = [name for name in imported(path) if name in ORDER and name not in allowed]
        assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_schemas_are_a_leaf() -> None:
    for path in (ROOT / "schemas").rglob("*.py"):
        foreign = set(imported(path)) - LEAF_MAY_IMPORT - set(sys.stdlib_module_names)
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


def test_stages_without_io_stay_without() -> None:
    for name in ("message", "name", "rdata", "reply", "mail"):
        path = ROOT / "stages" / "dns" / f"{name}.py"
        assert not {"asyncio", "aiodns", "pathlib"} & set(imported(path)), path
