"""domains: what the DNS says of a seed."""

from typing import Annotated, NamedTuple

from schemas.mx import Exchange
from schemas.outcomes import Mail
from schemas.query import Query, Text
from schemas.table import Int64, Micros, Table


class SeedRank(NamedTuple):
    """A seed list that names the domain."""

    list: Annotated[str, "name of the list: its file name without endings"]
    rank: Annotated[Int64 | None, "best rank of a name folded to this domain; null without ranks"]


class Domain(NamedTuple):
    """A seed domain and its answers."""

    domain: Annotated[str, "the seed, lower-case A-labels, folded unless --exact"]
    registered_domain: Annotated[str | None, "by the Public Suffix List; null for a suffix itself"]
    asked: Annotated[Micros, "when its questions were first asked"]
    seeds: Annotated[tuple[SeedRank, ...], "seed lists that name it, by list name"]
    mail: Annotated[Mail, "what the MX answer says about its mail"]
    mx: Annotated[tuple[Exchange, ...], "MX records by preference, then exchange"]
    mail_hosts: Annotated[
        tuple[str, ...],
        "names whose hosts row says where its mail goes: the exchanges that are host names, "
        "or the domain itself where there is no MX",
    ]
    mx_query: Annotated[Query, "the MX question"]
    txt: Annotated[tuple[Text, ...], "TXT records at the domain, sorted"]
    txt_query: Annotated[Query, "the TXT question"]
    dmarc: Annotated[tuple[Text, ...], "TXT records at _dmarc below the domain, sorted (RFC 7489)"]
    dmarc_query: Annotated[Query, "the TXT question at _dmarc"]
    dmarc_above: Annotated[
        tuple[str, ...],
        "domains above it whose DMARC may matter to it (RFC 7489 section 6.6.3, RFC 9989 section "
        "4.10), nearest first; keys of dmarc",
    ] = ()
    report_consents: Annotated[
        tuple[str, ...],
        "names that tell whether others take its DMARC reports; keys of dmarc_consents",
    ] = ()


DOMAINS = Table("domains", Domain, ("domain",), "dns", "a seed domain")
