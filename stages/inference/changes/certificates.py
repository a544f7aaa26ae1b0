"""Domains at whose exchanges other certificates stand: other issuers, names or verdicts.

Only where the exchanges are the same in both runs; where they are not, the operator tells. Lists
of exchanges come first: most domains share one of few, so each is looked at once. A renewal
by the same organisation for the same names is no change.
"""

import ibis
import ibis.expr.types as ir

from schemas.changes import Change, Doubt, Kind
from schemas.outcomes import Verdict
from stages.inference.changes.sides import Census, Runs, changed, paired

_KINDS = (
    (Kind.CERTIFICATE_ISSUER, "issuers"),
    (Kind.CERTIFICATE_NAMES, "names"),
    (Kind.CERTIFICATE_VERDICT, "verdicts"),
)
_ORGANISATION = r"(?:^|[,+])O=((?:\\.|[^,+\\])+)"
"""Of an issuer as RFC 4514 text."""


def certificates(runs: Runs) -> ir.Table:
    """Rows of `changes` of the kinds certificate_issuer, certificate_names, certificate_verdict."""
    domains = paired(_lists(runs.then), _lists(runs.now))
    domains = domains.filter(domains.then_exchanges == domains.now_exchanges)
    domains = domains.select("domain", exchanges=domains.now_exchanges).cache()
    lists = domains.select("exchanges").distinct()
    lists = lists.mutate(domain=lists.exchanges.join(" ")).cache()
    sides = [_shown(lists, census) for census in (runs.then, runs.now)]
    rows = paired(*sides)
    differing = (rows[f"then_{name}"] != rows[f"now_{name}"] for _, name in _KINDS)
    rows = rows.filter(ibis.or_(*differing))
    rows = rows.rename(list="domain").cache()
    found = domains.select("domain", list=domains.exchanges.join(" ")).inner_join(rows, "list")
    return ibis.union(*(_kind(found, runs.earlier, kind, name) for kind, name in _KINDS))


def _kind(rows: ir.Table, earlier: str, kind: Kind, name: str) -> ir.Table:
    then, now = rows[f"then_{name}"], rows[f"now_{name}"]
    silent_then, silent_now = (rows[f"{side}_seen"].length() == 0 for side in ("then", "now"))
    trusted = [value == ibis.array([str(Verdict.TRUSTED)]) for value in (then, now)]
    other = ibis.cases(
        (trusted[1], str(Change.BETTER)), (trusted[0], str(Change.WORSE)), else_=str(Change.MOVED)
    )
    rows = rows.mutate(
        then_value=silent_then.ifelse(ibis.null("string"), then.join(", ")),
        now_value=silent_now.ifelse(ibis.null("string"), now.join(", ")),
        change=ibis.cases(
            (then == now, ibis.null("string")),
            (silent_then, str(Change.GAINED)),
            (silent_now, str(Change.LOST)),
            else_=other if kind is Kind.CERTIFICATE_VERDICT else ibis.literal(str(Change.MOVED)),
        ),
        doubt=ibis.cases(
            (rows.then_asked == 0, str(Doubt.UNMEASURED)),
            (rows.now_asked == 0, str(Doubt.UNMEASURED)),
            (rows.then_seen != rows.now_seen, str(Doubt.OTHER_ADDRESSES)),
        ),
    )
    return changed(rows, earlier, kind)


def _lists(census: Census) -> ir.Table:
    """domain, exchanges: those that counted, sorted."""
    return census["mx_providers"].group_by("domain").agg(exchanges=ibis._.mx.collect().sort())


def _shown(lists: ir.Table, census: Census) -> ir.Table:
    """Domain (the list as text), and what stands at its exchanges' addresses.

    asked: addresses that answered as SMTP; seen: those that showed a certificate, sorted; issuers,
    names, verdicts: sorted; evidence: a text a certificate.
    """
    hosts, smtp = census["hosts"], census["smtp"]
    pairs = lists.select("domain", host=lists.exchanges.unnest())
    addresses = hosts.select("host", address=hosts.a.concat(hosts.aaaa).unnest())
    leaves = smtp.select("address", "ehlo", sha256=smtp.chain[0])
    rows = pairs.inner_join(addresses, "host").inner_join(leaves, "address")
    rows = rows.filter(rows.ehlo.notnull()).left_join(_leaves(census), "sha256")
    found = rows.group_by("domain").agg(
        asked=rows.address.nunique(),
        seen=rows.address.collect(where=rows.sha256.notnull(), distinct=True).sort(),
        issuers=rows.issuer.collect(distinct=True).sort(),
        names=rows.names.collect().flatten().unique().sort(),
        verdicts=rows.verdict.collect(distinct=True).sort(),
        evidence=rows.text.collect(distinct=True).sort(),
    )
    none = ibis.literal([], "array<string>")
    rows = lists.select("domain").left_join(found, "domain").drop("domain_right")
    texts = {
        name: rows[name].fill_null(none)
        for name in ("seen", "issuers", "names", "verdicts", "evidence")
    }
    return rows.select("domain", asked=rows.asked.fill_null(0), **texts)


def _leaves(census: Census) -> ir.Table:
    """sha256, issuer, names, verdict, text."""
    rows = census["certificates"]
    organisation = rows.issuer.re_extract(_ORGANISATION, 1)
    issuer = (organisation == "").ifelse(rows.issuer, organisation)
    until = rows.not_after.strftime("%Y-%m-%d").fill_null("?")
    names = rows.registered_domains.join(", ")
    return rows.select(
        "sha256",
        "verdict",
        issuer=issuer,
        names=rows.registered_domains,
        text=issuer.fill_null("?") + " for " + names + " until " + until + ", " + rows.verdict,
    )
