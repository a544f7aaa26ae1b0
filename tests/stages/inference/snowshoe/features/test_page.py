"""docs/snowshoe-features.md has every feature, in order, and what the schema says of nulls."""

from pathlib import Path

from schemas.snowshoe import CONTEXT, FEATURES, SNOWSHOE

PAGE = Path(__file__).parents[5] / "docs" / "snowshoe-features.md"
TEXTS = {column.path: column.text for column in SNOWSHOE.columns}


def table() -> list[list[str]]:
    """The cells of the table of features."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_features_in_the_order_of_the_schema() -> None:
    assert tuple(row[0].strip("`") for row in table()) == FEATURES


def test_each_has_a_definition_a_source_and_a_unit() -> None:
    for name, definition, source, unit, _ in table():
        assert definition, name
        assert unit, name
        kind = TEXTS[name.strip("`")].split(":")[0]
        assert source.startswith("TXT: spf." if kind == "SPF" else f"{kind}: "), name


def test_nulls_stand_where_the_schema_has_them() -> None:
    """Questions beyond the first are the schema's general rule, not its columns'."""
    for name, _, source, _, null in table():
        own_rule = "null" in TEXTS[name.strip("`")]
        further = "; A: " in source
        assert bool(null) == (own_rule or further), name


def test_context_is_there_too() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in CONTEXT)
    assert "our reconstruction" in text
