"""listings: what blacklists said of domains, and when. Kept across runs, beside them."""

from typing import Annotated, NamedTuple

from schemas.table import Day


class Listing(NamedTuple):
    """A domain that a list names."""

    domain: Annotated[str, "the domain as listed, lower-case A-labels"]
    source: Annotated[str, "name of the list"]
    first_listed: Annotated[Day, "day that the list states, else that of the first import with it"]
    last_listed: Annotated[Day, "day of the last import with it"]
    exact: Annotated[bool, "the list states the first day; else it may have been listed before"]
    below: Annotated[bool, "names below are listed with it"]
