"""hosts: addresses of host names."""

from typing import Annotated, NamedTuple

from schemas.outcomes import HostStatus
from schemas.query import Query
from schemas.table import Micros, Table


class Host(NamedTuple):
    """A host name and where it leads."""

    host: Annotated[str, "the name asked, lower-case A-labels"]
    registered_domain: Annotated[str | None, "by the Public Suffix List; null for a suffix itself"]
    asked: Annotated[Micros, "when its questions were first asked"]
    status: Annotated[HostStatus, "where it leads"]
    a: Annotated[tuple[str, ...], "IPv4 addresses, sorted; keys of addresses"]
    aaaa: Annotated[tuple[str, ...], "IPv6 addresses, sorted; keys of addresses"]
    cname_chain: Annotated[
        tuple[str, ...],
        "names the host is an alias for, in order; an MX must not lead to one "
        "(RFC 5321 section 5.1)",
    ]
    a_query: Annotated[Query, "the A question"]
    aaaa_query: Annotated[Query, "the AAAA question"]
    above: Annotated[
        tuple[str, ...],
        "of a name that does not exist the registered domain, of an alias that of the last name: "
        "whether that exists is asked, too; keys of hosts",
    ] = ()


HOSTS = Table(
    "hosts",
    Host,
    ("host",),
    "dns",
    "an MX exchange, a name of SPF, the domain above one that is gone; in plan full a seed, its NS",
)
