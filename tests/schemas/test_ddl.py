"""Statements for Spark and Trino: a parser of theirs takes them, and they have every column."""

import pytest
import sqlglot
from sqlglot import exp

from schemas import KEPT, TABLES
from schemas.ddl import Dialect, ddl

LOCATION = "s3://bucket/it's"


@pytest.mark.parametrize("dialect", Dialect)
def test_every_table_is_made_with_its_columns_and_its_runs_are_found(dialect: Dialect) -> None:
    text = ddl(dialect, LOCATION)
    statements = [s for s in text.split(";\n") if s.lstrip().startswith("CREATE TABLE")]
    expected = [table for table in TABLES.values() if table not in KEPT]
    assert len(statements) == len(expected)
    for statement, table in zip(statements, expected, strict=True):
        made = sqlglot.parse_one(statement, dialect=str(dialect))
        assert isinstance(made, exp.Create)
        schema = made.this
        assert (schema.this.db, schema.this.name) == ("census", table.name)
        assert [column.name for column in schema.expressions] == [*table.schema.names, "run"]
        assert f"{LOCATION.replace(chr(39), chr(39) * 2)}/{table.name}'" in statement
        wanted = sum(1 for column in table.columns) + 1
        fields = [*made.find_all(exp.ColumnDef)]
        assert len(fields) == wanted, "nested fields count, too"
    finds = {Dialect.SPARK: "MSCK REPAIR TABLE ", Dialect.TRINO: "CALL system.sync_partition"}
    assert text.count(finds[dialect]) == len(expected)


@pytest.mark.parametrize(
    ("dialect", "types"),
    [
        (Dialect.SPARK, {
            "domain": "STRING", "asked": "TIMESTAMP",
            "seeds": "ARRAY<STRUCT<`list`: STRING, `rank`: BIGINT>>",
        }),
        (Dialect.TRINO, {
            "domain": "varchar", "asked": "timestamp",
            "seeds": 'array(row("list" varchar, "rank" bigint))',
        }),
    ],
)  # fmt: skip
def test_types(dialect: Dialect, types: dict[str, str]) -> None:
    first = ddl(dialect, LOCATION).split(";")[1]
    quote = "`" if dialect is Dialect.SPARK else '"'
    for column, kind in types.items():
        assert f"    {quote}{column}{quote} {kind},\n" in first
