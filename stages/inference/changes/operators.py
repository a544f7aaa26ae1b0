"""New and gone seeds; domains whose mail, or whose mailboxes, somebody else has.

A move is one of companies: two ids of one company are no move. Whether it may be noise is told
by the run that saw less, and by the exchanges: where they are the same hosts in both runs, the
domain has changed nothing; its provider's certificate or greeting, or our map, has.
"""

import ibis
import ibis.expr.types as ir

from schemas.changes import Change, Doubt, Kind
from schemas.mx_providers import Source
from schemas.outcomes import Outcome
from schemas.providers import Category
from stages.inference.changes.sides import Census, Runs, changed, none, prefixed

SEEDS = ("providers", "mx_providers")
"""Tables that this cannot do without."""
_UNMEASURED = [
    str(category)
    for category in (
        Category.OPTED_OUT,
        Category.DNS_FAILED,
        Category.MX_FAILED,
        Category.NOT_PROBED,
        Category.NO_SMTP,
    )
]
_DEFINITE = [str(word) for word in (Outcome.OK, Outcome.NODATA, Outcome.NXDOMAIN)]
_SURE = 0.8
"""A provider that is right with a lower probability may be another one by chance."""
_KEPT = (
    "category", "operator_id", "operator_company", "source", "probability", "mailbox",
    "mailbox_id", "mailbox_company", "mailbox_probability", "rules_version",
)  # fmt: skip


