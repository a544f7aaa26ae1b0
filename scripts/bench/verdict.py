"""Whether a measured crawl was right: a benchmark of wrong answers measures nothing.

    disagreements(warehouse, world, nameserver) -> what is wrong, a line each
    contents(warehouse) -> rows and a hash of what was measured, by table

Every seed has one row. Its mail is what the world's truth makes of it, domain by domain; the
MX and TXT sets of a sample are asked for again, with dnspython.
"""

from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype
import duckdb

from schemas import CRAWLED
from scripts.bench.census import RUN
from scripts.world.given import OPERATOR

_SAMPLE = 300
_MAIL = {
    "null_mx": ("null_mx",), "nxdomain": ("nxdomain",),
    "web_only": ("no_mx",), "text_only": ("no_mx", "nxdomain"), "implicit_mx": ("no_mx",),
    "dns_servfail": ("failed",), "dns_refused": ("failed",), "dns_silent": ("failed",),
    OPERATOR: ("mx", "no_mx", "nxdomain"),
}  # fmt: skip
"""What the mail column may say, by archetype; all others have MX records."""
_EXCLUDED = ("asked", "enriched", "seeds", "run")


def disagreements(warehouse: Path, world: Path, nameserver: tuple[str, int]) -> list[str]:
    """What the tables say that is not so."""
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '2GB'")
        connection.read_parquet(_parts(warehouse, "domains")).create_view("domains")
        connection.read_parquet(str(world / "truth.parquet")).create_view("truth")
        seeds = str(warehouse / "_runs" / RUN / "seeds.parquet")
        connection.read_parquet(seeds).create_view("seeds")
        return [*_gaps(connection), *_wrong(connection), *_denied(connection, nameserver)]


def contents(warehouse: Path) -> dict[str, tuple[int, int]]:
    """By table: its rows, and a hash of them without times, servers and attempts."""
    found = {}
    with duckdb.connect() as connection:
        for table in CRAWLED:
            if list((warehouse / table.name).glob("run=*/part-*.parquet")):
                rows = connection.read_parquet(_parts(warehouse, table.name))
                columns = [_measured(name) for name in rows.columns if name not in _EXCLUDED]
                total = f"count(*), coalesce(bit_xor(hash({', '.join(columns)})), 0)"
                ((number, digest),) = rows.aggregate(total).fetchall()
                found[table.name] = number, digest
    return found


def _measured(column: str) -> str:
    """What of a column an undisturbed run has, too: of a question's account, how it ended."""
    return f"{column}.outcome" if column.endswith("query") else column


def _parts(warehouse: Path, table: str) -> str:
    return str(warehouse / table / f"run={RUN}" / "part-*.parquet")


def _gaps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    count = "SELECT count(*), count(DISTINCT domain) FROM "
    ((rows, distinct),) = connection.sql(count + "domains").fetchall()
    ((_, seeds),) = connection.sql(count + "seeds").fetchall()
    return [] if rows == distinct == seeds else [f"{seeds} seeds, {rows} rows, {distinct} domains"]


def _wrong(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Domains whose mail is not what their kind has."""
    counts = connection.sql(
        "SELECT archetype, mail, count(*), min(domain) FROM domains LEFT JOIN truth USING (domain)"
        " GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [
        f"{number} domains of kind {kind} have mail {mail}, such as {example}"
        for kind, mail, number, example in counts
        if mail not in _MAIL.get(kind, ("mx",))
    ]


def _denied(connection: duckdb.DuckDBPyConnection, nameserver: tuple[str, int]) -> list[str]:
    """Domains of a sample whose records are not what dnspython is told."""
    rows = connection.sql(
        "SELECT domain, [format('{} {}.', m.preference, rtrim(m.exchange, '.')) FOR m IN mx],"
        " len(txt) FROM domains WHERE mail <> 'failed' ORDER BY hash(domain)"
        " LIMIT ?",
        params=[_SAMPLE],
    ).fetchall()
    wrong = []
    for domain, mx, texts in rows:
        said = _asked(domain, "MX", nameserver), len(_asked(domain, "TXT", nameserver))
        if (sorted(text.lower() for text in mx), texts) != said:
            wrong.append(f"{domain}: {mx} and {texts} texts, dnspython was told {said}")
    return wrong


def _asked(name: str, kind: str, nameserver: tuple[str, int]) -> list[str]:
    query = dns.message.make_query(name, kind)
    answer, _ = dns.query.udp_with_fallback(query, nameserver[0], 5, nameserver[1])
    return sorted(
        rdata.to_text().lower()
        for rrset in answer.answer
        if rrset.rdtype == dns.rdatatype.from_text(kind)
        for rdata in rrset
    )
