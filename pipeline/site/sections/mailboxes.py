"""Behind the gateways: who filters the mail, and who keeps the mailboxes."""

from pipeline.site.charts import bars
from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.flow import flow
from pipeline.site.sections.whole import whole

_FLOWS = Exhibit(
    "gateway-flows",
    "From the gateway to the mailbox",
    "Domains whose MX leads to a company that filters or forwards, and where their mailboxes are, "
    "as far as DKIM, autodiscover, SPF and tokens in the DNS tell.",
    ("providers",),
    """
    SELECT gateway_company AS source,
           coalesce(mailbox_company, CASE mailbox WHEN 'own' THEN '(own servers)'
               WHEN 'unknown' THEN '(unknown)' ELSE coalesce(mailbox_id, '(unknown)') END)
               AS target,
           count(*) AS domains, count(*) / sum(count(*)) OVER () AS share,
           avg(mailbox_probability) AS share_right
    FROM providers WHERE gateway_company IS NOT NULL
    GROUP BY ALL ORDER BY domains DESC, source, target
    """,
    flow("source", "target", "domains"),
)

_KEEPERS = whole(
    "mailbox-keepers",
    "Who keeps the mailboxes",
    "Every domain with its mailbox company, looking through gateways.",
    "mailbox",
    "keeper",
)

_GATEWAYS = Exhibit(
    "gateways",
    "Gateways",
    "Companies that filter or forward, and for how many of their domains it is known who is "
    "behind.",
    ("providers",),
    """
    SELECT gateway_company AS gateway, role, count(*) AS domains,
           count(*) FILTER (mailbox != 'unknown') AS known_behind,
           known_behind / count(*) AS share_known
    FROM providers WHERE gateway_company IS NOT NULL GROUP BY ALL ORDER BY domains DESC, gateway
    """,
    bars("gateway", "domains"),
)

_SIGNALS = Exhibit(
    "mailbox-signals",
    "What tells it",
    "Kinds of signals that spoke for a keeper, and for how many domains.",
    ("mailbox_evidence",),
    """
    SELECT signal, count(DISTINCT domain) AS domains, round(avg(weight), 2) AS mean_weight
    FROM mailbox_evidence GROUP BY signal ORDER BY domains DESC, signal
    """,
    bars("signal", "domains"),
)

PAGE = Page(
    "mailboxes",
    "Mailboxes",
    "Where mail is filtered on its way, the MX does not say who keeps it. Other records do.",
    (_FLOWS, _KEEPERS, _GATEWAYS, _SIGNALS),
)
