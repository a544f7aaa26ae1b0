"""Statements that make the tables known to Spark and to Trino's Hive connector.

Types are those that these programs read the Parquet as. Every name is quoted: some are key words.
"""

import enum
from dataclasses import dataclass

import pyarrow as pa

from schemas import KEPT, TABLES
from schemas.table import Table


class Dialect(enum.StrEnum):
    """Whose words."""

    SPARK = "spark"
    TRINO = "trino"


@dataclass(frozen=True)
class _Words:
    quote: str
    scalars: dict[str, str]
    array: str
    struct: str
    field: str


_SPARK = _Words(
    quote="`",
    scalars={
        "string": "STRING", "binary": "BINARY", "bool": "BOOLEAN", "int16": "SMALLINT",
        "int32": "INT", "int64": "BIGINT", "float": "FLOAT", "double": "DOUBLE",
        "date32[day]": "DATE", "timestamp[us, tz=UTC]": "TIMESTAMP",
        "decimal128(38, 0)": "DECIMAL(38, 0)",
    },
    array="ARRAY<{}>", struct="STRUCT<{}>", field="{}: {}",
)  # fmt: skip
_TRINO = _Words(
    quote='"',
    scalars={
        "string": "varchar", "binary": "varbinary", "bool": "boolean", "int16": "smallint",
        "int32": "integer", "int64": "bigint", "float": "real", "double": "double",
        "date32[day]": "date", "timestamp[us, tz=UTC]": "timestamp",
        "decimal128(38, 0)": "decimal(38, 0)",
    },
    array="array({})", struct="row({})", field="{} {}",
)  # fmt: skip
_SCHEMA = "census"
_WORDS = {Dialect.SPARK: _SPARK, Dialect.TRINO: _TRINO}


def ddl(dialect: Dialect, location: str) -> str:
    """A statement for every table of the warehouse at a location, and what finds its runs.

    They go into the schema `census`. Those kept across runs are left out: they have no runs.
    """
    tables = [table for table in TABLES.values() if table not in KEPT]
    statements = [_statement(table, dialect, location.rstrip("/")) for table in tables]
    return "\n\n".join([f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA};", *statements]) + "\n"


def _statement(table: Table, dialect: Dialect, location: str) -> str:
    words = _WORDS[dialect]
    columns = [f"    {_quoted(f.name, words)} {_type(f.type, words)}" for f in table.schema]
    name, place = (
        f"{_SCHEMA}.{_quoted(table.name, words)}",
        f"{location}/{table.name}".replace("'", "''"),
    )
    if dialect is Dialect.SPARK:
        body = ",\n".join([*columns, "    `run` STRING"])
        return (
            f"CREATE TABLE {name} (\n{body}\n)\nUSING PARQUET PARTITIONED BY (`run`)\n"
            f"LOCATION '{place}';\nMSCK REPAIR TABLE {name};"
        )
    body = ",\n".join([*columns, '    "run" varchar'])
    return (
        f"CREATE TABLE {name} (\n{body}\n)\nWITH (format = 'PARQUET', "
        f"partitioned_by = ARRAY['run'],\n    external_location = '{place}');\n"
        f"CALL system.sync_partition_metadata('{_SCHEMA}', '{table.name}', 'FULL');"
    )


def _type(kind: pa.DataType, words: _Words) -> str:
    if pa.types.is_list(kind):
        return words.array.format(_type(kind.value_type, words))
    if pa.types.is_struct(kind):
        fields = (words.field.format(_quoted(f.name, words), _type(f.type, words)) for f in kind)
        return words.struct.format(", ".join(fields))
    if pa.types.is_fixed_size_binary(kind):
        return words.scalars["binary"]
    return words.scalars[str(kind)]


def _quoted(name: str, words: _Words) -> str:
    return f"{words.quote}{name}{words.quote}"
