"""changes: what differs from an earlier run, domain by domain; movements: who went where."""

from typing import Annotated, NamedTuple

from schemas.mx_providers import Source
from schemas.providers import Category
from schemas.spf_trust import Addresses
from schemas.table import Float32, Int64, Table
from schemas.vocabulary import Vocabulary


class Kind(Vocabulary):
    """What of a domain differs, and what its value is."""

    SEED = "seed", "whether it is a seed; the value is the company, else the id, of its operator"
    OPERATOR = "operator", "who runs its mail: company, else id where the map names none"
    MAILBOX = "mailbox", "who keeps the mailboxes behind the same operator: company, else id"
    SPF_VERDICT = "spf_verdict", "what its SPF comes to: verdict of spf_trust"
    SPF_IPV4 = "spf_ipv4", "how many IPv4 addresses its SPF passes"
    SPF_IPV6 = "spf_ipv6", "how many IPv6 addresses its SPF passes"
    SPF_INCLUDE = "spf_include", "a name that its own record includes or redirects to, to pass"
    CERTIFICATE_ISSUER = (
        "certificate_issuer",
        "organisations that issued the certificates at its exchanges; a renewal is no change",
    )
    CERTIFICATE_NAMES = (
        "certificate_names",
        "registered domains of the names on the certificates at its exchanges",
    )
    CERTIFICATE_VERDICT = (
        "certificate_verdict",
        "verdicts of the certificates at its exchanges, as trusted or expired",
    )
    DMARC = "dmarc", "policy that applies to it: none, quarantine, reject, or why there is none"
    DMARC_SUBDOMAINS = "dmarc_subdomains", "the same for its subdomains"
    MTA_STS = "mta_sts", "state of its MTA-STS record"
    STS_POLICY = (
        "sts_policy",
        "mode of its MTA-STS policy if it stands, else why not; could not be fetched: no change",
    )
    STS_MATCH = "sts_match", "whether its MTA-STS policy, which stands, lists its mail hosts"
    STS_TLS = "sts_tls", "whether senders take the certificates of mail hosts that it lists"
    TLS_RPT = "tls_rpt", "state of its TLSRPT record"
    BIMI = "bimi", "state of its BIMI record"
    DANE = "dane", "DANE of its mail hosts"
    DANE_SECURE = (
        "dane_secure",
        "whether DNSSEC validates all that its DANE rests on: secure, insecure",
    )


class Change(Vocabulary):
    """In which way it differs."""

    NEW = "new", "a seed of this run, not of the earlier one"
    GONE = "gone", "a seed of the earlier run, not of this one"
    MOVED = "moved", "another one"
    GAINED = "gained", "there is one, and there was none"
    LOST = "lost", "there was one, and there is none"
    WIDER = "wider", "more addresses pass"
    NARROWER = "narrower", "fewer addresses pass"
    BETTER = "better", "it holds, or holds more often, where it was wrong"
    WORSE = "worse", "it is wrong, or wrong more often, where it held"
    STRONGER = "stronger", "receivers are asked for more"
    WEAKER = "weaker", "receivers are asked for less"


class Doubt(Vocabulary):
    """Why a difference may be one of measurement."""

    UNMEASURED = (
        "unmeasured",
        "one of the runs got no definite answer, or did not ask",
    )
    OTHER_RULES = (
        "other_rules",
        "the same exchanges, labelled by other rules or maps: repeat infer on the older run",
    )
    OTHER_SOURCE = (
        "other_source",
        "the same exchanges, labelled by another source, such as a banner for a certificate",
    )
    SAME_EXCHANGES = (
        "same_exchanges",
        "the exchanges are the same: only what they, or the map, said of themselves differs",
    )
    SECOND_OPINION = (
        "second_opinion",
        "the resolver failed in one of the runs, and another way to the DNS gave its MX answer",
    )
    IMPROBABLE = (
        "improbable",
        "in one of the runs the provider named is right with a probability below 0.8",
    )
    OTHER_ADDRESSES = (
        "other_addresses",
        "not the same addresses of its exchanges showed a certificate in both runs",
    )


class Side(NamedTuple):
    """A domain in one of the two runs."""

    value: Annotated[str | None, "what it was, by kind; null for nothing or no seed"]
    category: Annotated[
        Category | None, "seed, operator, mailbox: how far the evidence for its operator went"
    ]
    source: Annotated[Source | None, "operator: best source of its exchanges' ids"]
    probability: Annotated[
        Float32 | None, "operator, mailbox: that the value is right; null where that is not known"
    ]
    evidence: Annotated[
        tuple[str, ...],
        "what the value rested on, a text each: exchanges and what they showed, records, findings, "
        "certificates; at most 20",
    ]


class DomainChange(NamedTuple):
    """Something of a domain that differs from an earlier run."""

    domain: Annotated[str, "a seed of either run"]
    earlier: Annotated[str, "id of the earlier run"]
    kind: Annotated[Kind, "what differs"]
    about: Annotated[str, "spf_include: the target; else the domain"]
    change: Annotated[Change, "in which way; the first that holds of those documented"]
    then: Annotated[Side, "in the earlier run"]
    now: Annotated[Side, "in this run"]
    more: Annotated[
        Addresses | None,
        "spf_ipv4, spf_ipv6: addresses that pass now beyond those before, negative for fewer; "
        "spf_include: IPv4 addresses that the target passes; null for other kinds",
    ]
    doubt: Annotated[
        Doubt | None,
        "why it may be noise, the first that holds of those documented; null where nothing speaks "
        "for that",
    ]


class Movement(NamedTuple):
    """Domains that went from one provider to another."""

    earlier: Annotated[str, "id of the earlier run"]
    provider_then: Annotated[
        str, "company, else provider id; `(self)` for a domain's own, `(none)` for none"
    ]
    provider_now: Annotated[str, "the same in this run"]
    domains: Annotated[Int64, "domains that moved, gained or lost so"]
    doubtful: Annotated[Int64, "of these: with a doubt"]


CHANGES = Table(
    "changes",
    DomainChange,
    ("domain", "earlier", "kind", "about"),
    "inference",
    "something of a domain that differs",
)
MOVEMENTS = Table(
    "movements",
    Movement,
    ("earlier", "provider_then", "provider_now"),
    "inference",
    "a pair of providers that domains went from and to",
)
