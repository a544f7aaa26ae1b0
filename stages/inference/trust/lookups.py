"""What the a, mx and exists terms of a run lead to: hosts and answers, as far as the run asked.

Answers are had from the host, so that the addresses of each are read once, whoever names it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.outcomes import ExchangeKind, HostStatus, Mail, Outcome
from stages.enrich.layer import spans
from stages.inference.trust.columns import NOWHERE, integers, places, truths, whole
from stages.inference.trust.records import Naming
from stages.inference.trust.sets import Bools, Ints, offsets
from stages.inference.trust.terms import Kind

MAX_EXCHANGES = 10
"""Hosts of one mx (RFC 7208 section 4.6.4)."""
_OUTCOMES = tuple(Outcome)
GONE = _OUTCOMES.index(Outcome.NXDOMAIN)
_VOID = (Outcome.NODATA, Outcome.NXDOMAIN)
_DEFINITE = (*_VOID, Outcome.OK, Outcome.INVALID_NAME)
_UNASKED = (Outcome.NOT_ASKED, Outcome.BUG)


def _marked(outcomes: tuple[Outcome, ...], *, unknown: bool) -> Bools:
    """A truth for each outcome, and last, where `NOWHERE` leads, for none."""
    return np.array([*(each in outcomes for each in _OUTCOMES), unknown])


VOID = _marked(_VOID, unknown=False)
"""Of each outcome whether it is a look-up in vain (section 4.6.4)."""
DEFINITE = _marked(_DEFINITE, unknown=False)
"""Which are no temporary error; a name that cannot be asked has no records."""
UNASKED = _marked(_UNASKED, unknown=True)
"""Which tell nothing, as if the run had not asked."""


class Hosts(NamedTuple):
    """The table hosts."""

    names: pa.Array
    gone: Bools
    """Whether the name does not exist."""
    outcomes: Mapping[int, Ints]
    """Of the question for A and AAAA, by version; places in `Outcome`."""
    begin: Mapping[int, Ints]
    """Where the addresses of each begin, and of the last end, by version."""
    addresses: Mapping[int, pa.Array]

    @classmethod
    def read(cls, hosts: ir.Table) -> "Hosts":
        """All hosts of a crawl."""
        gone = hosts.status == str(HostStatus.NXDOMAIN)
        table = hosts.select(
            "host",
            "a",
            "aaaa",
            gone=gone,
            four=hosts.a_query["outcome"],
            six=hosts.aaaa_query["outcome"],
        ).to_pyarrow()
        nowhere = truths(table["gone"])
        outcomes, begin, addresses = {}, {}, {}
        for version, asked, listed in ((4, "four", "a"), (6, "six", "aaaa")):
            outcomes[version] = np.where(nowhere, GONE, places(table[asked], _OUTCOMES))
            begin[version] = _begin(table[listed])
            addresses[version] = whole(table[listed].combine_chunks().flatten())
        return cls(whole(table["host"]), nowhere, outcomes, begin, addresses)


class Lookups(NamedTuple):
    """The look-ups of a, mx and exists terms; terms are places in `records.Naming`."""

    hosts: Hosts
    terms: Ints
    """Of each host that a term leads to the term."""
    reached: Ints
    """The host's place in ``hosts``; `NOWHERE` if the run did not ask."""
    mx: Ints
    """The mx terms."""
    outcomes: Ints
    """Of each the outcome of the MX question; a place in `Outcome`, `NOWHERE` if not asked."""
    sizes: Ints
    """Of each the exchanges; if they are more than `MAX_EXCHANGES`, no host is reached."""
    exists: Ints
    """The exists terms whose name the run asked for."""
    called: Ints
    """Of each the outcome of the A question, which is IPv6 clients' too (section 5.7)."""

    @property
    def open(self) -> Ints:
        """The exists terms that match every client: their names have an address."""
        return np.asarray(self.exists[self.called == _OUTCOMES.index(Outcome.OK)])

    def answers(self, version: int) -> Ints:
        """The outcome of each address look-up, as in ``outcomes``."""
        known = np.append(self.hosts.outcomes[version], NOWHERE)
        return np.asarray(known[self.reached])


def look_up(naming: Naming, census: Mapping[str, ir.Table]) -> Lookups:
    """The look-ups, from the tables hosts, mx and domains of a crawl."""
    hosts = Hosts.read(census["hosts"])
    a, mx = naming.of(Kind.A), naming.of(Kind.MX)
    sets = _MxSets.read(census["domains"], "domain")
    sets = sets.followed_by(_MxSets.read(census["mx"], "name"))
    # A name that is a seed has its set in domains: of two equal names the first counts.
    answered = places(naming.targets.take(pa.array(mx)), sets.names)
    outcomes = np.append(sets.outcomes, NOWHERE)[answered]
    sizes = np.append(sets.sizes, 0)[answered]
    usable = (answered != NOWHERE) & (sizes <= MAX_EXCHANGES)
    first = sets.begin[answered[usable]]
    rows, members = spans(first, sets.begin[answered[usable] + 1])
    by_mx = places(sets.exchanges.take(pa.array(members)), hosts.names)
    by_a = places(naming.targets.take(pa.array(a)), hosts.names)
    terms, reached = np.concatenate([a, mx[usable][rows]]), np.concatenate([by_a, by_mx])
    exists = naming.of(Kind.EXISTS)
    called = places(naming.targets.take(pa.array(exists)), hosts.names)
    exists, called = exists[called != NOWHERE], called[called != NOWHERE]
    called = hosts.outcomes[4][called]
    return Lookups(hosts, terms, reached, mx, outcomes, sizes, exists, called)


class _MxSets(NamedTuple):
    """MX sets of names."""

    names: pa.Array
    outcomes: Ints
    sizes: Ints
    """All exchanges."""
    begin: Ints
    exchanges: pa.Array
    """Those that are host names: no others have addresses."""

    @classmethod
    def read(cls, table: ir.Table, key: str) -> "_MxSets":
        outcome = table.mx_query["outcome"]
        if "mail" in table.columns:
            gone = table.mail == str(Mail.NXDOMAIN)
            outcome = ibis.ifelse(gone, str(Outcome.NXDOMAIN), outcome)
        rows = table.select(key=table[key], outcome=outcome, mx=table.mx).to_pyarrow()
        lists = whole(rows["mx"])
        sizes = integers(pc.list_value_length(lists))
        fields = lists.flatten()
        named = pc.equal(fields.field("kind"), str(ExchangeKind.HOST))
        owners = np.repeat(np.arange(len(sizes)), sizes)[np.flatnonzero(integers(named))]
        return cls(
            whole(rows["key"]),
            places(rows["outcome"], _OUTCOMES),
            sizes,
            offsets(owners, len(sizes)),
            fields.field("exchange").filter(named),
        )

    def followed_by(self, other: "_MxSets") -> "_MxSets":
        """The sets of both."""
        return _MxSets(
            pa.concat_arrays([self.names, other.names]),
            np.concatenate([self.outcomes, other.outcomes]),
            np.concatenate([self.sizes, other.sizes]),
            np.concatenate([self.begin, self.begin[-1] + other.begin[1:]]),
            pa.concat_arrays([self.exchanges, other.exchanges]),
        )


def _begin(lists: pa.ChunkedArray) -> Ints:
    """Where each list begins, and where the last ends."""
    sizes = integers(pc.list_value_length(lists))
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
