"""The table spf as arrays, read batch by batch: names, their records, the terms that count.

A name is known by its *node*, a number from 0 in the order of names.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.outcomes import Outcome
from schemas.spf_trust import SpfClass
from stages.inference.trust.columns import integers, places, truths, whole
from stages.inference.trust.remarks import Findings, found, remarks
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.terms import Kind, Terms

_BATCH = 50_000
"""Rows of the table at a time."""
WIDTH = {4: 32, 6: 128}
"""Bits of an address, by version."""
_FAMILIES = {4: "ip4", 6: "ip6"}
_NARROW, _TEXT = pa.int8(), pa.string()
_SCHEMAS = {
    "own": pa.schema(
        [
            ("name", _TEXT),
            ("outcome", _NARROW),
            ("records", pa.int32()),
            ("lookups", pa.int32()),
            ("context", pa.bool_()),
            ("all", _NARROW),
            ("exceptions", pa.bool_()),
        ]
    ),
    "ip4": pa.schema([("row", pa.int32()), ("soft", pa.bool_()), ("network", _TEXT)]),
    "ip6": pa.schema([("row", pa.int32()), ("soft", pa.bool_()), ("network", _TEXT)]),
    "naming": pa.schema(
        [
            ("row", pa.int32()),
            ("kind", _NARROW),
            ("qualifier", _NARROW),
            ("prefix4", pa.int16()),
            ("prefix6", pa.int16()),
            ("target", _TEXT),
            ("text", _TEXT),
        ]
    ),
    "remarks": pa.schema([("row", pa.int32()), ("class", _NARROW), ("term", _TEXT)]),
}
"""What is kept of each batch; narrow, for all batches are held at once."""
_NAMING = (Kind.A, Kind.MX, Kind.EXISTS, Kind.INCLUDE, Kind.REDIRECT)


class Own(NamedTuple):
    """What each node has by itself."""

    names: pa.Array
    outcomes: Ints
    """Of the question for it; a place in `Outcome`."""
    records: Ints
    """SPF records found there."""
    lookups: Ints
    context: Bools
    exceptions: Bools
    all: Ints
    """Code point of the qualifier of its all; 0 without."""


class Literals(NamedTuple):
    """The ip4, ip6 and +all terms that do not fail, a row a term."""

    nodes: Ints
    soft: Bools
    """Whether the qualifier is ? or ~."""
    networks: pa.Array


class Naming(NamedTuple):
    """The terms that lead to a name whatever the message, a row a term: not ptr, no macros."""

    nodes: Ints
    kinds: Ints
    qualifiers: Ints
    """Code point; 0 for a redirect."""
    prefixes: Mapping[int, Ints]
    """Of IPv4 and IPv6, by version."""
    targets: pa.Array
    texts: pa.Array

    def of(self, *kinds: Kind) -> Ints:
        """The places of terms of some kinds."""
        return np.flatnonzero(np.isin(self.kinds, kinds))

    def found(self, finding: SpfClass, terms: Ints) -> Findings:
        """A finding where some of the terms stand."""
        return found(finding, self.nodes[terms], self.texts.take(pa.array(terms)))


class Records(NamedTuple):
    """A run's records."""

    own: Own
    literals: Mapping[int, Literals]
    """By version, 4 and 6."""
    naming: Naming
    remarks: Findings
    """What is wrong or unwise in their text."""


def read(spf: ir.Table) -> Records:
    """The records of the table spf."""
    rows = spf.select(
        "name",
        "terms",
        "faults",
        outcome=spf.query["outcome"],
        records=spf.records.length(),
        size=spf.record.length(),
        raw=spf.records.map(lambda each: each["raw"].notnull()).anys(),
    )
    parts: dict[str, list[pa.Table]] = {}
    first = 0
    for batch in _batches(rows):
        for name, table in _parts(batch, first).items():
            parts.setdefault(name, []).append(table)
        first += batch.num_rows
    return _gathered({name: pa.concat_tables(tables) for name, tables in parts.items()})


def _batches(rows: ir.Table) -> Iterator[pa.RecordBatch]:
    """Rows by the batch; an empty one is among them."""
    reader = rows.to_pyarrow_batches(chunk_size=_BATCH)
    yield pa.RecordBatch.from_pylist([], schema=reader.schema)
    yield from reader


