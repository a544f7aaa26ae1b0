"""Which stage follows which: the one place that knows.

Rows refer to keys of other tables; an `Edge` names the column that does. The same edges serve
streaming (a row just made) and the frontier (rows committed earlier), so the two cannot differ.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.keys import KeySet, key_hash
from pipeline.ownership import WHOLE, Share
from schemas import (
    ADDRESSES,
    APEX,
    CERTIFICATES,
    CRAWLED,
    DMARC,
    DMARC_CONSENTS,
    DOMAINS,
    HOSTS,
    MX,
    POLICIES,
    SMTP,
    SPF,
    STS_POLICIES,
    TLSA,
)
from schemas.outcomes import ProbeOutcome
from schemas.policies import Policy
from schemas.query import Query
from schemas.sts_policies import PolicyFetch
from schemas.table import Table, hints, member
from stages.smtp.stage import Target
from stages.stage import Stage


class Edge(NamedTuple):
    """A column of names or addresses, each of which is a key of another table.

    Of policies, apex and sts_policies the key is that of the source: a domain has a row there if
    its column has any.
    """

    source: Table
    column: str
    target: Table


# Domains come first: which hosts receive mail must be known before hosts are followed.
EDGES = (
    Edge(DOMAINS, "mail_hosts", HOSTS),
    Edge(DOMAINS, "mail_hosts", POLICIES),
    Edge(DOMAINS, "seeds", APEX),
    Edge(APEX, "hosts", HOSTS),
    Edge(DOMAINS, "mail_hosts", TLSA),
    Edge(DOMAINS, "dmarc_above", DMARC),
    Edge(DOMAINS, "report_consents", DMARC_CONSENTS),
    Edge(DMARC, "report_consents", DMARC_CONSENTS),
    Edge(SPF, "includes", SPF),
    Edge(SPF, "mx_names", MX),
    Edge(SPF, "a_names", HOSTS),
    Edge(SPF, "above", HOSTS),
    Edge(MX, "mail_hosts", HOSTS),
    Edge(MX, "above", HOSTS),
    Edge(HOSTS, "above", HOSTS),
    Edge(POLICIES, "autodiscover", ADDRESSES),
    Edge(POLICIES, "sts_hosts", STS_POLICIES),
    Edge(STS_POLICIES, "a", ADDRESSES),
    Edge(STS_POLICIES, "aaaa", ADDRESSES),
    Edge(HOSTS, "a", ADDRESSES),
    Edge(HOSTS, "aaaa", ADDRESSES),
    Edge(HOSTS, "a", SMTP),
    Edge(HOSTS, "aaaa", SMTP),
)

SELF_FEEDING = frozenset(edge.source for edge in EDGES if edge.source is edge.target)
"""Tables whose rows refer to further rows of the same table."""

OF_SOURCE = (POLICIES, APEX, STS_POLICIES)
"""Tables whose key is that of the source, whatever its column holds."""

_BY_SOURCE = (SMTP, *OF_SOURCE)
"""Tables where it matters who refers to a key."""

OF_SEEDS = (SPF, MX, DMARC)
"""Tables that seeds have no row of their own name in, or have by their own answers."""

_LATELY_MAX = 1 << 12  # a few names stand for most: those of the great providers

OUTCOME: dict[Table, Callable[[Any], str]] = {
    DOMAINS: attrgetter("mail"),
    APEX: attrgetter("ns_query.outcome"),
    HOSTS: attrgetter("status"),
    SPF: attrgetter("query.outcome"),
    MX: attrgetter("mx_query.outcome"),
    DMARC: attrgetter("dmarc_query.outcome"),
    TLSA: attrgetter("tlsa_query.outcome"),
    POLICIES: attrgetter("domainkey_query.outcome"),
    DMARC_CONSENTS: attrgetter("txt_query.outcome"),
    STS_POLICIES: attrgetter("outcome"),
    SMTP: attrgetter("outcome"),
    CERTIFICATES: attrgetter("verdict"),
    ADDRESSES: lambda row: "known" if row.asn or row.reserved else "unknown",
}
"""What progress counts of each table's rows."""


@dataclass(frozen=True, eq=False)
class Node:
    """A stage and how it is run."""

    table: Table
    stage: Stage[Any]
    workers: int = 0
    """Items at work at once; 0 for stages that only handle evidence."""
    retry_after: float | None = None
    """Seconds until a transient failure is tried once more; None: never."""
    evidence: type | None = None
    """Type of the items of `Emit.next` that are its input."""
    evidence_key: Callable[[Any], str] | None = None
    let_go: Callable[[], None] | None = None
    """At a stop: cancels the calls of the stage that only wait to begin."""


