"""mailbox_evidence: what tells who keeps the mailboxes behind a gateway or forwarder."""

from typing import Annotated, NamedTuple

from schemas.table import Float32, Table
from schemas.vocabulary import Vocabulary


class Signal(Vocabulary):
    """What kind of thing tells it; each is a rule of inference with a weight."""

    LOWER_MX = (
        "lower_mx",
        "an exchange beside the gateway's leads to the keeper, as its server says",
    )
    OWN_MX = "own_mx", "an exchange beside the gateway's is a host of the domain's own"
    DKIM_CNAME = "dkim_cname", "a DKIM selector is an alias for a key that the keeper holds"
    DKIM_GONE = "dkim_gone", "such an alias, but no key stands where it leads"
    DKIM_SELECTOR = "dkim_selector", "a DKIM key stands under a selector only the keeper uses"
    AUTODISCOVER = "autodiscover", "mail programs are sent to the keeper by CNAME or SRV"
    AUTODISCOVER_HOST = "autodiscover_host", "the same, and the keeper hosts names and web, too"
    OWN_AUTODISCOVER = "own_autodiscover", "mail programs are sent to a host of the domain's own"
    SPF_INCLUDE = "spf_include", "the SPF record passes mail by include or redirect to the keeper"
    SPF_HOST = "spf_host", "the same, and the keeper hosts names and web, too"
    SPF_OTHER = "spf_other", "the same, and the company map has nobody for that name"
    SPF_SOFT = "spf_soft", "the SPF record includes the keeper, but not to pass"
    SPF_RANGE = "spf_range", "the SPF record passes addresses that the keeper's own record has"
    OWN_HOST = "own_host", "the SPF record passes a host of the domain's own by name"
    OWN_SPF = "own_spf", "the SPF record passes the domain's own address or exchanges"
    TOKEN = "token", "a TXT record proved control of the domain to the keeper"
    TENANT = "tenant", "a TXT record shows a tenant there, which need not have its mail there"


class MailboxEvidence(NamedTuple):
    """One thing that speaks for one keeper."""

    domain: Annotated[str, "a seed whose operator is a gateway or forwarder; key of providers"]
    keeper: Annotated[
        str,
        "who may keep the mailboxes: a company, the domain itself `(self)`, or a registered domain "
        "that the map has no company for",
    ]
    signal: Annotated[Signal, "what kind of thing speaks for it"]
    value: Annotated[str, "the name, network or text that does; the first by text of several"]
    weight: Annotated[Float32, "how much it says: natural logarithm of its odds"]


MAILBOX_EVIDENCE = Table(
    "mailbox_evidence",
    MailboxEvidence,
    ("domain", "keeper", "signal"),
    "inference",
    "a domain behind a gateway or forwarder, a keeper and a kind of signal",
)
