"""The tables of the warehouse, in the order of the census."""

from schemas.addresses import ADDRESSES
from schemas.aggregates import CONCENTRATION, COVERAGE, PROVIDER_SHARES
from schemas.apex import APEX
from schemas.blacklist import BLACKLIST
from schemas.certificates import CERTIFICATES
from schemas.changes import CHANGES, MOVEMENTS
from schemas.dmarc import DMARC, DMARC_CONSENTS
from schemas.domains import DOMAINS
from schemas.esps import ESP_SHARES, ESPS
from schemas.hosts import HOSTS
from schemas.listings import LISTINGS
from schemas.mail_policies import MAIL_POLICIES, POLICY_ADOPTION
from schemas.mailbox_evidence import MAILBOX_EVIDENCE
from schemas.mx import MX
from schemas.mx_providers import MX_PROVIDERS
from schemas.policies import POLICIES
from schemas.providers import PROVIDERS
from schemas.seen import SEEN
from schemas.smtp import SMTP
from schemas.snowshoe import SNOWSHOE
from schemas.snowshoe_scores import SNOWSHOE_SCORES
from schemas.spf import SPF
from schemas.spf_dependence import SPF_DEPENDENCE
from schemas.spf_graph import SPF_GRANTS, SPF_LINKS, SPF_REACH
from schemas.spf_includes import SPF_INCLUDES
from schemas.spf_networks import SPF_NETWORKS
from schemas.spf_origins import SPF_ORIGINS
from schemas.spf_shares import SPF_SHARES
from schemas.spf_sizes import SPF_SIZES
from schemas.spf_takeover import SPF_TAKEOVER
from schemas.spf_trust import SPF_TRUST
from schemas.sts_policies import STS_POLICIES
from schemas.table import Table
from schemas.tlsa import TLSA

__all__ = [
    "ADDRESSES",
    "APEX",
    "BLACKLIST",
    "CERTIFICATES",
    "CHANGES",
    "CONCENTRATION",
    "COVERAGE",
    "CRAWLED",
    "DMARC",
    "DMARC_CONSENTS",
    "DOMAINS",
    "ESPS",
    "ESP_SHARES",
    "HOSTS",
    "INFERRED",
    "KEPT",
    "LISTINGS",
    "MAILBOX_EVIDENCE",
    "MAIL_POLICIES",
    "MOVEMENTS",
    "MX",
    "MX_PROVIDERS",
    "POLICIES",
    "POLICY_ADOPTION",
    "PROVIDERS",
    "PROVIDER_SHARES",
    "SEEN",
    "SMTP",
    "SNOWSHOE",
    "SNOWSHOE_SCORES",
    "SPF",
    "SPF_DEPENDENCE",
    "SPF_GRANTS",
    "SPF_INCLUDES",
    "SPF_LINKS",
    "SPF_NETWORKS",
    "SPF_ORIGINS",
    "SPF_REACH",
    "SPF_SHARES",
    "SPF_SIZES",
    "SPF_TAKEOVER",
    "SPF_TRUST",
    "STS_POLICIES",
    "TABLES",
    "TLSA",
]

CRAWLED: tuple[Table, ...] = (
    DOMAINS, APEX, HOSTS, SPF, MX, DMARC, TLSA, POLICIES, DMARC_CONSENTS,
    STS_POLICIES, SMTP, CERTIFICATES, ADDRESSES,
)  # fmt: skip
INFERRED: tuple[Table, ...] = (
    MX_PROVIDERS, PROVIDERS, MAILBOX_EVIDENCE, PROVIDER_SHARES, CONCENTRATION, COVERAGE,
    CHANGES, MOVEMENTS,
    SPF_TRUST, SPF_INCLUDES, SPF_NETWORKS, SPF_TAKEOVER, SPF_LINKS, SPF_REACH, SPF_GRANTS,
    SPF_ORIGINS, SPF_SHARES, SPF_SIZES, SPF_DEPENDENCE, ESPS, ESP_SHARES,
    SNOWSHOE, SNOWSHOE_SCORES, BLACKLIST,
    MAIL_POLICIES, POLICY_ADOPTION,
)  # fmt: skip
KEPT: tuple[Table, ...] = (LISTINGS, SEEN)
"""Kept across runs, beside them."""
TABLES: dict[str, Table] = {table.name: table for table in CRAWLED + INFERRED + KEPT}
