"""SPF records of a run as relations: names, the terms that count, and what those look up.

Ibis expressions alone. A name is known by ``node``, a number from 0 in the order of names. Terms
after an all mechanism count for nothing, nor does a redirect beside one (RFC 7208 sections 5.1
and 6.1), nor any term of a record that is faulty: to receivers it is a permerror as a whole.
"""

from collections.abc import Mapping
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from schemas.spf import TermKind

MAX_EXCHANGES = 10
"""Hosts of one mx (RFC 7208 section 4.6.4)."""
VOID = (str(Outcome.NODATA), str(Outcome.NXDOMAIN))
"""Outcomes of a look-up in vain (section 4.6.4)."""
DEFINITE = (*VOID, str(Outcome.OK), str(Outcome.INVALID_NAME))
"""Outcomes that are no temporary error; a name that cannot be asked has no records."""


class Terms(NamedTuple):
    """Relations of one run, held by its backend."""

    names: ir.Table
    """node, name, outcome, records, readable: a row a name of the table spf."""
    terms: ir.Table
    """node, position, name, qualifier, macro, target, network, prefix4, prefix6, text,
    mechanism, readable, alive, after_all."""
    reached: ir.Table
    """node, qualifier, prefix4, prefix6, text, term (a or mx_host), host and its answers."""
    exchanges: ir.Table
    """node, qualifier, text, target, outcome, size: the answers to the MX questions of mx terms."""


def read(census: Mapping[str, ir.Table]) -> Terms:
    """The relations, from the tables spf, hosts, mx and domains of a crawl."""
    names = _names(census["spf"]).cache()
    terms = _terms(census["spf"], names).cache()
    sets = _mx_sets(census)
    alive = terms.filter(terms.alive & ~terms.macro)
    mx = alive.filter(alive.name == "mx")
    mx = mx.left_join(sets, mx.target == sets.key).cache()
    exchanges = mx.select(
        "node",
        "qualifier",
        "text",
        "target",
        outcome=mx.outcome,
        size=mx["size"].fill_null(0),
    )
    some = mx.filter(mx["size"] <= MAX_EXCHANGES)
    columns = ("node", "qualifier", "prefix4", "prefix6", "text")
    of_mx = some.select(*columns, term=_word("mx_host"), host=some.exchanges.unnest())
    a = alive.filter(alive.name == "a")
    hosts = _hosts(census["hosts"])
    wanted = a.select(*columns, term=_word("a"), host=a.target).union(of_mx)
    reached = wanted.left_join(hosts, "host").drop("host_right").cache()
    return Terms(names, terms, reached, exchanges)


def _word(text: str) -> ir.StringValue:
    return ibis.literal(text).cast("string")


def _names(spf: ir.Table) -> ir.Table:
    rows = spf.select(
        "name",
        outcome=spf.query["outcome"],
        records=spf.records.length(),
        readable=spf.record.notnull() & (spf.faults.length() == 0),
    )
    return rows.mutate(node=ibis.row_number().over(order_by="name"))


def _terms(spf: ir.Table, names: ir.Table) -> ir.Table:
    """A row a term; ``target`` is the key that a domain-spec without macro stands for."""
    rows = spf.filter(spf.record.notnull())
    kinds = rows.terms.map(
        lambda term: ibis.ifelse(term["kind"] == str(TermKind.MECHANISM), term["name"], "")
    )
    rows = rows.select(
        "name",
        end=kinds.index("all"),
        position=ibis.range(0, rows.terms.length()).unnest(),
        term=rows.terms.unnest(),
    )
    rows = rows.rename(current="name").join(names, [("current", "name")])
    mechanism = rows.term["kind"] == str(TermKind.MECHANISM)
    open_ended = rows.end < 0
    before = open_ended | (rows.position <= rows.end)
    fields = {
        field: rows.term[field]
        for field in ("name", "qualifier", "macro", "network", "prefix4", "prefix6", "text")
    }
    return rows.select(
        "node",
        "position",
        **fields,
        mechanism=mechanism,
        readable=rows.readable,
        alive=rows.readable & ibis.ifelse(mechanism, before, open_ended),
        after_all=mechanism & ~before,
        target=ibis.coalesce(_plain(rows.term["domain_spec"]), rows.current),
    )


def _plain(spec: ir.StringValue) -> ir.StringValue:
    """What a domain-spec without macros stands for (section 7.1), as a key is written."""
    for escape, text in (("%%", "\1"), ("%_", " "), ("%-", "%20"), ("\1", "%")):
        spec = spec.replace(escape, text)
    return spec.lower().re_replace(r"\.$", "")


def _mx_sets(census: Mapping[str, ir.Table]) -> ir.Table:
    """key, outcome, size, exchanges: the MX of seeds and of the other names of mx terms.

    Of its ``size`` exchanges those are listed that are host names: no others have addresses.
    """
    sets = []
    for table, key in (("domains", "domain"), ("mx", "name")):
        rows = census[table]
        named = rows.mx.filter(lambda each: each["kind"] == str(ExchangeKind.HOST))
        outcome = rows.mx_query["outcome"]
        if table == "domains":
            outcome = ibis.ifelse(rows.mail == str(Mail.NXDOMAIN), str(Outcome.NXDOMAIN), outcome)
        sets.append(
            rows.select(
                key=rows[key].cast("string"),
                outcome=outcome.cast("string"),
                size=rows.mx.length(),
                exchanges=named.map(lambda each: each["exchange"]),
            )
        )
    return sets[0].union(sets[1].anti_join(sets[0], "key"))


def _hosts(hosts: ir.Table) -> ir.Table:
    gone = hosts.status == str(HostStatus.NXDOMAIN)
    nowhere = str(Outcome.NXDOMAIN)
    return hosts.select(
        "host",
        "a",
        "aaaa",
        a_outcome=ibis.ifelse(gone, nowhere, hosts.a_query["outcome"]),
        aaaa_outcome=ibis.ifelse(gone, nowhere, hosts.aaaa_query["outcome"]),
    )
