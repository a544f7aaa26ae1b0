"""Seeds in, rows out: whether every key that is referred to has its row, table by table.

Counted from committed rows alone and by another way than the frontier's: SQL over keys themselves,
where the crawl goes by hashes. The edges are those of the graph.
"""

import duckdb

from pipeline.graph import EDGES, OF_SOURCE, Edge
from pipeline.report.figures import Balance
from schemas import CERTIFICATES, DOMAINS, HOSTS, MX, SMTP, SPF
from schemas.table import Table


def balance(census: duckdb.DuckDBPyConnection, table: Table) -> Balance:
    """The account of a table. The connection has every crawled table, and `seeds`."""
    key = table.key[0]
    wanted = " UNION ".join(_wanted(table))
    found = census.execute(f"""
        WITH wanted AS (SELECT DISTINCT key FROM ({wanted})),
             found AS (SELECT {key} AS key, count(*) AS rows FROM {table.name} GROUP BY ALL)
        SELECT count(wanted.key), coalesce(sum(rows), 0),
               count(*) FILTER (found.key IS NULL), count(*) FILTER (wanted.key IS NULL),
               coalesce(sum(rows - 1), 0)
        FROM wanted FULL JOIN found ON wanted.key = found.key
    """).fetchone()
    assert found is not None
    return Balance(table.name, *map(int, found))


def _wanted(table: Table) -> list[str]:
    """Queries for a column `key`: what the edges and the seeds lead to."""
    queries = [_led_to(edge) for edge in EDGES if edge.target is table]
    if table is DOMAINS:
        queries.append("SELECT domain AS key FROM seeds")
    if table is SPF:  # a seed's SPF comes with its own TXT answer, if that was asked for
        asked = "txt_query.outcome NOT IN ('not_asked', 'bug')"
        queries.append(f"SELECT domain AS key FROM domains WHERE {asked}")
    if table is CERTIFICATES:
        queries.append("SELECT unnest(chain) AS key FROM smtp")
    return queries


def _led_to(edge: Edge) -> str:
    source, column = edge.source, edge.column
    if edge.target in OF_SOURCE:
        return f"SELECT {source.key[0]} AS key FROM {source.name} WHERE len({column}) > 0"
    keys = f"SELECT unnest({column}) AS key FROM {source.name}"
    if edge.target is SMTP:  # of hosts that take a seed's mail
        mail_hosts = "SELECT unnest(mail_hosts) FROM domains"
        return f"{keys} WHERE {HOSTS.key[0]} IN ({mail_hosts})"
    if edge.target in (SPF, MX):  # a seed's come with its own answers
        return f"SELECT key FROM ({keys}) WHERE key NOT IN (SELECT domain FROM seeds)"
    return keys
