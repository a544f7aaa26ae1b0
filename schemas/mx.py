"""mx: MX sets of names that are no seeds but that an SPF mx mechanism points to."""

from typing import Annotated, NamedTuple

from schemas.outcomes import ExchangeKind
from schemas.query import Query
from schemas.table import Int32, Micros, Table


class Exchange(NamedTuple):
    """One MX record (RFC 1035 section 3.3.9)."""

    preference: Annotated[Int32, "lower is tried first"]
    exchange: Annotated[str, "lower-case, no final dot; `.` is the null MX"]
    kind: Annotated[ExchangeKind, "what the exchange is, by its text"]


class Mx(NamedTuple):
    """The MX set of one name."""

    name: Annotated[str, "the name asked, lower-case A-labels"]
    asked: Annotated[Micros, "when the question was asked"]
    mx: Annotated[tuple[Exchange, ...], "MX records by preference, then exchange"]
    mail_hosts: Annotated[tuple[str, ...], "host names among the exchanges; keys of hosts"]
    mx_query: Annotated[Query, "the MX question"]
    above: Annotated[
        tuple[str, ...],
        "of a name that does not exist the registered domain, of an alias that of the last name: "
        "whether that exists is asked, too; keys of hosts",
    ] = ()


MX = Table("mx", Mx, ("name",), "dns", "target of an SPF mx mechanism that is no seed")
