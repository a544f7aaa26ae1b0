"""Which columns are keys of other tables: what an analyst joins by.

Within one run; every value of such a column has a row there, unless a word says when it has none.
"""

from typing import NamedTuple

from schemas import (
    ADDRESSES,
    APEX,
    CERTIFICATES,
    CHANGES,
    DMARC,
    DMARC_CONSENTS,
    DOMAINS,
    ESPS,
    HOSTS,
    MAIL_POLICIES,
    MAILBOX_EVIDENCE,
    MX,
    MX_PROVIDERS,
    POLICIES,
    PROVIDERS,
    SMTP,
    SNOWSHOE,
    SNOWSHOE_SCORES,
    SPF,
    SPF_DEPENDENCE,
    SPF_GRANTS,
    SPF_INCLUDES,
    SPF_LINKS,
    SPF_REACH,
    SPF_TRUST,
    STS_POLICIES,
    TLSA,
)
from schemas.table import Table


class Join(NamedTuple):
    """A column whose values are keys of another table."""

    source: Table
    column: str
    """As in the dictionary: outer.inner, outer[].inner; of a list of keys without brackets."""
    target: Table
    to: str
    """The target's column; the key itself, or the part of it that tells rows apart."""
    unless: str = ""
    """When a value has no row in the target; empty: always one."""


_OPTED = "the domain opted out, or the run is an imported scan"
_UNPROBED = "no seed's mail goes to the host, or nobody was probed"
_SCAN = "the run is an imported scan"
_PLAN = "the run is not of plan policy"
_SEEDS = "it is a seed: then domains has it"

JOINS: tuple[Join, ...] = (
    Join(DOMAINS, "domain", SPF, "name", _OPTED),
    Join(DOMAINS, "domain", PROVIDERS, "domain"),
    Join(DOMAINS, "domain", SPF_TRUST, "domain"),
    Join(DOMAINS, "mail_hosts", HOSTS, "host"),
    Join(DOMAINS, "domain", MAIL_POLICIES, "domain"),
    Join(DOMAINS, "mail_hosts", TLSA, "host", _SCAN),
    Join(DOMAINS, "dmarc_above", DMARC, "name", _SEEDS),
    Join(DOMAINS, "report_consents", DMARC_CONSENTS, "name", _PLAN),
    Join(DMARC, "report_consents", DMARC_CONSENTS, "name", _PLAN),
    Join(TLSA, "host", HOSTS, "host"),
    Join(MAIL_POLICIES, "domain", DOMAINS, "domain"),
    Join(MAIL_POLICIES, "dane_hosts[].host", TLSA, "host"),
    Join(APEX, "domain", DOMAINS, "domain"),
    Join(APEX, "hosts", HOSTS, "host"),
    Join(HOSTS, "a", ADDRESSES, "address"),
    Join(HOSTS, "aaaa", ADDRESSES, "address"),
    Join(HOSTS, "above", HOSTS, "host"),
    Join(HOSTS, "a", SMTP, "address", _UNPROBED),
    Join(HOSTS, "aaaa", SMTP, "address", _UNPROBED),
    Join(SPF, "includes", SPF, "name"),
    Join(SPF, "a_names", HOSTS, "host"),
    Join(SPF, "above", HOSTS, "host"),
    Join(SPF, "mx_names", DOMAINS, "domain", "it is no seed: then mx has it"),
    Join(SPF, "mx_names", MX, "name", _SEEDS),
    Join(MX, "mail_hosts", HOSTS, "host"),
    Join(MX, "above", HOSTS, "host"),
    Join(POLICIES, "domain", DOMAINS, "domain"),
    Join(POLICIES, "autodiscover", ADDRESSES, "address"),
    Join(STS_POLICIES, "domain", POLICIES, "domain"),
    Join(STS_POLICIES, "a", ADDRESSES, "address"),
    Join(STS_POLICIES, "aaaa", ADDRESSES, "address"),
    Join(STS_POLICIES, "address", ADDRESSES, "address"),
    Join(STS_POLICIES, "chain", CERTIFICATES, "sha256"),
    Join(SMTP, "address", ADDRESSES, "address"),
    Join(SMTP, "server_name", HOSTS, "host"),
    Join(SMTP, "chain", CERTIFICATES, "sha256"),
    Join(MX_PROVIDERS, "domain", DOMAINS, "domain"),
    Join(MX_PROVIDERS, "mx", HOSTS, "host"),
    Join(MX_PROVIDERS, "addresses", SMTP, "address"),
    Join(MX_PROVIDERS, "evidence[].certificate", CERTIFICATES, "sha256"),
    Join(PROVIDERS, "domain", DOMAINS, "domain"),
    Join(MAILBOX_EVIDENCE, "domain", PROVIDERS, "domain"),
    Join(CHANGES, "domain", DOMAINS, "domain", "it is gone: then the earlier run has it"),
    Join(SPF_TRUST, "domain", DOMAINS, "domain"),
    Join(SPF_TRUST, "findings[].name", SPF, "name"),
    Join(SPF_INCLUDES, "target", SPF, "name"),
    Join(SPF_DEPENDENCE, "target", SPF, "name"),
    Join(ESPS, "domain", DOMAINS, "domain"),
    Join(SPF_LINKS, "name", SPF, "name"),
    Join(SPF_LINKS, "target", SPF, "name"),
    Join(SPF_LINKS, "target", SPF_REACH, "target", "it is not trusted: neither + nor a redirect"),
    Join(SPF_REACH, "reached", SPF, "name"),
    Join(SPF_REACH, "reached", SPF_GRANTS, "name", "its own terms pass no network"),
    Join(SPF_GRANTS, "name", SPF, "name"),
    Join(SNOWSHOE, "domain", DOMAINS, "domain"),
    Join(SNOWSHOE_SCORES, "domain", SNOWSHOE, "domain"),
)
