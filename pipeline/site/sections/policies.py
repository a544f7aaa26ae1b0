"""Adoption of DMARC, MTA-STS, TLSRPT, BIMI, DKIM and DANE."""

from pipeline.site.charts import bars
from pipeline.site.exhibit import Exhibit, Page

_DMARC = "list_filter(list_transform(dmarc, lambda t: t.text), lambda t: lower(t) LIKE 'v=dmarc1%')"

_DMARC_POLICY = Exhibit(
    "dmarc",
    "DMARC",
    "What domains ask receivers to do with mail that fails (RFC 7489), by the record at the domain "
    "itself: subdomains may inherit from above.",
    ("domains",),
    f"""
    WITH records AS (
        SELECT {_DMARC} AS found, dmarc_query.outcome AS outcome
        FROM domains WHERE mail NOT IN ('nxdomain', 'opted_out')
    )
    SELECT CASE WHEN len(found) > 1 THEN '(several records)'
           WHEN len(found) = 1 THEN coalesce(nullif(lower(regexp_extract(
               found[1], '(?i);\\s*p\\s*=\\s*([a-z]+)', 1)), ''), '(no policy)')
           WHEN outcome IN ('ok', 'nodata', 'nxdomain') THEN '(no record)'
           ELSE '(no answer)' END AS policy,
           count(*) AS domains, count(*) / sum(count(*)) OVER () AS share
    FROM records GROUP BY policy ORDER BY domains DESC, policy
    """,
    bars("policy", "share"),
)

_ADOPTION = Exhibit(
    "policy-records",
    "Records that protect mail",
    "Domains with mail that have the record: MTA-STS (RFC 8461) and DANE ask for TLS, TLSRPT "
    "(RFC 8460) for reports on it, BIMI shows a logo, DKIM signs; DKIM as far as the selectors "
    "that were asked tell.",
    ("policies",),
    """
    WITH has AS (
        SELECT list_bool_or([t.text LIKE 'v=STSv1%' FOR t IN mta_sts]) AS mta_sts,
               list_bool_or([t.text LIKE 'v=TLSRPTv1%' FOR t IN tls_rpt]) AS tls_rpt,
               list_bool_or([upper(t.text) LIKE 'V=BIMI1%' FOR t IN bimi]) AS bimi,
               list_bool_or(flatten([[t.text LIKE '%p=%' FOR t IN s.txt] FOR s IN dkim])) AS dkim
        FROM policies
    ), counted AS (
        SELECT count(*) AS total, unnest([
            {'record': 'MTA-STS', 'n': count(*) FILTER (mta_sts)},
            {'record': 'TLSRPT', 'n': count(*) FILTER (tls_rpt)},
            {'record': 'BIMI', 'n': count(*) FILTER (bimi)},
            {'record': 'DKIM', 'n': count(*) FILTER (dkim)}], max_depth := 2)
        FROM has
    )
    SELECT record, n AS domains, n / total AS share FROM counted ORDER BY n DESC, record
    """,
    bars("record", "share"),
)

PAGE = Page(
    "policies",
    "Policies",
    "What domains publish to protect mail in their name and mail to them.",
    (_DMARC_POLICY, _ADOPTION),
)