def _parts(batch: pa.RecordBatch, first: int) -> dict[str, pa.Table]:
    """What a batch has of each part of the records; ``first`` is the number of its first row."""
    readable = truths(batch["size"].is_valid()) & (
        integers(pc.list_value_length(batch["faults"])) == 0
    )
    terms = Terms.of(batch["terms"], readable)
    remarked = remarks(batch, terms, readable)
    own = {
        "name": batch["name"],
        "outcome": places(batch["outcome"], tuple(Outcome)),
        "records": integers(batch["records"]),
        **terms.own(batch.num_rows),
    }
    tables = {
        "own": own,
        "ip4": _literals(terms, Kind.IP4, "0.0.0.0/0"),
        "ip6": _literals(terms, Kind.IP6, "::/0"),
        "naming": _naming(terms, batch["name"]),
        "remarks": {"row": remarked.nodes, "class": remarked.classes, "term": remarked.terms},
    }
    for name in tables.keys() - {"own"}:
        tables[name]["row"] = tables[name]["row"] + first
    return {name: pa.table(columns, schema=_SCHEMAS[name]) for name, columns in tables.items()}


def _literals(terms: Terms, kind: Kind, everything: str) -> dict[str, Ints | Bools | pa.Array]:
    fails = terms.qualifiers == ord("-")
    named = np.flatnonzero(terms.alive & (terms.kinds == kind) & ~fails)
    passing = terms.alive & (terms.kinds == Kind.ALL) & (terms.qualifiers == ord("+"))
    everybody = np.flatnonzero(passing)
    whole_space = pa.array([everything] * len(everybody), pa.string())
    rows = np.concatenate([named, everybody])
    networks = [terms.columns["network"].take(pa.array(named)), whole_space]
    return {
        "row": terms.rows[rows],
        "soft": terms.qualifiers[rows] != ord("+"),
        "network": pa.concat_arrays(networks),
    }


def _naming(terms: Terms, names: pa.Array) -> dict[str, Ints | pa.Array]:
    chosen = np.flatnonzero(terms.alive & ~terms.macros & np.isin(terms.kinds, _NAMING))
    some = pa.array(chosen)
    return {
        "row": terms.rows[chosen],
        "kind": terms.kinds[chosen],
        "qualifier": terms.qualifiers[chosen],
        "prefix4": terms.columns["prefix4"].take(some),
        "prefix6": terms.columns["prefix6"].take(some),
        "target": terms.targets(chosen, names),
        "text": terms.text(chosen),
    }


def _gathered(parts: Mapping[str, pa.Table]) -> Records:
    """The records, with nodes in place of rows."""
    order = pc.sort_indices(parts["own"]["name"])
    node = np.empty(len(order), np.int64)
    node[integers(order)] = np.arange(len(order))
    nodes = {name: node[integers(parts[name]["row"])] for name in parts.keys() - {"own"}}
    remarked = parts["remarks"]
    return Records(
        _own_of(parts["own"].take(order)),
        {version: _literals_of(nodes[name], parts[name]) for version, name in _FAMILIES.items()},
        _naming_of(nodes["naming"], parts["naming"]),
        Findings(nodes["remarks"], integers(remarked["class"]), whole(remarked["term"])),
    )


def _own_of(table: pa.Table) -> Own:
    return Own(
        names=whole(table["name"]),
        outcomes=integers(table["outcome"]),
        records=integers(table["records"]),
        lookups=integers(table["lookups"]),
        context=truths(table["context"]),
        exceptions=truths(table["exceptions"]),
        all=integers(table["all"]),
    )


def _literals_of(nodes: Ints, table: pa.Table) -> Literals:
    return Literals(nodes, truths(table["soft"]), whole(table["network"]))


def _naming_of(nodes: Ints, table: pa.Table) -> Naming:
    prefixes = {
        version: integers(pc.fill_null(table[f"prefix{version}"], width))
        for version, width in WIDTH.items()
    }
    return Naming(
        nodes,
        integers(table["kind"]),
        integers(table["qualifier"]),
        prefixes,
        whole(table["target"]),
        whole(table["text"]),
    )
