"""What is wrong or unwise in each record by itself, and what its look-ups came to.

Ibis over the relations of ``terms``. What only a walk can tell is added by ``findings``.
"""

from functools import reduce

import ibis
import ibis.expr.types as ir

from schemas.outcomes import Outcome
from schemas.spf_trust import SpfClass
from stages.inference.trust.terms import DEFINITE, MAX_EXCHANGES, VOID, Terms

CLASSES = tuple(SpfClass)
"""A class is known by its place here."""
ASKING = ("include", "a", "mx", "ptr", "exists", "redirect")
"""Terms that count towards the look-ups (RFC 7208 section 4.6.4)."""
_UNASKED = (str(Outcome.NOT_ASKED), str(Outcome.BUG))
_FITTING, _DATAGRAM = 450, 512


def counts(terms: Terms) -> ir.Table:
    """node, lookups, context, all, exceptions, voids4, voids6: what each record has of its own."""
    rows = terms.terms.filter(terms.terms.alive)
    asking = rows.name.isin(ASKING)
    plain = rows.mechanism & (rows.name != "all")
    passing = (rows.qualifier == "+").fill_null(rows.name == "redirect")
    own = rows.group_by("node").agg(
        lookups=asking.sum(),
        context=(asking & (rows.macro | (rows.name == "ptr"))).any(),
        all=rows.qualifier.ascii_str().max(where=rows.mechanism & (rows.name == "all")),
        exceptions=(
            rows.position.min(where=plain & (rows.qualifier != "+"))
            < rows.position.max(where=passing)
        ).fill_null(False),  # noqa: FBT003
    )
    return own.left_join(_voids(terms), "node").drop("node_right")


def _voids(terms: Terms) -> ir.Table:
    hosts = terms.reached.select(
        "node",
        v4=terms.reached.a_outcome.isin(VOID),
        v6=terms.reached.aaaa_outcome.isin(VOID),
    )
    mx = terms.exchanges.select(
        "node", v4=terms.exchanges.outcome.isin(VOID), v6=terms.exchanges.outcome.isin(VOID)
    )
    both = hosts.union(mx)
    return both.group_by("node").agg(voids4=both.v4.sum(), voids6=both.v6.sum())


def faults(terms: Terms, spf: ir.Table, domains: ir.Table) -> ir.Table:
    """node, finding (its place in `CLASSES`), term: all that a record shows by itself."""
    return ibis.union(
        _syntax(terms, spf),
        *_of_names(terms, spf, domains),
        *_of_terms(terms.terms),
        *_of_targets(terms),
        *_of_lookups(terms),
    )


def _found(
    rows: ir.Table, finding: SpfClass, mask: ir.BooleanValue, *, term: ir.StringValue | None = None
) -> ir.Table:
    text = ibis.literal("") if term is None else term
    return rows.filter(mask).select("node", finding=_code(finding), term=text.cast("string"))


def _code(finding: SpfClass) -> ir.IntegerScalar:
    return ibis.literal(CLASSES.index(finding), "int64")


def _syntax(terms: Terms, spf: ir.Table) -> ir.Table:
    faulty = spf.filter(spf.faults.length() > 0)
    rows = faulty.select("name", fault=faulty.faults.unnest()).join(terms.names, "name")
    codes = [(rows.fault["error"] == str(each), _code(each)) for each in CLASSES]
    return rows.select("node", finding=ibis.cases(*codes), term=rows.fault["term"].cast("string"))


def _of_names(terms: Terms, spf: ir.Table, domains: ir.Table) -> list[ir.Table]:
    names = terms.names
    long = spf.select("name", size=spf.record.length(), raw=_raw(spf))
    long = long.filter((long["size"] > _FITTING) | long.raw).join(names, "name")
    mute = names.filter(names.records == 0)
    texts = domains.select("domain", text=domains.txt.map(lambda each: each["text"]).unnest())
    texts = texts.mutate(text=texts.text.lower())
    texts = texts.filter(texts.text.startswith("v=spf") | texts.text.startswith("spf2.0/"))
    historic = texts.text.startswith("spf2.0/")
    almost = texts.filter(~historic).join(mute, texts.domain == mute.name)
    sender_id = texts.filter(historic).join(names, texts.domain == names.name)
    indefinite = ~names.outcome.isin(DEFINITE)
    unasked = names.outcome.isin(_UNASKED)
    return [
        _found(names, SpfClass.NXDOMAIN, names.outcome == str(Outcome.NXDOMAIN)),
        _found(names, SpfClass.TEMPORARY_ERROR, indefinite & ~unasked),
        _found(names, SpfClass.UNASKED, unasked),
        _found(long, SpfClass.OVER_450_BYTES, long["size"].between(_FITTING + 1, _DATAGRAM)),
        _found(long, SpfClass.OVER_512_BYTES, long["size"] > _DATAGRAM),
        _found(long, SpfClass.UNDECODABLE_TEXT, long.raw),
        _found(almost, SpfClass.BAD_VERSION, almost.node.notnull(), term=almost.text),
        _found(sender_id, SpfClass.SENDER_ID, sender_id.node.notnull(), term=sender_id.text),
    ]