class Reference(NamedTuple):
    """A key that needs a row, and the item its stage takes."""

    table: Table
    key: str
    item: object


class References:
    """Follows edges; remembers which hosts receive mail, for only those are probed."""

    def __init__(
        self,
        seeds: KeySet,
        smtp_port: int,
        share: Share = WHOLE,
        tables: Container[Table] = CRAWLED,
    ) -> None:
        """Edges to other tables than those given are not followed."""
        self.share = share
        self.edges = tuple(edge for edge in EDGES if edge.target in tables)
        self._seeds = seeds
        self._port = smtp_port
        self._mail_hosts = KeySet()
        self._followed: dict[type, list[tuple[int, Edge, set[str]]]] = {}
        """By record: each edge with the place of its column, and names lately met there."""
        for edge in self.edges:
            record = edge.source.record
            place = list(hints(record)).index(edge.column)
            self._followed.setdefault(record, []).append((place, edge, set()))

    def of_row(self, row: tuple[Any, ...]) -> list[Reference]:
        """What a row just made refers to, but for what was followed lately."""
        found: list[Reference] = []
        for place, edge, lately in self._followed.get(type(row), ()):
            for value in row[place]:
                if value in lately:
                    continue
                reference = self._follow(edge, row[0], value)
                if reference:
                    found.append(reference)
                if edge.target not in _BY_SOURCE:
                    lately.add(value)
                    if len(lately) > _LATELY_MAX:
                        lately.clear()
        return found

    def of_batch(self, edge: Edge, batch: pa.RecordBatch) -> Iterator[Reference]:
        """What committed rows refer to by one edge; columns: the source's key, the edge's."""
        keys, lists = batch.columns
        values = pc.list_flatten(lists)
        if edge.target not in _BY_SOURCE:  # thousands refer to the same
            sources: Iterable[str] = repeat("")
            values = values.unique()
        else:
            sources = keys.take(pc.list_parent_indices(lists)).to_pylist()
        for source, value in zip(sources, values.to_pylist(), strict=False):
            reference = self._follow(edge, source, value)
            if reference:
                yield reference

    def _follow(self, edge: Edge, source: str, value: str) -> Reference | None:
        """The reference, if its key is wanted and ours to ask for."""
        if edge.target is SMTP:
            if not self.share.owns(SMTP, 0) or key_hash(source) not in self._mail_hosts:
                return None
            return Reference(SMTP, f"{value} {self._port}", Target(value, self._port, source))
        if edge.target in OF_SOURCE:
            value = source
        key = key_hash(value)
        if edge.target is HOSTS and edge.source is DOMAINS:
            self._mail_hosts.add(key)
        # A seed's own questions bring its MX, its SPF and its DMARC.
        if edge.target in OF_SEEDS and key in self._seeds:
            return None
        return Reference(edge.target, value, value) if self.share.owns(edge.target, key) else None


_FALLIBLE: dict[type, tuple[int, ...]] = {
    table.record: tuple(
        place
        for place, hint in enumerate(hints(table.record).values())
        if member(hint) in (Query, ProbeOutcome)
    )
    for table in OUTCOME
}
"""By record: places of the columns that say how a question or a probe ended."""


def transient(row: tuple[Any, ...]) -> int:
    """How many of a row's questions or probes failed in a way that may pass."""
    if isinstance(row, PolicyFetch):  # a file that was fetched is not asked for again
        return int(row.outcome.transient)
    failed = 0
    for place in _FALLIBLE[type(row)]:
        value = row[place]
        if value is not None:
            outcome = value.outcome if type(value) is Query else value
            failed += outcome.transient
    if isinstance(row, Policy):
        failed += sum(selector.query.outcome.transient for selector in row.dkim)
    return failed


def with_attempts(row: tuple[Any, ...], earlier: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row, each question's attempts with those of an earlier row of the same key."""
    values = list(row)
    for place in _FALLIBLE[type(row)]:
        if isinstance(row[place], Query) and isinstance(earlier[place], Query):
            values[place] = _summed(row[place], earlier[place])
    if isinstance(row, Policy) and isinstance(earlier, Policy):
        before = {selector.selector: selector.query for selector in earlier.dkim}
        dkim = tuple(
            selector._replace(query=_summed(selector.query, before[selector.selector]))
            if selector.selector in before
            else selector  # a row that stands for a bug has none
            for selector in row.dkim
        )
        return Policy(*values)._replace(dkim=dkim)
    return type(row)(*values)


def _summed(now: Query, before: Query) -> Query:
    return now._replace(attempts=now.attempts + before.attempts)
