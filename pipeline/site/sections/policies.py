"""Adoption of DMARC, DKIM, MTA-STS, TLSRPT, BIMI and DANE, and what is wrong with them."""

from pipeline.site.charts import bars, parts
from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.ranks import OF_LIST, TELLING

_ALL = "seed_list = '*' AND rank_cut = 0 AND tld = '*'"

_STATES = Exhibit(
    "policy-states",
    "Adoption",
    "States of each policy; a domain may have several DKIM keys, and so several states. DKIM is "
    "known as far as the selectors that were asked tell.",
    ("policy_adoption",),
    f"""
    SELECT aspect AS policy, value AS state, domains, share FROM policy_adoption
    WHERE {_ALL} AND aspect IN ('spf', 'dmarc', 'dkim', 'mta_sts', 'tls_rpt', 'bimi', 'dane')
    ORDER BY aspect, domains DESC, value
    """,
)

_DMARC = Exhibit(
    "dmarc",
    "DMARC",
    "What domains ask receivers to do with mail that fails (RFC 7489), by rank: the policy that "
    "applies, be it of the organisation above.",
    ("policy_adoption", "domains"),
    f"""
    SELECT {OF_LIST} AS cut, value AS policy, domains, share
    FROM policy_adoption WHERE aspect = 'dmarc_policy' AND tld = '*' AND {TELLING}
    ORDER BY seed_list, rank_cut = 0, rank_cut, domains DESC, value
    """,
    parts("cut", "domains", "policy"),
)

_PLACES = Exhibit(
    "dmarc-places",
    "Where the DMARC record is, and who has its reports",
    "Whether those agree who are to have the reports (RFC 7489, section 7.1).",
    ("policy_adoption",),
    f"""
    SELECT CASE aspect WHEN 'dmarc' THEN 'place' WHEN 'dmarc_by_walk' THEN 'place by tree walk'
           ELSE 'consent' END AS "of", value, domains, share
    FROM policy_adoption
    WHERE {_ALL} AND aspect IN ('dmarc', 'dmarc_by_walk', 'dmarc_reports')
    ORDER BY "of", domains DESC, value
    """,
)

_PROTECTION = Exhibit(
    "transport-policies",
    "Mail on its way",
    "MTA-STS (RFC 8461) and DANE (RFC 7672) ask senders for TLS, TLSRPT (RFC 8460) for reports on "
    "it. DANE: whether the certificates that mail hosts show are those that they publish.",
    ("policy_adoption",),
    f"""
    SELECT aspect || ': ' || value AS state, domains, share FROM policy_adoption
    WHERE {_ALL} AND aspect IN ('mta_sts', 'tls_rpt', 'dane') AND value != 'absent'
    ORDER BY aspect, domains DESC, value
    """,
    bars("state", "share"),
)

_FILES = Exhibit(
    "sts-policies",
    "MTA-STS policies, as they were fetched",
    "Of the domains whose record says that there is a policy: what became of asking their policy "
    "host for it (RFC 8461, section 3.3). It stands only over a certificate that is trusted and "
    "the host's own.",
    ("mail_policies", "sts_policies"),
    """
    SELECT CASE m.sts_policy WHEN 'valid' THEN m.sts_mode ELSE m.sts_policy END AS policy,
           CASE WHEN m.sts_policy = 'unavailable' THEN s.outcome
                WHEN m.sts_policy = 'void' THEN 'error in the file'
                WHEN s.verdict != 'trusted' THEN s.verdict
                WHEN m.sts_policy = 'unproven' THEN s.host_check
                ELSE coalesce('mail hosts ' || m.sts_match, 'no mail host listed') END AS why,
           count(*) AS domains
    FROM mail_policies m JOIN sts_policies s USING (domain)
    WHERE m.sts_policy IS NOT NULL
    GROUP BY ALL ORDER BY domains DESC, policy, why
    """,
    bars("why", "domains", "policy"),
)

_REFUSED = Exhibit(
    "sts-hosts",
    "Certificates of mail hosts that MTA-STS policies list",
    "Of the domains whose policy stands: whether senders take what the listed mail hosts show, "
    "which must be trusted, in its time and the host's own (RFC 8461, section 4.2). Under enforce "
    "they deliver nothing to a host that is refused.",
    ("mail_policies",),
    """
    SELECT sts_mode AS mode, coalesce(sts_tls, 'not seen') AS certificates, count(*) AS domains
    FROM mail_policies WHERE sts_policy = 'valid' AND sts_match IN ('matched', 'partly')
    GROUP BY ALL ORDER BY domains DESC, mode, certificates
    """,
    bars("mode", "domains", "certificates"),
)

_KEYS = Exhibit(
    "dkim-keys",
    "DKIM keys",
    "Type and size; below 1024 bits verifiers must not take them (RFC 8301).",
    ("policy_adoption",),
    f"""
    SELECT value AS key, domains, share FROM policy_adoption
    WHERE {_ALL} AND aspect = 'dkim_key' ORDER BY domains DESC, value
    """,
    bars("key", "domains"),
)

_MISTAKES = Exhibit(
    "policy-mistakes",
    "Mistakes",
    "Findings about the records, errors and warnings.",
    ("policy_adoption",),
    f"""
    SELECT replace(aspect, '_mistake', '') AS policy, value AS finding, domains, share
    FROM policy_adoption WHERE {_ALL} AND aspect LIKE '%\\_mistake' ESCAPE '\\'
        AND aspect != 'spf_mistake'
    ORDER BY domains DESC, policy, finding
    """,
    bars("finding", "domains", "policy"),
)

PAGE = Page(
    "policies",
    "Policies",
    "What domains publish to protect mail in their name and mail to them.",
    (_DMARC, _PLACES, _PROTECTION, _FILES, _REFUSED, _STATES, _KEYS, _MISTAKES),
)
