"""What changed since an earlier run."""

from pipeline.site.charts import bars, lines
from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.flow import flow

_KINDS = Exhibit(
    "changes",
    "What changed",
    "Domains that differ from the earlier run, by what differs and in which way. Doubtful ones may "
    "differ by measurement alone. Where several runs were compared, the last of them by name.",
    ("changes",),
    """
    SELECT earlier, kind, change, count(DISTINCT domain) AS domains,
           count(DISTINCT domain) FILTER (doubt IS NOT NULL) AS doubtful
    FROM changes WHERE earlier = (SELECT max(earlier) FROM changes)
    GROUP BY ALL ORDER BY domains DESC, kind, change
    """,
    bars("kind", "domains", "change"),
)

_MOVEMENTS = Exhibit(
    "movements",
    "From provider to provider",
    "`(self)` is a domain's own, `(none)` no provider. Of several runs the last, as above.",
    ("movements",),
    """
    SELECT earlier, provider_then AS "from", provider_now AS "to", domains, doubtful
    FROM movements WHERE earlier = (SELECT max(earlier) FROM movements)
    ORDER BY domains DESC, provider_then, provider_now
    """,
    flow("from", "to", "domains"),
)

_DOMAINS = Exhibit(
    "changed-domains",
    "Domains that moved",
    "Those without doubt first. Evidence is what exchanges showed in either run.",
    ("changes",),
    """
    SELECT domain, kind, change, "then".value AS "from", "now".value AS "to", doubt,
           "then".evidence AS evidence_then, "now".evidence AS evidence_now, earlier
    FROM changes WHERE kind IN ('operator', 'mailbox') ORDER BY doubt NULLS FIRST, domain, earlier
    """,
)

_WIDER = Exhibit(
    "wider-trust",
    "SPF that lets more send",
    "Domains whose SPF passes more IPv4 addresses than before. Where the record is the same, what "
    "it includes has changed.",
    ("changes",),
    """
    SELECT domain, more::BIGINT AS more_addresses, "then".value::BIGINT AS passed_then,
           "now".value::BIGINT AS passed_now,
           "then".evidence = "now".evidence AS same_record, doubt, earlier
    FROM changes WHERE kind = 'spf_ipv4' AND change = 'wider'
    ORDER BY doubt NULLS FIRST, more DESC, domain, earlier
    """,
)

_PROTECTION = Exhibit(
    "weaker-protection",
    "Weaker protection",
    "Domains whose SPF broke, whose certificates no longer hold, or whose policies are weaker "
    "or gone.",
    ("changes",),
    """
    SELECT domain, kind, change, "then".value AS "from", "now".value AS "to",
           "now".evidence AS evidence_now, doubt, earlier
    FROM changes WHERE kind NOT IN ('seed', 'operator', 'mailbox')
        AND (change IN ('worse', 'weaker') OR change = 'lost' AND kind != 'spf_include')
    ORDER BY doubt NULLS FIRST, kind, domain, earlier
    """,
)

_SHARES = Exhibit(
    "shares-over-time",
    "Providers over all runs",
    "Share of the domains of each run whose mail goes anywhere, of the eight providers that ever "
    "had most. Runs of other seed lists have other domains: compare like with like.",
    ("past_shares",),
    """
    WITH shares AS (
        SELECT run, value AS provider, share, domains FROM past_shares
        WHERE seed_list = '*' AND rank_cut = 0 AND tld = '*' AND dimension = 'provider'
            AND NOT starts_with(value, '(')
    ), top AS (
        SELECT provider FROM shares GROUP BY provider ORDER BY max(share) DESC, provider LIMIT 8
    )
    SELECT run, provider, share, domains FROM shares SEMI JOIN top USING (provider)
    ORDER BY run, share DESC, provider
    """,
    lines("run", "share", "provider"),
)

_ADOPTION = Exhibit(
    "adoption-over-time",
    "Adoption over all runs",
    "Share of the domains of each run that have an SPF record, a DMARC policy, one that is "
    "enforced (quarantine or reject), MTA-STS, TLSRPT, and DANE that matches. What a run did not "
    "ask is not there.",
    ("past_adoption",),
    """
    SELECT run, CASE
            WHEN aspect = 'spf_published' AND value = 'yes' THEN 'SPF'
            WHEN aspect = 'dmarc' AND value IN ('own', 'organisation') THEN 'DMARC'
            WHEN aspect = 'dmarc_policy' AND value IN ('quarantine', 'reject')
            THEN 'DMARC, enforced'
            WHEN aspect = 'mta_sts' AND value = 'valid' THEN 'MTA-STS'
            WHEN aspect = 'tls_rpt' AND value = 'valid' THEN 'TLSRPT'
            WHEN aspect = 'dane' AND value IN ('matched', 'secure matched') THEN 'DANE'
        END AS policy, sum(share) AS share, sum(domains)::BIGINT AS domains
    FROM past_adoption WHERE seed_list = '*' AND rank_cut = 0 AND tld = '*' AND policy IS NOT NULL
    GROUP BY run, policy ORDER BY run, share DESC, policy
    """,
    lines("run", "share", "policy"),
)

PAGE = Page(
    "changes",
    "Changes",
    "How this run differs from an earlier one: `mailcensus diff W OLD NEW` writes it.",
    (_KINDS, _MOVEMENTS, _DOMAINS, _WIDER, _PROTECTION, _SHARES, _ADOPTION),
)
