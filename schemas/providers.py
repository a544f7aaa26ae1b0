"""providers: who runs each domain's mail."""

from typing import Annotated, NamedTuple

from schemas.mx_providers import Source
from schemas.table import Float32, Int32, Table
from schemas.vocabulary import Vocabulary


class Category(Vocabulary):
    """How far the evidence for a domain goes; each domain is in exactly one."""

    NO_SUCH_DOMAIN = "no_such_domain", "the DNS knows no such name"
    OPTED_OUT = "opted_out", "on the opt-out list: nothing was asked"
    DNS_FAILED = "dns_failed", "no definite answer to the MX question"
    NULL_MX = "null_mx", "says that it accepts no mail"
    NO_MX = "no_mx", "neither MX nor an address of its own"
    BAD_MX = "bad_mx", "exchanges that are no host names: IP literal, localhost, invalid"
    DANGLING_MX = "dangling_mx", "exchanges that have no address"
    RESERVED_MX = "reserved_mx", "exchanges that lead to special-purpose addresses only"
    MX_FAILED = "mx_failed", "no definite answer about the exchanges' addresses"
    NOT_PROBED = "not_probed", "an address, but nobody asked whether it speaks SMTP"
    NO_SMTP = "no_smtp", "no address of any exchange answers"
    BY_TLS = "by_tls", "labelled by certificate"
    BY_BANNER = "by_banner", "labelled by banner and EHLO"
    BY_MX = "by_mx", "answers, labelled by the exchange's name alone"
    UNLABELLED = "unlabelled", "answers, but no source gives an id"


class Role(Vocabulary):
    """What a company does with the mail of the domains that name it."""

    MAILBOX = "mailbox", "keeps it"
    GATEWAY = "gateway", "filters it and passes it on"
    HOSTING = "hosting", "keeps it, or rents out the machine that does"
    FORWARDING = "forwarding", "passes it on"
    MARKETING = "marketing", "takes the answers to what it sent out"
    PARKING = "parking", "holds names that nobody uses"


class Mailbox(Vocabulary):
    """Where a domain's mailboxes are."""

    OPERATOR = "operator", "with the operator, which is neither a gateway nor a forwarder"
    BEHIND = "behind", "with a company behind the operator"
    OWN = "own", "on the domain's own servers behind the operator"
    UNKNOWN = "unknown", "behind the operator; the evidence does not suffice"


class Share(NamedTuple):
    """A provider's part of a domain's mail."""

    provider_id: Annotated[str | None, "provider id; null if no source gives one"]
    company: Annotated[str | None, "company that the map gives for it"]
    weight: Annotated[Float32, "share of the domain's exchanges, counted fractionally"]


class Provider(NamedTuple):
    """A domain and who runs its mail."""

    domain: Annotated[str, "a seed; key of domains"]
    category: Annotated[Category, "how far the evidence goes"]
    implicit: Annotated[bool, "whether mail goes to the domain's own address for lack of an MX"]
    operator_id: Annotated[
        str | None, "operator_id of mx_providers with the largest share, ties by id"
    ]
    operator_company: Annotated[str | None, "company that the map gives for it"]
    role: Annotated[Role | None, "what that company does with mail"]
    source: Annotated[Source | None, "best source of its exchanges' ids, hints aside"]
    probability: Annotated[
        Float32 | None,
        "that operator_id is right: mean over its exchanges, calibrated on worlds; null without",
    ]
    shares: Annotated[
        tuple[Share, ...],
        "all its providers, largest share first, ties by id, the nameless last; weights sum to 1",
    ]
    exchanges: Annotated[Int32, "number of its rows in mx_providers"]
    gateway_company: Annotated[
        str | None, "the operator's company where it is a gateway or forwarder"
    ]
    mailbox: Annotated[Mailbox | None, "where the mailboxes are; null without an operator"]
    mailbox_company: Annotated[
        str | None, "company that keeps them; the operator's where that keeps them itself"
    ]
    mailbox_id: Annotated[
        str | None,
        "registered domain that stands for who keeps them; null where only the company is known",
    ]
    mailbox_probability: Annotated[
        Float32 | None,
        "that these keep them, calibrated on worlds; null where nobody behind it is named",
    ]
    rules_version: Annotated[
        str, "version of rules, company map, suffix list; what was left out or set otherwise"
    ]


PROVIDERS = Table("providers", Provider, ("domain",), "inference", "a seed domain")
