"""`spf trusts`: all domains of a run that let an address, or a whole network, send for them.

What inference has written is asked: whose terms pass it (spf_grants), who trusts those names
(spf_reach, spf_links), and which seeds are among them (spf_trust).
"""

from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

import duckdb
from rich.console import Console
from rich.table import Table as Grid

from pipeline.errors import ConfigError
from pipeline.warehouse import Run
from schemas import SPF_GRANTS, SPF_LINKS, SPF_REACH, SPF_TRUST
from schemas.table import Table

Network = IPv4Network | IPv6Network

_TOP = 10


class Trusting(NamedTuple):
    """A domain that lets it send."""

    rank: int | None
    domain: str
    direct: bool
    """Whether its own terms pass it."""
    through: tuple[str, ...]
    """Targets of its own record through which it passes."""


class Trusts(NamedTuple):
    """Who lets a network send."""

    domains: int
    direct: int
    targets: tuple[tuple[str, int], ...]
    """Targets through which most do, and how many."""
    first: tuple[Trusting, ...]
    """The most popular, then by name."""


def trusts(run: Run, network: Network, most: int) -> Trusts:
    """All domains that pass the whole of a network by one term, the first ``most`` listed.

    ConfigError if the run has no such tables. Its needs_context domains may trust further ones.
    """
    files = {table: _files(run, table) for table in (SPF_GRANTS, SPF_REACH, SPF_LINKS, SPF_TRUST)}
    with duckdb.connect() as connection:
        for table, paths in files.items():
            connection.read_parquet(paths).create_view(table.name)
        connection.execute(_NAMED)
        return found(connection, network, most)


def found(connection: duckdb.DuckDBPyConnection, network: Network, most: int) -> Trusts:
    """The same of a connection that has the tables it takes.

    They are spf_grants, spf_reach, ``named`` (domain, rank of each seed) and ``trusting`` (target,
    rank, name: whom seeds trust).
    """
    first, last = _octets(network, 0), _octets(network, network.num_addresses - 1)
    connection.execute(_HITS, [network.version, first, last])
    connection.execute(_PASSING)
    connection.execute(_DOMAINS)
    counts = connection.execute(_COUNTS).fetchone()
    targets = connection.execute(_TARGETS, [_TOP]).fetchall()
    rows = connection.execute(_FIRST, [most]).fetchall()
    assert counts is not None
    listed = tuple(Trusting(rank, name, own, tuple(via)) for rank, name, own, via in rows)
    return Trusts(counts[0], counts[1], tuple(targets), listed)


def say(found: Trusts, network: Network, console: Console) -> None:
    """The count first, then through whom, then the most popular domains."""
    whom = network if network.num_addresses > 1 else network.network_address
    through = found.domains - found.direct
    console.print(
        f"{found.domains:,} domains let {whom} send: {found.direct:,} by their own record, "
        f"{through:,} through others only",
        highlight=False,
        soft_wrap=True,
    )
    for target, count in found.targets:
        console.print(f"  {count:>9,} through {target}", highlight=False, markup=False)
    if not found.first:
        return
    grid = Grid(box=None, header_style="dim")
    grid.add_column("rank", justify="right")
    grid.add_column("domain")
    grid.add_column("by")
    for row in found.first:
        ways = [*(["its own record"] if row.direct else []), *row.through]
        grid.add_row("" if row.rank is None else f"{row.rank:,}", row.domain, ", ".join(ways))
    console.print(grid)
    if found.domains > len(found.first):
        console.print(f"and {found.domains - len(found.first):,} more", highlight=False)


def _octets(network: Network, offset: int) -> bytes:
    address = network.network_address + offset
    if network.version == 4:  # noqa: PLR2004 - the family
        address = IPv6Address(f"::ffff:{address}")
    return address.packed


def _files(run: Run, table: Table) -> list[str]:
    path = run.inferred(table)
    if not run.warehouse.exists(path):
        raise ConfigError(f"run {run.id!r} has no {table.name}: `mailcensus infer` writes it")
    return [path]


_NAMED = """
    CREATE TEMP VIEW named AS SELECT domain, rank FROM spf_trust;
    CREATE TEMP VIEW trusting AS SELECT target, rank, name FROM spf_links WHERE trusted AND seed
"""
_HITS = """
    CREATE TEMP TABLE hits AS
    SELECT DISTINCT name FROM spf_grants WHERE version = $1 AND first <= $2 AND last >= $3
"""
_PASSING = """
    CREATE TEMP TABLE passing AS
    WITH targets AS (
        SELECT DISTINCT target FROM spf_reach SEMI JOIN hits ON reached = hits.name
    )
    SELECT rank, domain, NULL AS target FROM named SEMI JOIN hits ON domain = name
    UNION ALL
    SELECT DISTINCT rank, name, target FROM trusting SEMI JOIN targets USING (target)
"""
_DOMAINS = """
    CREATE TEMP TABLE passed AS
    SELECT any_value(rank) AS rank, domain, bool_or(target IS NULL) AS direct
    FROM passing GROUP BY domain
"""
_COUNTS = "SELECT count(*), count(*) FILTER (direct) FROM passed"
_TARGETS = """
    SELECT target, count(*) AS domains FROM passing WHERE target IS NOT NULL
    GROUP BY target ORDER BY domains DESC, target LIMIT $1
"""
_FIRST = """
    WITH first AS (FROM passed ORDER BY rank NULLS LAST, domain LIMIT $1)
    SELECT any_value(first.rank), domain, any_value(direct),
           coalesce(list(target ORDER BY target) FILTER (target IS NOT NULL), [])
    FROM first JOIN passing USING (domain)
    GROUP BY domain ORDER BY any_value(first.rank) NULLS LAST, domain
"""
