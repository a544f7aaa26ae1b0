"""listings: what blacklists said of domains, and when. Kept across runs, beside them."""

from typing import Annotated, NamedTuple

from schemas.table import Day, Table


class Listing(NamedTuple):
    """A spell of days through which every import of a list says the same of a domain.

    A domain that was listed, gone and listed again has two. The entry that is nearest to a name
    (its own, else that of the closest parent) decides whether the list names it.
    """

    domain: Annotated[str, "the domain as listed, lower-case A-labels"]
    source: Annotated[str, "name of the list"]
    first_import: Annotated[Day, "day of the first import with it"]
    first_listed: Annotated[Day, "day that the list states, else that of the first import with it"]
    last_listed: Annotated[Day, "day of the last import with it"]
    exact: Annotated[bool, "the list states the first day; else it may have been listed before"]
    itself: Annotated[bool, "the domain itself is listed; false for wildcards and exceptions"]
    below: Annotated[bool, "names below are listed with it"]
    absent_before: Annotated[
        Day | None,
        "day of the last import before, which lacks it; null if the list has none before",
    ]
    absent_after: Annotated[
        Day | None, "day of the first import after, which lacks it; null while it is listed"
    ]


LISTINGS = Table(
    "listings",
    Listing,
    ("domain", "source", "first_import"),
    "snowshoe labels",
    "a domain and a list that names it, for as long as it does",
)
