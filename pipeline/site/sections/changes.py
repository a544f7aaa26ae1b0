"""What changed since an earlier run."""

from pipeline.site.charts import bars
from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.flow import flow

_KINDS = Exhibit(
    "changes",
    "What changed",
    "Domains that differ from the earlier run. Doubtful ones may differ by measurement alone.",
    ("changes",),
    """
    SELECT earlier, change, count(*) AS domains, count(doubt) AS doubtful
    FROM changes GROUP BY ALL ORDER BY earlier, domains DESC, change
    """,
    bars("change", "domains"),
)

_MOVEMENTS = Exhibit(
    "movements",
    "From provider to provider",
    "`(self)` is a domain's own, `(none)` no provider.",
    ("movements",),
    """
    SELECT earlier, provider_then AS "from", provider_now AS "to", domains, doubtful
    FROM movements ORDER BY earlier, domains DESC, provider_then, provider_now
    """,
    flow("from", "to", "domains"),
)

_DOMAINS = Exhibit(
    "changed-domains",
    "Domains that moved",
    "Those without doubt first.",
    ("changes",),
    """
    SELECT domain, change, coalesce("then".operator_company, "then".operator_id) AS provider_then,
           coalesce("now".operator_company, "now".operator_id) AS provider_now, doubt, earlier
    FROM changes WHERE change NOT IN ('new', 'gone') ORDER BY doubt NULLS FIRST, domain
    """,
)

PAGE = Page(
    "changes",
    "Changes",
    "How this run differs from an earlier one: `mailcensus diff W OLD NEW` writes it.",
    (_KINDS, _MOVEMENTS, _DOMAINS),
)