def _raw(spf: ir.Table) -> ir.BooleanValue:
    return spf.records.map(lambda each: each["raw"].notnull()).anys().fill_null(False)  # noqa: FBT003


def _of_terms(terms: ir.Table) -> list[ir.Table]:
    everybody = terms.mechanism & (terms.name == "all") & terms.alive
    redirect = ~terms.mechanism & (terms.name == "redirect")
    ends = terms.filter(terms.readable).group_by("node")
    ends = ends.agg(closed=((terms.mechanism & (terms.name == "all")) | redirect).any())
    includes = terms.filter(terms.alive & (terms.name == "include"))
    written = ibis.ifelse(includes.macro, includes.text.lower(), includes.target)
    twice = includes.group_by("node", written=written).agg(
        times=includes.count(), term=includes.text.max()
    )
    return [
        _found(terms, SpfClass.PTR_USED, terms.alive & (terms.name == "ptr"), term=terms.text),
        _found(terms, SpfClass.TEXT_AFTER_ALL, terms.after_all, term=terms.text),
        _found(
            terms,
            SpfClass.REDIRECT_WITH_ALL,
            redirect & terms.readable & ~terms.alive,
            term=terms.text,
        ),
        _found(ends, SpfClass.NO_ALL, ~ends.closed),
        _found(terms, SpfClass.PASS_ALL, everybody & (terms.qualifier == "+"), term=terms.text),
        _found(terms, SpfClass.NEUTRAL_ALL, everybody & (terms.qualifier == "?"), term=terms.text),
        _found(twice, SpfClass.DUPLICATE_INCLUDE, twice.times > 1, term=twice.term),
    ]


def _of_targets(terms: Terms) -> list[ir.Table]:
    """Includes and redirects that lead to no record, or whose target's answer is not known."""
    rows = leading(terms)
    named = terms.names.select(key="name", found=terms.names.outcome, records=terms.names.records)
    rows = rows.left_join(named, rows.target == named.key)
    none = (rows.records == 0) & rows.found.isin(DEFINITE)
    return [
        _found(
            rows,
            SpfClass.INCLUDE_WITHOUT_RECORD,
            none & (rows.name == "include"),
            term=rows.text,
        ),
        _found(
            rows,
            SpfClass.REDIRECT_WITHOUT_RECORD,
            none & (rows.name == "redirect"),
            term=rows.text,
        ),
        _found(rows, SpfClass.UNASKED, rows.found.isnull(), term=rows.text),
    ]


def leading(terms: Terms) -> ir.Table:
    """The include and redirect terms that lead to a name whatever the message."""
    rows = terms.terms
    return rows.filter(rows.alive & ~rows.macro & rows.name.isin(("include", "redirect")))


def _of_lookups(terms: Terms) -> list[ir.Table]:
    hosts, mx = terms.reached, terms.exchanges
    answers = [(hosts, hosts.a_outcome), (hosts, hosts.aaaa_outcome), (mx, mx.outcome)]
    found = [_found(mx, SpfClass.TOO_MANY_MX, mx["size"] > MAX_EXCHANGES, term=mx.text)]
    temporary = reduce(
        ir.Table.union,
        (
            _found(
                rows,
                SpfClass.TEMPORARY_ERROR,
                outcome.notnull() & ~outcome.isin((*DEFINITE, *_UNASKED)),
                term=rows.text,
            )
            for rows, outcome in answers
        ),
    )
    unasked = reduce(
        ir.Table.union,
        (
            _found(
                rows,
                SpfClass.UNASKED,
                outcome.isnull() | outcome.isin(_UNASKED),
                term=rows.text,
            )
            for rows, outcome in answers
        ),
    )
    return [*found, temporary.distinct(), unasked.distinct()]
