"""What was measured and how much of it succeeded, in a few figures that lead further."""

from dataclasses import dataclass

from pipeline.site.census import Census
from pipeline.site.charts import bars
from pipeline.site.exhibit import Exhibit, Filled, Page, cell


@dataclass(frozen=True)
class Card:
    """A figure that leads to where it comes from."""

    label: str
    needs: tuple[str, ...]
    query: str
    """One row: the figure, and what it is a part of or null."""
    link: str


@dataclass(frozen=True)
class Cards:
    """The run in a few figures."""

    id: str
    title: str
    cards: tuple[Card, ...]

    def fill(self, census: Census) -> Filled:
        """Those that the run can tell; each with its query."""
        shown, files = [], {}
        for place, card in enumerate(self.cards, 1):
            if census.lacking(card.needs):
                continue
            ((number, of),) = census.connection.execute(card.query).fetchall()
            share = f"{number / of:.1%} of {cell(of)}" if of else None
            name = f"queries/{self.id}-{place}.sql"
            files[name] = census.script(card.query, card.needs).encode()
            shown.append({"card": card, "number": cell(number), "share": share, "query": name})
        return Filled("cards.html", {"part": self, "cards": shown}, files)


_CARDS = Cards(
    "figures",
    "In figures",
    (
        Card("domains were asked", ("domains",), "SELECT count(*), NULL FROM domains", "#coverage"),
        Card(
            "of them receive mail",
            ("domains",),
            "SELECT count(*) FILTER (len(mail_hosts) > 0), count(*) FROM domains",
            "#coverage",
        ),
        Card(
            "mail servers answered",
            ("smtp",),
            "SELECT count(*) FILTER (outcome = 'ok'), count(*) FROM smtp",
            "servers.html#smtp-outcomes",
        ),
        Card(
            "domains have a provider's name",
            ("providers",),
            "SELECT count(operator_id), count(*) FROM providers",
            "providers.html#label-sources",
        ),
        Card(
            "domains are with the five largest providers",
            ("concentration",),
            "SELECT round(top5 * domains)::BIGINT, domains FROM concentration "
            "WHERE seed_list = '*' AND rank_cut = 0 AND tld = '*'",
            "providers.html#concentration",
        ),
        Card(
            "domains have mail filtered by somebody else",
            ("providers",),
            "SELECT count(gateway_company), count(operator_id) FROM providers",
            "mailboxes.html#gateway-flows",
        ),
        Card(
            "domains publish SPF",
            ("spf_trust",),
            "SELECT count(*) FILTER (published), count(*) FROM spf_trust",
            "spf.html#spf-verdicts",
        ),
        Card(
            "SPF records are wrong somewhere",
            ("spf_trust",),
            "SELECT count(*) FILTER (verdict = 'permerror'), "
            "count(*) FILTER (published) FROM spf_trust",
            "spf.html#spf-findings",
        ),
        Card(
            "domains let over 100,000 addresses send",
            ("spf_trust",),
            "SELECT count(*) FILTER (ipv4 > 100000), count(*) FILTER (published) FROM spf_trust",
            "spf.html#spf-sizes",
        ),
        Card(
            "names that others' SPF relies on could be registered by anybody",
            ("spf_takeover",),
            "SELECT count(DISTINCT name) FILTER (holder = 'anybody' AND domains > 0), "
            "count(DISTINCT name) FROM spf_takeover",
            "risks.html#takeover",
        ),
    ),
)

_COVERAGE = Exhibit(
    "coverage",
    "How far the evidence goes",
    "Every seed is in exactly one category: from names that do not exist, over mail that leads "
    "nowhere, to servers that were greeted and labelled.",
    ("providers",),
    """
    WITH steps AS (
        SELECT unnest(['no_such_domain', 'opted_out', 'dns_failed', 'null_mx', 'no_mx', 'bad_mx',
            'dangling_mx', 'reserved_mx', 'mx_failed', 'not_probed', 'no_smtp', 'unlabelled',
            'by_mx', 'by_banner', 'by_tls']) AS category, generate_subscripts(range(15), 1) AS step
    )
    SELECT category, count(domain) AS domains,
           count(domain) / (SELECT count(*) FROM providers) AS share
    FROM steps LEFT JOIN providers USING (category) GROUP BY category ORDER BY any_value(step)
    """,
    bars("category", "domains"),
)

_FUNNEL = Exhibit(
    "funnel",
    "What is left at each step",
    "From seeds to labels: who drops out where.",
    ("providers",),
    """
    WITH marked AS (SELECT CASE
        WHEN category IN ('no_such_domain', 'opted_out') THEN 0
        WHEN category IN ('dns_failed') THEN 1
        WHEN category IN ('null_mx', 'no_mx', 'bad_mx') THEN 2
        WHEN category IN ('dangling_mx', 'reserved_mx', 'mx_failed') THEN 3
        WHEN category IN ('not_probed', 'no_smtp') THEN 4
        WHEN category = 'unlabelled' THEN 5 ELSE 6 END AS reached FROM providers),
    steps AS (SELECT unnest(range(7)) AS step, unnest(['seeds', 'exist', 'answered about mail',
        'have an exchange', 'exchange has an address', 'server answered', 'labelled']) AS "what")
    SELECT "what" AS step, count(*) AS domains,
           count(*) / (SELECT count(*) FROM providers) AS share
    FROM steps JOIN marked ON reached >= steps.step GROUP BY steps.step, 1 ORDER BY steps.step
    """,
    bars("step", "domains"),
)

_LISTS = Exhibit(
    "seed-lists",
    "Seed lists",
    "Where the domains come from; one may be on several.",
    ("domains",),
    """
    SELECT seed.list AS list, count(*) AS domains, count(seed.rank) AS ranked,
           min(seed.rank) AS best_rank, max(seed.rank) AS worst_rank
    FROM (SELECT unnest(seeds) AS seed FROM domains) GROUP BY seed.list ORDER BY domains DESC, list
    """,
)

_TLDS = Exhibit(
    "tlds",
    "Top-level domains",
    "Of the seeds, and how many of their domains receive mail.",
    ("domains",),
    """
    SELECT '.' || split_part(domain, '.', -1) AS tld, count(*) AS domains,
           count(*) FILTER (len(mail_hosts) > 0) AS receive_mail, receive_mail / count(*) AS share
    FROM domains GROUP BY 1 ORDER BY domains DESC, tld
    """,
    bars("tld", "domains"),
)

PAGE = Page(
    "index",
    "Overview",
    "A census of the Internet's mail: for a list of domains, who runs their mail, and whom they "
    "let send it. The DNS and the mail servers were asked; no mail was sent.",
    (_CARDS, _FUNNEL, _COVERAGE, _LISTS, _TLDS),
)
