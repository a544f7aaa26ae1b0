"""policies: what a domain with mail publishes beside MX, SPF and DMARC (plan policy only)."""

from typing import Annotated, NamedTuple

from schemas.query import Query, Text
from schemas.table import Int32, Micros, Table

_CHAIN = "names it is an alias for, in order"


class DkimSelector(NamedTuple):
    """What stands at SELECTOR._domainkey below the domain (RFC 6376 section 3.6.2)."""

    selector: Annotated[str, "as it was asked"]
    cname_chain: Annotated[
        tuple[str, ...],
        "names it is an alias for, in order: who holds the key, whether there is one or not",
    ]
    txt: Annotated[tuple[Text, ...], "TXT records, sorted: keys, or what a wildcard holds"]
    query: Annotated[
        Query,
        "the TXT question; not_asked where there is nothing below _domainkey (RFC 8020)",
    ]


class Service(NamedTuple):
    """One SRV record (RFC 2782)."""

    priority: Annotated[Int32, "lower is tried first"]
    weight: Annotated[Int32, "share of the clients among equals"]
    port: Annotated[Int32, "TCP port of the service"]
    target: Annotated[str, "host, lower-case, no final dot; `.` says that there is no such service"]


class Policy(NamedTuple):
    """The further mail policies of a domain, and what tells who keeps its mailboxes."""

    domain: Annotated[str, "a seed whose mail goes somewhere: its mail_hosts are not empty"]
    asked: Annotated[Micros, "when its questions were first asked"]
    domainkey_chain: Annotated[
        tuple[str, ...],
        f"of _domainkey below the domain, {_CHAIN}; where dkim has the same, it is a wildcard's",
    ]
    domainkey: Annotated[
        tuple[Text, ...], "TXT records at _domainkey, sorted; where dkim has the same, a wildcard's"
    ]
    domainkey_query: Annotated[
        Query,
        "the TXT question at _domainkey; nxdomain: no selector, unless its server is wrong",
    ]
    dkim: Annotated[tuple[DkimSelector, ...], "the selectors of the setting dkim_selectors"]
    autodiscover_chain: Annotated[tuple[str, ...], f"of autodiscover below the domain, {_CHAIN}"]
    autodiscover: Annotated[
        tuple[str, ...], "IPv4 addresses of autodiscover, sorted; keys of addresses"
    ]
    autodiscover_query: Annotated[Query, "the A question at autodiscover"]
    autodiscover_srv: Annotated[
        tuple[Service, ...], "SRV records at _autodiscover._tcp, by priority, weight, port, target"
    ]
    autodiscover_srv_query: Annotated[Query, "the SRV question at _autodiscover._tcp"]
    mta_sts_chain: Annotated[tuple[str, ...], f"of _mta-sts below the domain, {_CHAIN}"]
    mta_sts: Annotated[tuple[Text, ...], "TXT records at _mta-sts, sorted (RFC 8461)"]
    mta_sts_query: Annotated[Query, "the TXT question at _mta-sts"]
    sts_hosts: Annotated[
        tuple[str, ...],
        "the policy host, mta-sts below the domain, if that record says that there is a policy; "
        "then the domain has a row in sts_policies, in a run that fetches policies",
    ]
    tls_rpt_chain: Annotated[tuple[str, ...], f"of _smtp._tls below the domain, {_CHAIN}"]
    tls_rpt: Annotated[tuple[Text, ...], "TXT records at _smtp._tls, sorted (RFC 8460)"]
    tls_rpt_query: Annotated[Query, "the TXT question at _smtp._tls"]
    bimi_chain: Annotated[tuple[str, ...], f"of default._bimi below the domain, {_CHAIN}"]
    bimi: Annotated[tuple[Text, ...], "TXT records at default._bimi, sorted"]
    bimi_query: Annotated[Query, "the TXT question at default._bimi"]


POLICIES = Table("policies", Policy, ("domain",), "dns", "a seed with mail, in plan policy")
