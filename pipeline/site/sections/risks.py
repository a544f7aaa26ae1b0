"""What could go wrong: names to be taken over, open records, candidates of snowshoe spam."""

from pipeline.site.charts import bars
from pipeline.site.exhibit import Exhibit, Page

_TAKEOVER = Exhibit(
    "takeover",
    "Names that SPF relies on and that do not exist",
    "Who comes to hold such a name may send for the domains: anybody, where not even its "
    "registered domain exists; customers of a company that hands such names out; else the domain's "
    "owner alone. Names below a record's own domain are nobody else's gain: the table spf_takeover "
    "has them. Tell the domains' holders before you tell anybody else.",
    ("spf_takeover",),
    """
    SELECT name, reliance, registered_domain, holder AS may_be_held_by, domains, direct, records
    FROM spf_takeover WHERE domains > 0
    ORDER BY list_position(['anybody', 'customers', 'unknown', 'owner'], holder), domains DESC,
             name, reliance
    """,
    bars("name", "domains"),
)

_OPEN = Exhibit(
    "pass-all",
    "Records that let everybody send",
    "Domains with `+all`, or networks that come to the whole Internet.",
    ("spf_trust",),
    """
    SELECT domain, rank, ipv4 AS ipv4_addresses, "all" || 'all' AS "all", verdict
    FROM spf_trust WHERE ipv4 >= 4294967296 OR "all" = '+' ORDER BY rank, domain
    """,
)

_DANGLING = Exhibit(
    "dangling",
    "Mail that leads nowhere",
    "Domains whose exchanges have no address, or only such as nobody can reach.",
    ("providers",),
    """
    SELECT domain, category FROM providers
    WHERE category IN ('dangling_mx', 'reserved_mx', 'bad_mx') ORDER BY category, domain
    """,
)

_SNOWSHOE = Exhibit(
    "snowshoe",
    "Candidates of snowshoe spam",
    "Domains with unusually many records, scored by the model that `snowshoe train` made. A score "
    "is a reason to look, not a verdict; that a domain is unlisted does not make it benign.",
    ("snowshoe_scores",),
    """
    SELECT domain, tier, round(probability, 3) AS probability, beyond AS beyond_cut_off,
           list_transform(reasons, lambda r: r.feature) AS reasons, listed
    FROM snowshoe_scores WHERE tier != 'none' ORDER BY probability DESC NULLS LAST, domain
    """,
)

PAGE = Page(
    "risks",
    "Risks",
    "What others could make use of. These lists are for those who mend things.",
    (_TAKEOVER, _OPEN, _DANGLING, _SNOWSHOE),
)
