"""What is wrong or unwise in records by their text alone: findings, a row each.

What answers add is in ``faults``, what only a walk can tell in ``findings``.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf_trust import SpfClass
from stages.inference.trust.columns import integers, places, truths, whole
from stages.inference.trust.sets import Bools, Ints
from stages.inference.trust.terms import Kind, Terms

CLASSES = tuple(SpfClass)
"""A class is known by its place here."""
_FITTING, _DATAGRAM = 450, 512


class Findings(NamedTuple):
    """Findings, and where each stands."""

    nodes: Ints
    classes: Ints
    """Places in `CLASSES`."""
    terms: pa.Array

    @classmethod
    def united(cls, parts: Iterable["Findings"]) -> "Findings":
        """All of them."""
        nodes, classes, terms = zip(*parts, strict=True)
        texts = pa.chunked_array(terms, pa.string())
        return cls(np.concatenate(nodes), np.concatenate(classes), whole(texts))

    def distinct(self) -> "Findings":
        """Each once."""
        texts = integers(pc.dictionary_encode(self.terms).indices)
        keys = np.stack([self.nodes, self.classes, texts])
        _, first = np.unique(keys, axis=1, return_index=True)
        return Findings(self.nodes[first], self.classes[first], self.terms.take(pa.array(first)))


def found(finding: SpfClass, nodes: Ints, terms: pa.Array | None = None) -> Findings:
    """Findings of one class, of records as a whole without terms."""
    texts = pa.array([""], pa.string()).take(pa.array(np.zeros(len(nodes), np.int64)))
    codes = np.full(len(nodes), CLASSES.index(finding))
    return Findings(nodes, codes, texts if terms is None else terms)


def remarks(batch: pa.RecordBatch, terms: Terms, readable: Bools) -> Findings:
    """Of the records of a batch of the table spf, by row: ``nodes`` are rows."""
    return Findings.united([_faults(batch), *_of_records(batch), *_of_terms(terms, readable)])


def _faults(batch: pa.RecordBatch) -> Findings:
    """What did not parse."""
    lists = batch["faults"]
    fields = lists.flatten()
    error, term = (fields.field(name) for name in ("error", "term"))
    sizes = integers(pc.list_value_length(lists))
    return Findings(np.repeat(np.arange(len(sizes)), sizes), places(error, CLASSES), term)


def _of_records(batch: pa.RecordBatch) -> Iterator[Findings]:
    size, rows = integers(batch["size"]), np.arange(batch.num_rows)
    fitting = (size > _FITTING) & (size <= _DATAGRAM)
    yield found(SpfClass.OVER_450_BYTES, rows[fitting])
    yield found(SpfClass.OVER_512_BYTES, rows[size > _DATAGRAM])
    yield found(SpfClass.UNDECODABLE_TEXT, rows[truths(batch["raw"])])


def _of_terms(terms: Terms, readable: Bools) -> Iterator[Findings]:
    kinds, rows = terms.kinds, terms.rows
    everybody = terms.alive & (kinds == Kind.ALL)
    masks = {
        SpfClass.PTR_USED: terms.alive & (kinds == Kind.PTR),
        SpfClass.TEXT_AFTER_ALL: terms.behind,
        SpfClass.REDIRECT_WITH_ALL: (kinds == Kind.REDIRECT) & readable[rows] & ~terms.alive,
        SpfClass.PASS_ALL: everybody & (terms.qualifiers == ord("+")),
        SpfClass.NEUTRAL_ALL: everybody & (terms.qualifiers == ord("?")),
    }
    for finding, mask in masks.items():
        yield found(finding, rows[mask], terms.text(np.flatnonzero(mask)))
    closed = np.zeros(len(readable), bool)
    closed[rows[np.isin(kinds, (Kind.ALL, Kind.REDIRECT))]] = True
    filled = np.zeros(len(readable), bool)
    filled[rows] = True
    yield found(SpfClass.NO_ALL, np.flatnonzero(readable & filled & ~closed))
    yield _twice(terms, len(readable))


def _twice(terms: Terms, count: int) -> Findings:
    """Includes that stand in a record more than once; of several spellings the last by order."""
    includes = terms.alive & (terms.kinds == Kind.INCLUDE)
    several = np.bincount(terms.rows[includes], minlength=count) > 1
    chosen = np.flatnonzero(includes & several[terms.rows])
    keys = terms.rows[chosen] << 32 | _written(terms, chosen)
    _, number, times = np.unique(keys, return_inverse=True, return_counts=True)
    again = times[number] > 1
    last: dict[int, tuple[int, str]] = {}
    rows, texts = terms.rows[chosen[again]].tolist(), terms.text(chosen[again]).to_pylist()
    for key, row, text in zip(keys[again].tolist(), rows, texts, strict=True):
        last[key] = max(last.get(key, (row, "")), (row, text))
    nodes = np.array([row for row, _ in last.values()], np.int64)
    written = pa.array([text for _, text in last.values()], pa.string())
    return found(SpfClass.DUPLICATE_INCLUDE, nodes, written)


def _written(terms: Terms, places: Ints) -> Ints:
    """What includes name, macros as they stand; equal numbers for equal names."""
    macro = pa.array(terms.macros[places])
    lower = pc.ascii_lower(terms.text(places))
    names = pc.if_else(macro, lower, terms.specs(places))
    return integers(pc.dictionary_encode(names).indices)
