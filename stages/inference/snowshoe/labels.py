"""What blacklists say of domains, and since when.

Listed is what a list says, not what is true: who is not listed may be good, or not found yet.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.inference.snowshoe.matrix import Ints, column

NEVER = np.iinfo(np.int64).max
"""Day of a listing that has not come."""


class Pairs(NamedTuple):
    """A row of domains and a row of listings that names it, or lists it from above."""

    domain: Ints
    listing: Ints


def pairs(domains: pa.ChunkedArray, listings: pa.Table) -> Pairs:
    """Every listing of every domain."""
    everything = pa.table({"name": listings["domain"], "listing": np.arange(listings.num_rows)})
    from_above = everything.filter(listings["below"])
    names = pa.table({"name": domains, "domain": np.arange(len(domains))})
    found = [names.join(everything, "name", join_type="inner").select(["domain", "listing"])]
    while from_above.num_rows and names.num_rows:
        parents = pc.replace_substring_regex(names["name"], r"^[^.]*\.?", "")
        names = names.set_column(0, "name", parents)
        names = names.filter(pc.match_substring(parents, "."))
        above = names.join(from_above, "name", join_type="inner")
        found.append(above.select(["domain", "listing"]))
    both = pa.concat_tables(found)
    return Pairs(both["domain"].to_numpy(), both["listing"].to_numpy())


def first_listed(domains: pa.ChunkedArray, listings: pa.Table) -> Ints:
    """The first day that any list named each domain, as days since 1970; NEVER if none does."""
    found = pairs(domains, listings)
    days = np.full(len(domains), NEVER)
    since = column(listings, "first_listed").astype(np.int64)
    np.minimum.at(days, found.domain, since[found.listing])
    return days


def of_sources(listings: pa.Table, sources: Collection[str]) -> pa.Table:
    """Listings of some lists; of all for none."""
    if not sources:
        return listings
    return listings.filter(pc.is_in(listings["source"], pa.array(sorted(sources), pa.string())))


def on_day(listings: pa.Table, day: int) -> pa.Table:
    """Listings that stood on a day.

    One that the last import still has stands: nobody has looked since.
    """
    latest = listings.group_by("source").aggregate([("last_listed", "max")])
    at = pc.index_in(listings["source"], value_set=latest["source"])
    newest = latest["last_listed_max"].take(at).cast(pa.int32())
    last = listings["last_listed"].cast(pa.int32())
    stood = pc.or_(pc.greater_equal(last, day), pc.equal(last, newest))
    begun = pc.less_equal(listings["first_listed"].cast(pa.int32()), day)
    return listings.filter(pc.and_(begun, stood))
