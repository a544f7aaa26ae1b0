"""Who runs the mail: shares by list, rank, TLD and country, and how few have how much."""

from pipeline.site.charts import bars, lines, matrix
from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.ranks import OF_LIST, TELLING, named
from pipeline.site.sections.whole import whole

_TOP = """
    WITH top AS (
        SELECT value FROM provider_shares
        WHERE dimension = 'provider' AND seed_list = '*' AND rank_cut = 0 AND tld = '*'
          AND value NOT LIKE '(%' ORDER BY domains DESC, value LIMIT 8
    )"""

_SHARES = Exhibit(
    "provider-shares",
    "Providers",
    "Companies that the MX records lead to, over all seeds. A domain with n exchanges of lowest "
    "preference counts 1/n for each. `(self)` is a domain that runs its own mail, `(unmapped)` a "
    "provider that the company map does not name. Shares are of the domains whose mail goes "
    "anywhere.",
    ("provider_shares",),
    """
    SELECT row_number() OVER (ORDER BY domains DESC, value) AS place, value AS provider,
           domains, share
    FROM provider_shares
    WHERE dimension = 'provider' AND seed_list = '*' AND rank_cut = 0 AND tld = '*'
    ORDER BY place
    """,
    bars("provider", "share"),
)

_RANKS = Exhibit(
    "provider-ranks",
    "Providers by rank",
    "How the eight largest providers do among the most popular domains of each seed list. "
    "Lists without ranks are not here.",
    ("provider_shares", "domains"),
    f"""{_TOP}
    SELECT seed_list, {named("rank_cut")} AS ranks, value AS provider, domains, share
    FROM provider_shares SEMI JOIN top USING (value)
    WHERE dimension = 'provider' AND tld = '*' AND {TELLING} AND seed_list IN (
        SELECT seed_list FROM provider_shares WHERE rank_cut > 0)
    ORDER BY seed_list, rank_cut = 0, rank_cut, domains DESC, value
    """,
    lines("ranks", "share", "provider", "seed_list"),
)

_LISTS = Exhibit(
    "provider-lists",
    "Providers by seed list",
    "The eight largest providers in each seed list, all ranks.",
    ("provider_shares",),
    f"""{_TOP}
    SELECT CASE seed_list WHEN '*' THEN 'all lists' ELSE seed_list END AS seed_list,
           value AS provider, domains, share
    FROM provider_shares SEMI JOIN top USING (value)
    WHERE dimension = 'provider' AND tld = '*' AND rank_cut = 0
    ORDER BY provider_shares.seed_list, domains DESC, value
    """,
    bars("seed_list", "share", "provider"),
)

_TLDS = Exhibit(
    "provider-tlds",
    "Providers by TLD",
    "Shares of the eight largest providers in the twenty largest TLDs. Empty: no domain at all.",
    ("provider_shares", "coverage"),
    f"""{_TOP}, tlds AS (
        SELECT tld, sum(domains) AS size FROM coverage
        WHERE seed_list = '*' AND tld != '*' GROUP BY tld ORDER BY size DESC, tld LIMIT 20
    )
    SELECT '.' || tld AS tld, size::BIGINT AS domains_of_tld, value AS provider, domains, share
    FROM provider_shares SEMI JOIN top USING (value) JOIN tlds USING (tld)
    WHERE dimension = 'provider' AND seed_list = '*'
    ORDER BY size DESC, tld, domains DESC, value
    """,
    matrix("provider", "tld", "share"),
)

_COUNTRIES = whole(
    "provider-countries",
    "Seats of the providers",
    "Countries where the companies that run the mail have their seat: whose law reaches it.",
    "country",
    "country",
)

_ROLES = whole(
    "provider-roles",
    "What the operator does",
    "Role of the company that the MX leads to: whether it keeps the mail, filters it, forwards it.",
    "role",
    "role",
)

_CONCENTRATION = Exhibit(
    "concentration",
    "Concentration",
    "How few providers have how much of the mail. HHI is the Herfindahl-Hirschman index, the sum "
    "of squared shares: 1 for a monopoly; above 0.25 a market is called highly concentrated. All "
    "lists and ranks, and the twenty largest TLDs.",
    ("concentration", "domains"),
    f"""
    (SELECT {OF_LIST} AS cut, domains, providers, top1 AS share_largest, top5 AS share_five_largest,
           top10 AS share_ten_largest, round(hhi, 4) AS hhi
    FROM concentration WHERE tld = '*' AND {TELLING} ORDER BY seed_list, rank_cut = 0, rank_cut)
    UNION ALL
    (SELECT '.' || tld, domains, providers, top1, top5, top10, round(hhi, 4)
    FROM concentration WHERE seed_list = '*' AND tld != '*' ORDER BY domains DESC, tld LIMIT 20)
    """,
    bars("cut", "hhi", most=40),
)

_SOURCES = Exhibit(
    "label-sources",
    "What the labels rest on",
    "The best source of each operator's label, and how likely the labels are to be right "
    "(calibrated on made-up worlds whose truth is known).",
    ("providers",),
    """
    SELECT coalesce(source, 'none') AS source, count(*) AS domains,
           count(*) / sum(count(*)) OVER () AS share, avg(probability) AS share_right
    FROM providers WHERE operator_id IS NOT NULL GROUP BY ALL ORDER BY domains DESC, source
    """,
    bars("source", "share"),
)

PAGE = Page(
    "providers",
    "Providers",
    "Who runs the mail of the domains, by what their mail servers show: certificates first, then "
    "greetings, then names.",
    (_SHARES, _RANKS, _LISTS, _TLDS, _COUNTRIES, _ROLES, _CONCENTRATION, _SOURCES),
)
