"""Whom SPF trusts: includes, networks, clouds, and the domains that trust most."""

from pipeline.site.charts import bars, beside
from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.flow import flow
from pipeline.site.ranks import TELLING, named

_PUBLISHED = "(SELECT count(*) FROM spf_trust WHERE published)"

_INCLUDES = Exhibit(
    "includes",
    "Top includes",
    "Names whose records others include or redirect to, and how many domains trust them so, "
    "directly and through others. Shares are of the domains that have an SPF record.",
    ("spf_includes", "spf_trust"),
    f"""
    SELECT target, company, domains, direct, through, domains / {_PUBLISHED} AS share,
           ipv4 AS ipv4_addresses
    FROM spf_includes WHERE seed_list = '*' AND rank_cut = 0 ORDER BY domains DESC, target
    """,
    bars("target", "domains"),
)

_COMPANIES = Exhibit(
    "include-companies",
    "Companies that domains trust",
    "Distinct domains whose record, with all that it leads to, has an include of the company. "
    "Shares are of the domains that have an SPF record.",
    ("spf_links", "spf_reach", "spf_includes", "spf_trust"),
    f"""
    WITH owner AS (SELECT target AS reached, any_value(company) AS company FROM spf_includes
                   WHERE seed_list = '*' AND rank_cut = 0 AND company IS NOT NULL GROUP BY target)
    SELECT company, count(DISTINCT name) AS domains,
           count(DISTINCT name) FILTER (reached = target) AS directly,
           count(DISTINCT name) / {_PUBLISHED} AS share
    FROM spf_links JOIN spf_reach USING (target) JOIN owner USING (reached)
    WHERE seed AND trusted GROUP BY company ORDER BY domains DESC, company
    """,
    bars("company", "domains"),
)

_RANKS = Exhibit(
    "include-ranks",
    "Includes by rank",
    "The most trusted names among the most popular domains of the seed lists.",
    ("spf_includes", "domains"),
    f"""
    SELECT seed_list, {named("rank_cut")} AS ranks, target, company, domains, direct
    FROM spf_includes WHERE rank_cut > 0 AND {TELLING}
    QUALIFY row_number() OVER (PARTITION BY seed_list, rank_cut ORDER BY domains DESC, target) <= 10
    ORDER BY seed_list, rank_cut, domains DESC, target
    """,
)

_NETWORKS = Exhibit(
    "networks",
    "Top networks",
    "Networks as records name them, and how many domains trust them; those that a single domain "
    "trusts are left out. Shares are of the domains that have an SPF record. The map shows "
    "networks up to /8.",
    ("spf_networks", "spf_trust"),
    f"""
    SELECT network, domains, direct, through, domains / {_PUBLISHED} AS share,
           prefix AS prefix_length
    FROM spf_networks WHERE seed_list = '*' AND rank_cut = 0
    ORDER BY domains DESC, network
    """,
    bars("network", "domains"),
)

_LOOSEST = Exhibit(
    "loosest",
    "The loosest domains",
    "Domains that let the most IPv4 addresses send, by their own record first. 4,294,967,296 is "
    "everybody.",
    ("spf_trust",),
    """
    SELECT domain, rank, verdict, ipv4 AS ipv4_addresses, ipv4_literal AS by_own_terms,
           '/' || largest_ipv4 AS largest, "all" || 'all' AS "all", lookups
    FROM spf_trust WHERE ipv4 > 100000 ORDER BY ipv4_literal DESC, ipv4 DESC, rank, domain
    LIMIT 5000
    """,
)

_ORIGINS = Exhibit(
    "trusted-networks",
    "Autonomous systems that are trusted",
    "Those whose addresses domains let send, whoever's include names them. Addresses are those "
    "that anybody passes, each once; `(everywhere)` stands for networks too large to be "
    "anybody's.",
    ("spf_shares",),
    """
    SELECT concat_ws(' ', value, name) AS network, domains, direct,
           through, share, ipv4 AS ipv4_addresses
    FROM spf_shares WHERE dimension = 'as' AND seed_list = '*' AND rank_cut = 0
    ORDER BY domains DESC, value
    """,
    bars("network", "share"),
)

_PLACES = Exhibit(
    "trusted-countries",
    "Countries that are trusted",
    "Where the trusted addresses are, as the table of the run's owners says.",
    ("spf_shares",),
    """
    SELECT value AS country, domains, direct, through, share, ipv4 AS ipv4_addresses
    FROM spf_shares WHERE dimension = 'country' AND seed_list = '*' AND rank_cut = 0
    ORDER BY domains DESC, value
    """,
    bars("country", "share"),
)

