"""mx_providers: who runs each exchange of a domain, by every source."""

from typing import Annotated, NamedTuple

from schemas.table import Float32, Int32, Int64, Table
from schemas.vocabulary import Vocabulary


class Source(Vocabulary):
    """Where a provider id comes from, in order of priority (IMC'21)."""

    TLS = "tls", "trusted certificates of the exchange's addresses"
    BANNER = "banner", "greeting and EHLO of its addresses"
    MX = "mx", "the exchange's own name"


class Evidence(NamedTuple):
    """Something that addresses of an exchange show, and the provider id it speaks for."""

    source: Annotated[Source, "tls: a trusted certificate; banner: a name in greeting or EHLO"]
    provider_id: Annotated[
        str, "tls: name of the certificate's group; banner: registered domain of the host"
    ]
    name: Annotated[
        str, "tls: first name on the certificate; banner: host that the server says it is"
    ]
    rented: Annotated[str | None, "pattern of rented servers that a name of the id there fits"]
    certificate: Annotated[
        str | None, "tls: SHA-256 of the first such certificate of theirs, key of certificates"
    ]
    addresses: Annotated[Int32, "number of the exchange's addresses that show such a one"]


class MxProvider(NamedTuple):
    """A domain and one of its most preferred live exchanges.

    Where no address of any exchange was probed, the most preferred that have an address stand in.
    """

    domain: Annotated[str, "a seed; key of domains"]
    mx: Annotated[str, "the exchange, or the domain itself for an implicit MX; key of hosts"]
    preference: Annotated[Int32, "its preference; 0 for an implicit MX"]
    weight: Annotated[Float32, "share of the domain: 1 / number of its exchanges here"]
    tls_id: Annotated[str | None, "id by certificates: name of the one group all names fall in"]
    banner_id: Annotated[str | None, "id by banner and EHLO: their one registered domain"]
    mx_id: Annotated[str | None, "id by the exchange's own registered domain"]
    provider_id: Annotated[str | None, "the id that won"]
    source: Annotated[Source | None, "which source won; null if none gives an id"]
    confidence: Annotated[
        Int64, "popularity of the evidence: domains it is seen with (IMC'21); 0 without an id"
    ]
    company: Annotated[str | None, "company that the map gives for the id"]
    addresses: Annotated[tuple[str, ...], "addresses of the exchange that speak SMTP"]
    evidence: Annotated[
        tuple[Evidence, ...],
        "all that tls_id and banner_id rest on, by source; with two candidates of a source it "
        "gives no id",
    ]
    flags: Annotated[tuple[str, ...], "rules that cast doubt, by id; they overwrite nothing"]
    hint_id: Annotated[str | None, "who more likely runs it, by the first of those that can tell"]
    operator_id: Annotated[
        str | None, "who most probably runs it: provider_id, or hint_id where that is likelier"
    ]
    probability: Annotated[
        Float32 | None, "that operator_id is right, calibrated on worlds; null without an id"
    ]
    rules_version: Annotated[
        str, "version of rules, company map, suffix list; what was left out or set otherwise"
    ]


MX_PROVIDERS = Table(
    "mx_providers",
    MxProvider,
    ("domain", "mx"),
    "inference",
    "a domain and a live (if none was probed: resolved) exchange of lowest preference",
)
