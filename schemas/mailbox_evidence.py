"""mailbox_evidence: what tells who keeps the mailboxes behind a gateway or forwarder."""

from typing import Annotated, NamedTuple

from schemas.table import Float32, Table
from schemas.vocabulary import Vocabulary


class Signal(Vocabulary):
    """What kind of thing tells it; each is a rule of inference with a weight."""

    LOWER_MX = "lower_mx", "an exchange of the domain beside the gateway's leads to the keeper"
    DKIM_CNAME = "dkim_cname", "a DKIM key of the domain is an alias for a name of the keeper"
    DKIM_SELECTOR = "dkim_selector", "a DKIM key stands under a selector only the keeper uses"
    AUTODISCOVER = "autodiscover", "mail programs are sent to the keeper by CNAME or SRV"
    SPF_INCLUDE = "spf_include", "the SPF record passes mail by include or redirect to the keeper"
    SPF_SOFT = "spf_soft", "the SPF record includes the keeper, but not to pass"
    SPF_RANGE = "spf_range", "the SPF record passes addresses that the keeper's own record has"
    TOKEN = "token", "a TXT record proved control of the domain to the keeper"
    OWN_AUTODISCOVER = "own_autodiscover", "mail programs are sent to a host of the domain's own"
    OWN_SPF = "own_spf", "the SPF record passes hosts of the domain's own by a or mx"


class MailboxEvidence(NamedTuple):
    """One thing that speaks for one keeper."""

    domain: Annotated[str, "a seed whose operator is a gateway or forwarder; key of providers"]
    keeper: Annotated[str, "company that may keep the mailboxes, or the domain's own `(self)`"]
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
