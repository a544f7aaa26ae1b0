"""seen: since when the warehouse knows a domain. Kept across runs, beside them."""

from typing import Annotated, NamedTuple

from schemas.table import Day, Table


class Seen(NamedTuple):
    """A domain that an inferred run had among its seeds."""

    domain: Annotated[str, "the seed"]
    first_seen: Annotated[Day, "day of the earliest such run, there still or not"]


SEEN = Table("seen", Seen, ("domain",), "inference", "a domain that any inferred run had")