_CLOUDS = Exhibit(
    "trusted-clouds",
    "Rented space that is trusted",
    "Clouds rent the same addresses to anybody, one after the other: who rents a trusted one may "
    "send. Regions and services where the run knows them.",
    ("spf_shares",),
    """
    SELECT dimension, value AS cloud, domains, direct, through, share, ipv4 AS ipv4_addresses
    FROM spf_shares WHERE dimension IN ('cloud', 'cloud_region', 'cloud_service')
        AND seed_list = '*' AND rank_cut = 0
    ORDER BY dimension, domains DESC, value
    """,
    bars("cloud", "domains", "dimension", most=30),
)

_SECURITY = Exhibit(
    "security-providers",
    "E-mail security providers",
    "Companies that filter mail, and what tells of them: the exchange's name, its AS, its PTR, "
    "SPF.",
    ("esp_shares",),
    """
    SELECT value AS company, max(domains) FILTER (dimension = 'any') AS domains,
           max(domains) FILTER (dimension = 'mx') AS by_name,
           max(domains) FILTER (dimension = 'asn') AS by_as,
           max(domains) FILTER (dimension = 'ptr') AS by_ptr,
           max(domains) FILTER (dimension = 'spf') AS by_spf,
           max(domains) FILTER (dimension = 'spf_only') AS by_spf_alone,
           max(domains) FILTER (dimension = 'mx_only') AS not_by_spf
    FROM esp_shares WHERE dimension NOT IN ('number', 'number_spf')
        AND seed_list = '*' AND rank_cut = 0 AND tld = '*'
    GROUP BY company ORDER BY domains DESC, company
    """,
    bars("company", "domains"),
)

_NUMBER = Exhibit(
    "security-number",
    "How many a domain uses",
    "Security providers that anything tells of, and that SPF trusts.",
    ("esp_shares",),
    """
    SELECT value AS companies, CASE dimension WHEN 'number' THEN 'anything tells of'
           ELSE 'SPF trusts' END AS counted, domains, share
    FROM esp_shares WHERE dimension IN ('number', 'number_spf')
        AND seed_list = '*' AND rank_cut = 0 AND tld = '*'
    ORDER BY value::INTEGER, counted
    """,
    beside("companies", "domains", "counted"),
)

_DEPENDENCE = Exhibit(
    "dependence",
    "What would break",
    "Names that records depend on: without a record there, so many domains would get a permerror "
    "that do not have one yet.",
    ("spf_dependence",),
    """
    SELECT target, company, would_break, direct, domains, records, loop
    FROM spf_dependence WHERE seed_list = '*' AND rank_cut = 0
    ORDER BY would_break DESC, target
    """,
    bars("target", "would_break"),
)

_FLOW = Exhibit(
    "trust-flow",
    "From domains to those they trust",
    "The hundred most popular domains (or those that `--domains` names), the names they include, "
    "and the companies behind these; where no company is known, the AS that has most of the "
    "addresses they pass. The strongest links: point at a name to see its own; the "
    "[trees](trees.html) open up each domain.",
    ("spf_trust", "spf_links", "spf_includes", "spf_reach", "spf_grants", "spf_origins", "chosen"),
    """
    WITH links AS (
        SELECT DISTINCT name, target FROM spf_links SEMI JOIN chosen USING (name) WHERE trusted
    ), held AS (
        SELECT target, concat_ws(' ', 'AS' || asn, as_name) AS network,
               [coalesce(sum(addresses) FILTER (version = 4), 0)::DOUBLE,
                sum(addresses)::DOUBLE] AS size
        FROM (SELECT DISTINCT target FROM links) JOIN spf_reach USING (target)
        JOIN spf_grants ON spf_grants.name = reached
        JOIN spf_origins USING (version, first, prefix)
        WHERE asn IS NOT NULL GROUP BY ALL
    ), networks AS (
        SELECT target, arg_max(network, (size, network)) AS network FROM held GROUP BY target
    ), owned AS (
        SELECT name, target, coalesce(company, network, registered_domain, target) AS owner
        FROM links LEFT JOIN networks USING (target)
        JOIN (SELECT target, any_value(company) AS company,
                     any_value(registered_domain) AS registered_domain
              FROM spf_includes WHERE seed_list = '*' AND rank_cut = 0 GROUP BY target)
            USING (target)
    )
    SELECT 0 AS layer, name AS source, target, 1 AS domains FROM owned
    UNION ALL
    SELECT 1, target, owner, count(DISTINCT name) FROM owned GROUP BY target, owner
    ORDER BY layer, domains DESC, source, target
    """,
    flow("source", "target", "domains", layer="layer", most=120),
)

PAGE = Page(
    "trust",
    "Trust",
    "Whom the domains let send: by name (include, redirect) and by network, directly and through "
    "those they trust.",
    (
        _INCLUDES,
        _COMPANIES,
        _RANKS,
        _FLOW,
        _NETWORKS,
        _ORIGINS,
        _PLACES,
        _CLOUDS,
        _SECURITY,
        _NUMBER,
        _DEPENDENCE,
        _LOOSEST,
    ),
)
