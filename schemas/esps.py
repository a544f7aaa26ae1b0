"""esps and esp_shares: which e-mail security providers domains use, and what tells of it."""

from typing import Annotated, NamedTuple

from schemas.aggregates import RankCut, SeedList, Tld
from schemas.table import Float64, Int64, Table
from schemas.vocabulary import Vocabulary


class Esp(NamedTuple):
    """A domain and an e-mail security provider: a company whose role in the map is gateway."""

    domain: Annotated[str, "a seed; key of domains"]
    company: Annotated[str, "the company"]
    by_mx: Annotated[bool, "whether an exchange has a name of the company's"]
    by_asn: Annotated[bool, "whether an address of an exchange is in an AS of the company's own"]
    by_ptr: Annotated[bool, "whether a PTR of such an address has a name of the company's"]
    by_spf: Annotated[
        bool, "whether SPF trusts a name of the company's, directly or through others"
    ]


class EspDimension(Vocabulary):
    """What domains are counted by."""

    ANY = "any", "company that anything tells of"
    MX = "mx", "company that the name of an exchange tells of"
    ASN = "asn", "company in whose AS an exchange is"
    PTR = "ptr", "company that the PTR of an exchange tells of"
    SPF = "spf", "company that SPF trusts"
    SPF_ONLY = "spf_only", "company that SPF trusts and no exchange tells of"
    MX_ONLY = "mx_only", "company that an exchange tells of and SPF does not trust"
    NUMBER = "number", "how many companies anything tells of"
    NUMBER_SPF = "number_spf", "how many companies SPF trusts"


class EspShare(NamedTuple):
    """Domains of a cut by their e-mail security providers; one with several counts for each."""

    seed_list: SeedList
    rank_cut: RankCut
    tld: Tld
    dimension: Annotated[EspDimension, "what is counted by"]
    value: Annotated[str, "company, or number of companies"]
    domains: Annotated[Int64, "domains that have it"]
    share: Annotated[Float64, "of all domains of the cut; from 0 to 1"]


ESPS = Table("esps", Esp, ("domain", "company"), "inference", "a seed and a security provider")
ESP_SHARES = Table(
    "esp_shares",
    EspShare,
    ("seed_list", "rank_cut", "tld", "dimension", "value"),
    "inference",
    "a cut of the domains, a dimension and a value of it",
)
