"""What blacklists say of domains, and since when.

Listed is what a list says, not what is true: who is not listed may be good, or not found yet.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.inference.snowshoe.matrix import Bools, Ints, codes, column

NEVER = np.iinfo(np.int64).max
"""A day that has not come."""


class Pairs(NamedTuple):
    """Rows of domains and rows of listings that speak of them."""

    domain: Ints
    listing: Ints
    height: Ints
    """0 for the domain's own entry, else how many labels above it the listing stands."""

    def of(self, rows: Bools | Ints) -> "Pairs":
        """Those of a mask, or in an order."""
        return Pairs(*(values[rows] for values in self))


def pairs(domains: pa.ChunkedArray, listings: pa.Table) -> Pairs:
    """Every entry for every domain and for the names above it, but top-level domains."""
    entries = pa.table({"name": listings["domain"], "listing": np.arange(listings.num_rows)})
    names = pa.table({"name": domains, "domain": np.arange(len(domains))})
    found = []
    height = 0
    while names.num_rows:
        met = names.join(entries, "name", join_type="inner")
        found.append((met["domain"], met["listing"], np.full(met.num_rows, height)))
        parents = pc.replace_substring_regex(names["name"], r"^[^.]*\.?", "")
        names = names.set_column(0, "name", parents).filter(pc.match_substring(parents, "."))
        height += 1
    if not found:
        return Pairs(*(np.empty(0, np.int64) for _ in Pairs._fields))
    return Pairs(*(np.concatenate(part).astype(np.int64) for part in zip(*found, strict=True)))


def naming(found: Pairs, listings: pa.Table) -> Pairs:
    """Those whose entry names the domain on the day its spell begins.

    An entry that stands nearer to the domain in the same list then, if it be an exception, decides.
    """
    found = found.of(np.argsort(found.domain, kind="stable"))
    own, below = (listings[name].to_numpy() for name in ("itself", "below"))
    names = np.where(found.height == 0, own[found.listing], below[found.listing])
    begun, ended, source = _begun(listings), _ended(listings), codes(listings["source"])
    for at in np.flatnonzero(names & (found.height > 0)):  # few: seeds are registered domains
        domain = found.domain[at]
        of_it = slice(*np.searchsorted(found.domain, (domain, domain + 1)))
        entries = found.listing[of_it][found.height[of_it] < found.height[at]]
        day, here = begun[found.listing[at]], source[found.listing[at]]
        nearer = (source[entries] == here) & (begun[entries] <= day) & (ended[entries] > day)
        names[at] = not nearer.any()
    return found.of(names.astype(bool))


def first_listed(domains: pa.ChunkedArray, listings: pa.Table) -> Ints:
    """The first day that any list named each domain, as days since 1970; NEVER if none does."""
    found = naming(pairs(domains, listings), listings)
    days = np.full(len(domains), NEVER)
    np.minimum.at(days, found.domain, _begun(listings)[found.listing])
    return days


class Standing(NamedTuple):
    """Lists that name domains on a day."""

    sources: pa.Array
    """Of each domain, sorted."""
    since: pa.Array
    """The first day of them, or null."""


def standing(domains: pa.ChunkedArray, listings: pa.Table, day: int) -> Standing:
    """Which lists name each domain on a day, as their last import until then says."""
    now = listings.filter(pa.array((_begun(listings) <= day) & (_ended(listings) > day)))
    found = naming(pairs(domains, now), now)
    order = np.lexsort((_ranks(now["source"])[found.listing], found.domain))
    found = found.of(order)
    since = np.full(len(domains), NEVER)
    np.minimum.at(since, found.domain, _begun(now)[found.listing])
    counts = np.bincount(found.domain, minlength=len(domains))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    sources = now["source"].combine_chunks().take(pa.array(found.listing))
    known = np.where(since == NEVER, 0, since).astype(np.int32)
    days = pa.array(known, mask=since == NEVER).cast(pa.date32())
    return Standing(pa.ListArray.from_arrays(offsets, sources), days)


def _ranks(values: pa.ChunkedArray) -> Ints:
    """Numbers in the order of the values."""
    _, numbers = np.unique(values.to_numpy(), return_inverse=True)
    return np.asarray(numbers, np.int64)


def of_sources(listings: pa.Table, sources: Collection[str]) -> pa.Table:
    """Listings of some lists; of all for none."""
    if not sources:
        return listings
    return listings.filter(pc.is_in(listings["source"], pa.array(sorted(sources), pa.string())))


def last_import(listings: pa.Table) -> int | None:
    """The day until which all lists were looked at; None without listings."""
    if not listings.num_rows:
        return None
    absent = np.nan_to_num(column(listings, "absent_after"))
    last, source = np.maximum(column(listings, "last_listed"), absent), codes(listings["source"])
    latest = np.zeros(int(source.max()) + 1)
    np.maximum.at(latest, source, last)
    return int(latest.min())


def _begun(listings: pa.Table) -> Ints:
    return column(listings, "first_listed").astype(np.int64)


def _ended(listings: pa.Table) -> Ints:
    after = column(listings, "absent_after")
    return np.where(np.isnan(after), NEVER, np.nan_to_num(after).astype(np.int64))
