"""DMARC of every domain: found by the Public Suffix List and by the tree walk, then read.

    answers(census)               name, texts, outcome: what stands at _dmarc of a name
    records(answers)              the same read, one row a name that has records or failed
    by_suffix_list(…)             domain, state, place, target (RFC 7489 section 6.6.3)
    by_walk(…)                    the same, and organisation (RFC 9989 section 4.10)

Where RFC 7489 finds several records at a name it gives up; the walk passes over them.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mail_policies import DmarcPlace, PolicyState
from stages.inference.policies.readings import (
    ANSWERED,
    FAULTS,
    UNASKED,
    Row,
    fault_rows,
    read,
    union,
)
from stages.policy.dmarc import choose, parse
from stages.policy.reports import ReportUri

_URIS = pa.list_(pa.struct([("uri", pa.string()), ("domain", pa.string())]))
COLUMNS = {
    "records": pa.int32(),
    "record": pa.string(),
    "p": pa.string(),
    "sp": pa.string(),
    "np": pa.string(),
    "psd": pa.string(),
    "testing": pa.bool_(),
    "percent": pa.int32(),
    "strict_dkim": pa.bool_(),
    "strict_spf": pa.bool_(),
    "rua": _URIS,
    "ruf": _URIS,
    "faults": FAULTS,
}
_ENDS_WALK = ("y", "n")


def answers(domains: ir.Table, above: ir.Table) -> ir.Table:
    """name, texts, outcome: of seeds and of domains above them."""
    own = domains.select(
        name="domain", texts="dmarc", outcome=domains.dmarc_query["outcome"].cast("string")
    )
    others = above.select(
        "name", texts="dmarc", outcome=above.dmarc_query["outcome"].cast("string")
    )
    return union(own, others)


def records(answers: ir.Table) -> ir.Table:
    """Name and ``COLUMNS``: of names that have a record of DMARC or another text."""
    return read(answers, _parse, COLUMNS).drop("texts", "outcome")


def _parse(texts: Sequence[bytes]) -> Row:
    choice = choose(texts)
    if choice.record is None:
        return {"records": choice.found, "psd": "u", "faults": fault_rows(choice.faults)}
    made = parse(choice.record)
    return {
        "records": 1,
        "record": choice.record.decode(errors="backslashreplace"),
        "p": made.policy,
        "sp": made.subdomains,
        "np": made.nonexistent,
        "psd": made.psd,
        "testing": made.testing,
        "percent": made.percent,
        "strict_dkim": made.strict_dkim,
        "strict_spf": made.strict_spf,
        "rua": _uris(made.rua),
        "ruf": _uris(made.ruf),
        "faults": fault_rows((*choice.faults, *made.faults)),
    }


def _uris(uris: Sequence[ReportUri]) -> list[Row]:
    return [{"uri": each.uri, "domain": each.domain} for each in uris]


def met(answers: ir.Table, records: ir.Table) -> ir.Table:
    """name, unclear, unasked, count, valid, psd: the names at which a search meets anything."""
    rows = answers.select(
        "name",
        unclear=answers.outcome.notin(ANSWERED),
        unasked=answers.outcome.isin(UNASKED),
    )
    known = records.select("name", count="records", valid=records.p.notnull(), psd="psd")
    rows = rows.left_join(known, "name").drop("name_right")
    rows = rows.mutate(count=rows["count"].fill_null(0), valid=rows.valid.fill_null(False))  # noqa: FBT003
    return rows.filter(rows.unclear | (rows["count"] > 0))


def by_suffix_list(domains: ir.Table, met: ir.Table) -> ir.Table:
    """domain, state, place, target: the last two null where no one record is found."""
    own = met.rename(domain="name")
    below = domains.registered_domain != domains.domain
    seeds = domains.select(
        "domain", org_name=below.ifelse(domains.registered_domain, ibis.null(str))
    )
    found = seeds.left_join(own, "domain").drop("domain_right")
    above = met.rename(lambda name: f"org_{name}")
    found = found.left_join(above, "org_name").drop("org_name_right")
    here, there = (each.fill_null(0) > 0 for each in (found["count"], found.org_count))
    unclear = found.unclear.fill_null(False) | (~here & found.org_unclear).fill_null(False)  # noqa: FBT003
    return found.select(
        "domain",
        state=ibis.cases(
            (found.unasked, str(PolicyState.NOT_ASKED)),
            (unclear, str(PolicyState.UNKNOWN)),
            (here, _state(found["count"], found.valid)),
            (there, _state(found.org_count, found.org_valid)),
            else_=str(PolicyState.ABSENT),
        ),
        place=ibis.cases(
            (found["count"] == 1, str(DmarcPlace.OWN)),
            (here, ibis.null(str)),
            (found.org_count == 1, str(DmarcPlace.ORGANISATION)),
        ),
        target=ibis.cases(
            (found["count"] == 1, found.domain),
            (here, ibis.null(str)),
            (found.org_count == 1, found.org_name),
        ),
    ).mutate(
        place=lambda rows: _unless_unclear(rows, rows.place),
        target=lambda rows: _unless_unclear(rows, rows.target),
    )


def _state(count: ir.IntegerValue, valid: ir.BooleanValue) -> ir.StringValue:
    good = (count == 1) & valid
    return good.ifelse(str(PolicyState.VALID), str(PolicyState.VOID))


def _unless_unclear(rows: ir.Table, value: ir.StringValue) -> ir.StringValue:
    settled = rows.state.isin([str(PolicyState.VALID), str(PolicyState.VOID)])
    return settled.ifelse(value, ibis.null(str))


def by_walk(domains: ir.Table, met: ir.Table) -> ir.Table:
    """domain, state, place, target, organisation; a row for those whose walk meets anything.

    The organisational domain is the name with psd=n, or the one below that with psd=y, or the
    topmost that has a record; without any it is the domain itself (section 4.10.2).
    """
    steps = _steps(domains, met).cache()
    single = steps["count"] == 1
    ends = (
        steps.filter(single & steps.psd.isin(_ENDS_WALK))
        .group_by("domain")
        .agg(end=lambda rows: rows.depth.min())
    )
    walked = steps.left_join(ends, "domain").drop("domain_right")
    walked = walked.filter((walked.depth <= walked.end).fill_null(True))  # noqa: FBT003
    one = walked["count"] == 1
    suffix = one & (walked.psd == "y") & (walked.depth > 0)
    found = walked.group_by("domain").agg(
        own=(one & (walked.depth == 0)).any(),
        unclear=walked.unclear.any(),
        own_unclear=(walked.unclear & (walked.depth == 0)).any(),
        unasked=(walked.unasked & (walked.depth == 0)).any(),
        several=(walked["count"] > 1).any(),
        named=walked.name.max(where=one & (walked.psd == "n")),
        suffix=walked.name.max(where=suffix),
        top=walked.name.argmax(walked.depth, where=one),
    )
    organisation = ibis.coalesce(
        found.named, _below(found.domain, found.suffix), found.top, found.domain
    )
    # Above a public suffix nothing is left to find; the organisation may have no record.
    found = found.mutate(organisation=organisation)
    at = walked.filter(one).select("domain", "name").distinct()
    has = found.select("domain", name="organisation").semi_join(at, ["domain", "name"])
    found = found.left_join(has.select("domain", held="name"), "domain").drop("domain_right")
    return _walked(found, met)


def _walked(found: ir.Table, met: ir.Table) -> ir.Table:
    target = ibis.cases((found.own, found.domain), else_=found.held.coalesce(found.suffix))
    found = found.mutate(
        target=target,
        place=ibis.cases(
            (found.own, str(DmarcPlace.OWN)),
            (found.held.notnull(), str(DmarcPlace.ORGANISATION)),
            (found.suffix.notnull(), str(DmarcPlace.SUFFIX)),
        ),
    )
    valid = met.select(target="name", valid="valid")
    found = found.left_join(valid, "target").drop("target_right")
    unclear = found.own_unclear | (found.unclear & ~found.own)
    state = ibis.cases(
        (found.unasked, str(PolicyState.NOT_ASKED)),
        (unclear, str(PolicyState.UNKNOWN)),
        (found.valid, str(PolicyState.VALID)),
        (found.target.notnull() | found.several, str(PolicyState.VOID)),
        else_=str(PolicyState.ABSENT),
    )
    return found.select(
        "domain",
        state=state,
        place="place",
        target="target",
        organisation=found.unclear.ifelse(ibis.null(str), found.organisation),
    ).mutate(
        place=lambda rows: _unless_unclear(rows, rows.place),
        target=lambda rows: _unless_unclear(rows, rows.target),
    )


def _steps(domains: ir.Table, met: ir.Table) -> ir.Table:
    """domain, depth and the columns of ``met``: what a walk meets, 0 the domain itself."""
    first = domains.select("domain", depth=ibis.literal(0, "int64"), name="domain")
    others = domains.select("domain", name=domains.dmarc_above.unnest())
    # Nearest first means longest first: each name is part of the one before.
    dots = _labels(others.domain) - _labels(others.name)
    others = others.select("domain", depth=dots.cast("int64"), name="name")
    return union(first, others).join(met, "name")


def _labels(name: ir.StringValue) -> ir.IntegerValue:
    return name.length() - name.replace(".", "").length() + 1


def _below(domain: ir.StringValue, suffix: ir.StringValue) -> ir.StringValue:
    """The name one label below a suffix, on the way to the domain; null without a suffix."""
    rest = domain.substr(0, domain.length() - suffix.length() - 1)
    return rest.split(".")[-1] + "." + suffix