def operators(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kinds seed, operator and mailbox."""
    rows = _differing(runs)
    for side, census in (("then", runs.then), ("now", runs.now)):
        for more in (_exchanges, _signals, _asked):
            told = prefixed(more(rows, census), side)
            rows = rows.left_join(told, rows.domain == told[f"{side}_domain"])
            rows = rows.drop(f"{side}_domain")
    sides = {}
    for side in ("then", "now"):
        behind = rows.kind == Kind.MAILBOX
        sides[f"{side}_value"] = behind.ifelse(_keeper(rows, side), _operator(rows, side))
        sides[f"{side}_probability"] = behind.ifelse(
            rows[f"{side}_mailbox_probability"], rows[f"{side}_probability"]
        )
        found = rows[f"{side}_shown"].fill_null(none())
        told = rows[f"{side}_told"].fill_null(none())
        sides[f"{side}_evidence"] = behind.ifelse(told, found)
    rows = rows.mutate(doubt=_doubt(rows), **sides)
    return changed(rows, runs.earlier, rows.kind)


def _differing(runs: Runs) -> ir.Table:
    """Seeds that differ, with both sides' columns of `providers`, kind and change."""
    then = prefixed(runs.then["providers"].select("domain", *_KEPT), "then")
    now = prefixed(runs.now["providers"].select("domain", *_KEPT), "now")
    rows = then.outer_join(now, then.then_domain == now.now_domain)
    seed = ibis.cases(
        (rows.then_domain.isnull(), str(Change.NEW)), (rows.now_domain.isnull(), str(Change.GONE))
    )
    moved = _move(_operator(rows, "then"), _operator(rows, "now"))
    behind = _move(_keeper(rows, "then"), _keeper(rows, "now"))
    rows = rows.mutate(
        domain=rows.then_domain.coalesce(rows.now_domain),
        kind=ibis.cases(
            (seed.notnull(), str(Kind.SEED)),
            (moved.notnull(), str(Kind.OPERATOR)),
            else_=str(Kind.MAILBOX),
        ),
        change=seed.coalesce(moved, behind),
    )
    return rows.drop("then_domain", "now_domain").filter(rows.change.notnull()).cache()


def _move(then: ir.StringValue, now: ir.StringValue) -> ir.StringValue:
    return ibis.cases(
        (then.isnull() & now.notnull(), str(Change.GAINED)),
        (then.notnull() & now.isnull(), str(Change.LOST)),
        (then != now, str(Change.MOVED)),
    )


def _operator(rows: ir.Table, side: str) -> ir.StringValue:
    return rows[f"{side}_operator_company"].coalesce(rows[f"{side}_operator_id"])


def _keeper(rows: ir.Table, side: str) -> ir.StringValue:
    return rows[f"{side}_mailbox_company"].coalesce(rows[f"{side}_mailbox_id"])


def _exchanges(rows: ir.Table, census: Census) -> ir.Table:
    """domain, exchanges, and of each exchange what its winning id rested on, as texts."""
    ours = census["mx_providers"].semi_join(rows, "domain")
    ours = ours.mutate(
        names=ours.evidence.filter(
            lambda found: (found.source == ours.source) & (found.provider_id == ours.provider_id)
        ).map(lambda found: found["name"])
    )
    said = ibis.cases(
        (ours.provider_id.isnull(), ours.mx + ": no source gives an id"),
        (ours.source == Source.MX, ours.mx + ": " + ours.provider_id + " by its own name"),
        else_=ours.mx + ": " + ours.provider_id + " by " + ours.source + " "
        + ours.names.unique().sort().join(", "),
    )  # fmt: skip
    hinted = ours.hint_id.notnull() & (ours.hint_id == ours.operator_id)
    said += hinted.ifelse("; a rule says " + ours.hint_id, "")
    return (
        ours.mutate(text=said)
        .group_by("domain")
        .agg(
            exchanges=ibis._.mx.collect().sort(),
            shown=ibis._.text.collect(order_by=ibis._.mx),
        )
    )


def _signals(rows: ir.Table, census: Census) -> ir.Table:
    """domain, and what tells who keeps its mailboxes, as texts, the strongest first."""
    if "mailbox_evidence" not in census:
        empty = rows.select("domain").limit(0)
        return empty.mutate(told=none())
    ours = census["mailbox_evidence"].semi_join(rows, "domain")
    ours = ours.mutate(text=ours.keeper + " by " + ours.signal + " " + ours.value)
    return ours.group_by("domain").agg(
        told=ibis._.text.collect(order_by=[ibis._.weight.desc(), ibis._.text])
    )


def _asked(rows: ir.Table, census: Census) -> ir.Table:
    """domain, and whether its MX answer is a second opinion, which alone says nothing of DNSSEC."""
    if "domains" not in census or "secure" not in census["domains"].mx_query.names:
        return rows.select("domain").mutate(again=ibis.literal(value=False))
    ours = census["domains"].semi_join(rows, "domain")
    query = ours.mx_query
    answered = query["outcome"].isin(_DEFINITE) & query["server"].notnull()
    return ours.select("domain", again=answered & query["secure"].isnull())


def _doubt(rows: ir.Table) -> ir.StringValue:
    seed, operator = rows.kind == Kind.SEED, rows.kind == Kind.OPERATOR
    failed = rows.then_category.isin(_UNMEASURED) | rows.now_category.isin(_UNMEASURED)
    same = (rows.then_exchanges == rows.now_exchanges) & (rows.then_exchanges.length() > 0)
    lost = (rows.kind == Kind.MAILBOX) & (rows.change != Change.MOVED)
    odds = ibis.least(_odds(rows, "then").fill_null(1.0), _odds(rows, "now").fill_null(1.0))
    return ibis.cases(
        (seed, ibis.null("string")),
        (failed | lost, str(Doubt.UNMEASURED)),
        (same & (rows.then_rules_version != rows.now_rules_version), str(Doubt.OTHER_RULES)),
        (operator & same & (rows.then_source != rows.now_source), str(Doubt.OTHER_SOURCE)),
        (operator & same, str(Doubt.SAME_EXCHANGES)),
        (rows.then_again | rows.now_again, str(Doubt.SECOND_OPINION)),
        (odds < _SURE, str(Doubt.IMPROBABLE)),
    )


def _odds(rows: ir.Table, side: str) -> ir.FloatingValue:
    mailbox = rows[f"{side}_mailbox_probability"]
    return (rows.kind == Kind.MAILBOX).ifelse(mailbox, rows[f"{side}_probability"])
