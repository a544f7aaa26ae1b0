"""Mail servers: how they answered, what software they name, TLS and certificates."""

from pipeline.site.charts import bars, columns
from pipeline.site.exhibit import Exhibit, Page

_OUTCOMES = Exhibit(
    "smtp-outcomes",
    "How servers answered",
    "Every address that receives mail was greeted at most once; no mail was sent.",
    ("smtp",),
    """
    SELECT outcome, count(*) AS servers, count(*) / sum(count(*)) OVER () AS share,
           mode(step) AS ended_at
    FROM smtp GROUP BY outcome ORDER BY servers DESC, outcome
    """,
    bars("outcome", "servers"),
)

_SOFTWARE = Exhibit(
    "software",
    "Mail software",
    "What the servers name in greeting or EHLO. Domains are those of which at least one exchange "
    "runs on it.",
    ("smtp", "mx_providers"),
    """
    WITH seen AS (SELECT address, coalesce(software, '(not named)') AS software
                  FROM smtp WHERE banner IS NOT NULL),
    used AS (SELECT DISTINCT domain, unnest(addresses) AS address FROM mx_providers)
    SELECT software, count(DISTINCT address) AS servers,
           count(DISTINCT address) / (SELECT count(*) FROM seen) AS share,
           count(DISTINCT domain) AS domains
    FROM seen LEFT JOIN used USING (address) GROUP BY software ORDER BY servers DESC, software
    """,
    bars("software", "servers"),
)

_VERSIONS = Exhibit(
    "software-versions",
    "Versions",
    "Versions that servers state of themselves: what is old is easy to find for others, too.",
    ("smtp",),
    """
    SELECT software, software_version AS version, count(*) AS servers
    FROM smtp WHERE software IS NOT NULL AND software_version IS NOT NULL
    GROUP BY ALL ORDER BY servers DESC, software, version
    """,
)

_STARTTLS = Exhibit(
    "starttls",
    "STARTTLS",
    "How the change to TLS ended, of the servers that answered EHLO.",
    ("smtp",),
    """
    SELECT starttls, count(*) AS servers, count(*) / sum(count(*)) OVER () AS share
    FROM smtp WHERE outcome = 'ok' GROUP BY starttls ORDER BY servers DESC, starttls
    """,
    bars("starttls", "share"),
)

_TLS = Exhibit(
    "tls-versions",
    "TLS versions and ciphers",
    "What was agreed upon. TLS below 1.2 is deprecated (RFC 8996).",
    ("smtp",),
    """
    SELECT tls_version, cipher, count(*) AS servers, count(*) / sum(count(*)) OVER () AS share
    FROM smtp WHERE tls_version IS NOT NULL GROUP BY ALL ORDER BY servers DESC, tls_version, cipher
    """,
    bars("cipher", "servers", "tls_version"),
)

_LEAVES = "SELECT DISTINCT chain[1] AS sha256 FROM smtp WHERE len(chain) > 0"

_TRUST = Exhibit(
    "certificate-trust",
    "Certificates",
    "Whether servers' certificates chain to a trusted root. Names are not compared: senders do "
    "not, either, unless MTA-STS or DANE asks them to.",
    ("smtp", "certificates"),
    """
    SELECT verdict, count(*) AS servers, count(*) / sum(count(*)) OVER () AS share,
           count(DISTINCT sha256) AS certificates
    FROM (SELECT chain[1] AS sha256 FROM smtp WHERE len(chain) > 0) JOIN certificates USING (sha256)
    GROUP BY verdict ORDER BY servers DESC, verdict
    """,
    bars("verdict", "servers"),
)

_EXPIRY = Exhibit(
    "certificate-expiry",
    "Days until certificates end",
    "Of the servers' own certificates, when they were seen; `ended` had ended already.",
    ("smtp", "certificates"),
    f"""
    WITH left_over AS (
        SELECT date_diff('day', seen, not_after) AS days
        FROM certificates SEMI JOIN ({_LEAVES}) USING (sha256) WHERE not_after IS NOT NULL
    ), banded AS (
        SELECT CASE WHEN days < 0 THEN 0 WHEN days < 7 THEN 1 WHEN days < 30 THEN 2
               WHEN days < 90 THEN 3 WHEN days < 400 THEN 4 ELSE 5 END AS band FROM left_over
    )
    SELECT ['ended', 'under 7', '7 to 29', '30 to 89', '90 to 399', '400 and more'][band + 1]
           AS days,
           count(*) AS certificates, count(*) / sum(count(*)) OVER () AS share
    FROM banded GROUP BY band ORDER BY band
    """,
    columns("days", "certificates"),
)

_KEYS = Exhibit(
    "certificate-keys",
    "Keys and signatures",
    "RSA below 2048 bits and SHA-1 are weak.",
    ("smtp", "certificates"),
    f"""
    SELECT coalesce(key_type || ' ' || key_bits, key_type, '(not read)') AS key,
           coalesce(signature_algorithm, '(not read)') AS signature, count(*) AS certificates,
           count(*) / sum(count(*)) OVER () AS share
    FROM certificates SEMI JOIN ({_LEAVES}) USING (sha256)
    GROUP BY ALL ORDER BY certificates DESC, key, signature
    """,
    bars("key", "certificates", "signature"),
)

_ISSUERS = Exhibit(
    "certificate-issuers",
    "Issuers",
    "Who signed the servers' certificates.",
    ("smtp", "certificates"),
    f"""
    SELECT coalesce(nullif(regexp_extract(issuer, '(?:^|,)O=((?:[^,\\\\]|\\\\.)+)', 1), ''), issuer,
           '(none)') AS issuer, count(*) AS certificates, count(*) / sum(count(*)) OVER () AS share,
           count(*) FILTER (verdict = 'trusted') / count(*) AS share_trusted
    FROM certificates SEMI JOIN ({_LEAVES}) USING (sha256)
    GROUP BY 1 ORDER BY certificates DESC, 1
    """,
    bars("issuer", "certificates"),
)

_NETWORKS = Exhibit(
    "server-networks",
    "Where the servers stand",
    "Autonomous systems of the addresses that were probed or named by SPF.",
    ("addresses",),
    """
    SELECT concat_ws(' ', 'AS' || asn, any_value(as_name)) AS network,
           mode(country) AS country, count(*) AS addresses, count(cloud_provider) AS in_a_cloud
    FROM addresses WHERE asn IS NOT NULL GROUP BY asn ORDER BY addresses DESC, asn
    """,
    bars("network", "addresses"),
)

PAGE = Page(
    "servers",
    "Servers",
    "The machines that mail goes to: whether they answer, what they run, how they protect mail on "
    "its way.",
    (_OUTCOMES, _SOFTWARE, _VERSIONS, _STARTTLS, _TLS, _TRUST, _EXPIRY, _KEYS, _ISSUERS, _NETWORKS),
)
