"""Seeds in, rows out: whether every key that is referred to has its row, table by table.

Counted from committed rows alone, by another way than the frontier's: whole columns as sets, where
the crawl goes row by row. The edges are those of the graph. A key stands for itself as DuckDB's
64-bit hash of it, in a sorted array: eight bytes, where a set of strings in SQL takes a hundred.
Of a large census one share of the hashes is held after the other, so that memory stays as it is.
"""

from collections.abc import Iterator
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt

from pipeline.graph import EDGES, OF_SEEDS, OF_SOURCE, Edge
from pipeline.report.figures import Balance
from schemas import CERTIFICATES, DOMAINS, HOSTS, SMTP, SPF, STS_POLICIES
from schemas.table import Table
from stages.ascending import among, distinct

_BATCH = 1 << 16
_ROOM = 1 << 19
"""Keys of a table that are held at once, more or less."""

Keys = npt.NDArray[np.uint64]
"""Hashes of keys, sorted; each once unless said otherwise."""


class Account:
    """What the tables of a census owe each other."""

    def __init__(self, census: duckdb.DuckDBPyConnection, room: int = _ROOM) -> None:
        """The connection has every crawled table, and `seeds`."""
        self._census = census
        largest = max(len(census.table(name)) for name in ("seeds", DOMAINS.name, SPF.name))
        self._shares = 1 + largest // room

    def balance(self, table: Table) -> Balance:
        """The account of a table: keys, and all that is held against them, share by share."""
        shares = [self._of_share(table, share) for share in range(self._shares)]
        return Balance(table.name, *map(sum, zip(*shares, strict=True)))

    def besides_seeds(self, table: Table) -> Keys:
        """The keys of a table that are no seeds'."""
        of_table, seeds = f"SELECT {table.key[0]} AS key FROM {table.name}", _DOMAINS
        return _union(
            keys[~among(keys, self._keys(seeds, share))]
            for share in range(self._shares)
            for keys in (self._keys(of_table, share),)
        )

    def _of_share(self, table: Table, share: int) -> tuple[int, int, int, int, int]:
        """Wanted, rows, missing, unwanted, twice."""
        rows = self._hashes(f"SELECT {table.key[0]} AS key FROM {table.name}", share)
        found = distinct(rows, spent=True)
        wanted = _union(self._wanted(table, share))
        missing = wanted.size - int(np.count_nonzero(among(wanted, found)))
        unwanted = found.size - int(np.count_nonzero(among(found, wanted)))
        return wanted.size, rows.size, missing, unwanted, rows.size - found.size

    def _wanted(self, table: Table, share: int) -> Iterator[Keys]:
        """What the edges and the seeds lead to."""
        for edge in EDGES:
            if edge.target is table:
                yield self._led_to(edge, share)
        if table is DOMAINS:
            yield self._keys(_SEEDS, share)
        if table is SPF:  # a seed's SPF comes with its own TXT answer, if that was asked for
            asked = "txt_query.outcome NOT IN ('not_asked', 'bug')"
            yield self._keys(f"{_DOMAINS} WHERE {asked}", share)
        if table is CERTIFICATES:
            for shown in (SMTP, STS_POLICIES):
                yield self._keys(f"SELECT unnest(chain) AS key FROM {shown.name}", share)

    def _led_to(self, edge: Edge, share: int) -> Keys:
        source, column = edge.source, edge.column
        if edge.target in OF_SOURCE:
            of_source = f"SELECT {source.key[0]} AS key FROM {source.name}"
            return self._keys(f"{of_source} WHERE len({column}) > 0", share)
        owner = f"{HOSTS.key[0]} AS owner, " if edge.target is SMTP else ""
        keys = f"SELECT {owner}unnest({column}) AS key FROM {source.name}"
        if edge.target is SMTP:  # of hosts that take a seed's mail
            return self._keys(keys, share, of=self._mail_hosts)
        if edge.target in OF_SEEDS:  # a seed's come with its own answers
            led_to = self._keys(keys, share)
            return led_to[~among(led_to, self._keys(_SEEDS, share))]
        return self._keys(keys, share)

    @cached_property
    def _mail_hosts(self) -> Keys:
        keys = "SELECT unnest(mail_hosts) AS key FROM domains"
        return _union(self._keys(keys, share) for share in range(self._shares))

    def _keys(self, query: str, share: int, of: Keys | None = None) -> Keys:
        """Those of the column `key`; of: only of rows whose `owner` is one of these."""
        return distinct(self._hashes(query, share, of), spent=True)

    def _hashes(self, query: str, share: int, of: Keys | None = None) -> Keys:
        """One a row, in no order."""
        owner = ", hash(owner)" if of is not None else ""
        hashed = self._census.sql(f"""
            SELECT hash(key){owner} FROM ({query}) WHERE hash(key) % {self._shares} = {share}
        """)
        parts = [np.empty(0, np.uint64)]
        for batch in hashed.to_arrow_reader(_BATCH):
            hashes = batch.column(0).to_numpy()
            if of is not None:
                hashes = hashes[among(batch.column(1).to_numpy(), of)]
            parts.append(hashes.copy())
        return np.concatenate(parts)


_SEEDS = "SELECT domain AS key FROM seeds"
_DOMAINS = "SELECT domain AS key FROM domains"


def _union(sets: Iterator[Keys]) -> Keys:
    return distinct(np.concatenate([np.empty(0, np.uint64), *sets]), spent=True)
