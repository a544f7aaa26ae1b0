"""Terms of a batch of SPF records as flat arrays, and what a record's own text says.

Terms after an all mechanism count for nothing, nor does a redirect beside one (RFC 7208 sections
5.1 and 6.1), nor any term of a record that is faulty: to receivers it is a permerror as a whole.
The others are *alive*.

Lists of terms come from the backend as they lie, flat with offsets. To have it unnest and join
them took four times as long, and a gigabyte for a million names.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf import TermKind
from stages.inference.trust.columns import integers, places, truths
from stages.inference.trust.sets import Bools, Ints

_NEVER = 1 << 40
"""The position of an all that is not there."""
_SIGNS = "+-?~"


class Kind(IntEnum):
    """The terms that mean something here; exp and unknown modifiers are none of them."""

    IP4 = 0
    IP6 = 1
    ALL = 2
    A = 3
    MX = 4
    PTR = 5
    EXISTS = 6
    INCLUDE = 7
    REDIRECT = 8


_ASKING = Kind.A
"""From here on they count towards the look-ups (RFC 7208 section 4.6.4)."""


class Terms(NamedTuple):
    """The terms of some records, one record after the other."""

    rows: Ints
    """The record of each."""
    positions: Ints
    """Its place in the record."""
    kinds: Ints
    """A `Kind`, or less than 0."""
    qualifiers: Ints
    """Code point; 0 of a modifier."""
    macros: Bools
    mechanisms: Bools
    alive: Bools
    behind: Bools
    """Whether an all stands before it."""
    columns: Mapping[str, pa.Array]
    """The others of `schemas.spf.Term`."""

    @classmethod
    def of(cls, lists: pa.ListArray, readable: Bools) -> "Terms":
        """The terms of records, of which some are readable."""
        structs = lists.flatten()
        names = [field.name for field in structs.type]
        columns = dict(zip(names, structs.flatten(), strict=True))
        sizes = integers(pc.list_value_length(lists))
        rows = np.repeat(np.arange(len(sizes)), sizes)
        positions = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        mechanisms = truths(pc.equal(columns["kind"], str(TermKind.MECHANISM)))
        kinds = places(columns["name"], [kind.name.lower() for kind in Kind])
        kinds[(kinds == Kind.REDIRECT) == mechanisms] = -1  # an unknown modifier may be called so
        end = _first(kinds == Kind.ALL, rows, positions, len(sizes))
        behind = mechanisms & (positions > end[rows])
        voided = behind | (~mechanisms & (end[rows] < _NEVER))
        signs = np.array([*map(ord, _SIGNS), 0])
        return cls(
            rows,
            positions,
            kinds,
            signs[places(columns["qualifier"], list(_SIGNS))],
            truths(columns["macro"]),
            mechanisms,
            readable[rows] & ~voided,
            behind,
            columns,
        )

    def own(self, count: int) -> dict[str, Ints | Bools]:
        """What each of ``count`` records has by itself: columns of `walk.Own`."""
        asking = self.alive & (self.kinds >= _ASKING)
        context = asking & (self.macros | (self.kinds == Kind.PTR))
        everybody = self.alive & (self.kinds == Kind.ALL)
        decides = np.zeros(count, np.int64)
        decides[self.rows[everybody]] = self.qualifiers[everybody]
        fails = self.mechanisms & (self.kinds != Kind.ALL) & (self.qualifiers != ord("+"))
        passes = (self.qualifiers == ord("+")) | (self.kinds == Kind.REDIRECT)
        return {
            "lookups": np.bincount(self.rows[asking], minlength=count),
            "context": np.bincount(self.rows[context], minlength=count) > 0,
            "all": decides,
            "exceptions": _first(self.alive & fails, self.rows, self.positions, count)
            < _last(self.alive & passes, self.rows, self.positions, count),
        }

    def text(self, places: Ints) -> pa.Array:
        """Terms as written."""
        return self.columns["text"].take(pa.array(places))

    def specs(self, places: Ints) -> pa.Array:
        """What domain-specs without macros stand for (section 7.1), as a key is written."""
        spec = pc.ascii_lower(self.columns["domain_spec"].take(pa.array(places)))
        if truths(pc.match_substring(spec, "%")).any():
            for escape, text in (("%%", "\1"), ("%_", " "), ("%-", "%20"), ("\1", "%")):
                spec = pc.replace_substring(spec, escape, text)
        dotted = pc.ends_with(spec, ".")
        if truths(dotted).any():
            spec = pc.if_else(dotted, pc.utf8_slice_codeunits(spec, 0, -1), spec)
        return spec

    def targets(self, places: Ints, names: pa.Array) -> pa.Array:
        """What terms name; without a domain-spec that is the name of the record."""
        return pc.coalesce(self.specs(places), names.take(pa.array(self.rows[places])))


def _first(mask: Bools, rows: Ints, positions: Ints, count: int) -> Ints:
    """Of each record the first position of a mask."""
    found = np.full(count, _NEVER)
    found[rows[mask][::-1]] = positions[mask][::-1]  # of several values the last one stays
    return found


def _last(mask: Bools, rows: Ints, positions: Ints, count: int) -> Ints:
    """Of each record the last position of a mask."""
    found = np.full(count, -1)
    found[rows[mask]] = positions[mask]
    return found
