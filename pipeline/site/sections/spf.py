"""SPF: who has it, what is wrong with it, how much it costs and how much it lets through."""

from pipeline.site.charts import bars, beside, columns, parts
from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.ranks import FIRST, named

_CUTS = f"""
    SELECT cut FROM (SELECT unnest({FIRST}) AS cut)
    WHERE cut < (SELECT max(rank) FROM spf_trust) UNION ALL SELECT NULL"""

_VERDICTS = Exhibit(
    "spf-verdicts",
    "Adoption and verdict",
    "What each domain's record, with all that it leads to, comes to. Receivers cannot use a record "
    "with a permerror. By best rank in any list.",
    ("spf_trust",),
    f"""
    WITH cuts AS ({_CUTS})
    SELECT {named("cut")} AS ranks,
           verdict, count(*) AS domains,
           count(*) / sum(count(*)) OVER (PARTITION BY cut) AS share
    FROM spf_trust JOIN cuts ON cut IS NULL OR rank <= cut
    GROUP BY cut, verdict ORDER BY cut NULLS LAST, domains DESC, verdict
    """,
    parts("ranks", "domains", "verdict"),
)

_ALL = Exhibit(
    "spf-all",
    "What happens to everybody else",
    "The qualifier of the `all` that decides: `-` fail, `~` soft fail, `?` neutral, `+` pass. "
    "Without one everybody else is neutral.",
    ("spf_trust",),
    """
    SELECT coalesce("all" || 'all', '(none)') AS qualifier, count(*) AS domains,
           count(*) / sum(count(*)) OVER () AS share
    FROM spf_trust WHERE published
    GROUP BY 1 ORDER BY domains DESC, 1
    """,
    bars("qualifier", "share"),
)

_FINDINGS = Exhibit(
    "spf-findings",
    "Errors and warnings",
    "Classes of findings, and how many domains have them: errors anywhere in what the record leads "
    "to, warnings in the domain's own record. Shares are of the domains that have a record.",
    ("spf_trust",),
    """
    WITH found AS (SELECT domain, published, unnest(findings, max_depth := 2) FROM spf_trust)
    SELECT finding, count(DISTINCT domain) AS domains,
           count(DISTINCT domain) FILTER (published)
               / (SELECT count(*) FROM spf_trust WHERE published)
               AS share_of_records,
           count(DISTINCT domain) FILTER (name = domain) AS in_own_record,
           any_value(name) AS example
    FROM found GROUP BY finding ORDER BY domains DESC, finding
    """,
    bars("finding", "domains", most=40),
)

_LOOKUPS = Exhibit(
    "spf-lookups",
    "Look-ups",
    "Terms that ask the DNS. Over 10 is an error (RFC 7208, section 4.6.4); the last column stands "
    "for all above.",
    ("spf_trust",),
    """
    SELECT CASE WHEN least(lookups, 21) = 21 THEN '21+' ELSE lookups::VARCHAR END AS lookups,
           count(*) AS domains, count(*) / sum(count(*)) OVER () AS share,
           CASE WHEN any_value(spf_trust.lookups) > 10 THEN 'too many' ELSE 'allowed' END AS verdict
    FROM spf_trust WHERE published
    GROUP BY least(spf_trust.lookups, 21), 1 ORDER BY least(spf_trust.lookups, 21)
    """,
    columns("lookups", "domains", "verdict"),
)

_SIZES = Exhibit(
    "spf-sizes",
    "Size of the trusted space",
    "IPv4 addresses that pass, those of own terms and those that includes bring. Shared senders "
    "bring most, so `permissive` (over 100,000) says more where the own record does it.",
    ("spf_trust",),
    """
    WITH sized AS (
        SELECT unnest([{'of': 'in all', 'n': ipv4}, {'of': 'own terms', 'n': ipv4_literal},
                       {'of': 'through others', 'n': ipv4_inherited}], max_depth := 2)
        FROM spf_trust WHERE published
    ), banded AS (
        SELECT "of", CASE WHEN n = 0 THEN -1 ELSE floor(log10(n))::INTEGER END AS power FROM sized
    )
    SELECT CASE power WHEN -1 THEN 'none' WHEN 0 THEN '1 to 9'
           ELSE format('{:,} and more', (10 ** power)::BIGINT) END AS addresses,
           "of" AS counted, count(*) AS domains,
           count(*) / sum(count(*)) OVER (PARTITION BY "of") AS share
    FROM banded GROUP BY power, "of" ORDER BY power, "of"
    """,
    beside("addresses", "share", "counted"),
)

_LARGEST = Exhibit(
    "spf-largest",
    "Largest network",
    "Prefix length of the largest IPv4 network that passes: 0 is the whole Internet.",
    ("spf_trust",),
    """
    SELECT '/' || largest_ipv4 AS prefix, count(*) AS domains,
           count(*) / sum(count(*)) OVER () AS share,
           count(*) FILTER (ipv4_literal = ipv4) AS all_by_own_terms
    FROM spf_trust WHERE largest_ipv4 IS NOT NULL GROUP BY largest_ipv4 ORDER BY largest_ipv4
    """,
    columns("prefix", "domains"),
)

PAGE = Page(
    "spf",
    "SPF",
    "SPF (RFC 7208) says from where a domain's mail may come. Here every record is followed "
    "through its includes, before any message is seen.",
    (_VERDICTS, _ALL, _FINDINGS, _LOOKUPS, _SIZES, _LARGEST),
)
