"""What an edition rests on: the scores of a run, and the domains that it must not name."""

from typing import NamedTuple

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ibis import _

from certs.registered import registered_domain
from pipeline.errors import ConfigError, DamagedError
from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.warehouse import Run
from schemas import DOMAINS, SNOWSHOE_SCORES, SPF_INCLUDES
from schemas.aggregates import ALL_RANKS, ANY
from schemas.reading import records
from schemas.snowshoe_scores import SnowshoeScore, Tier
from stages.blacklist.suspects import RANKED, Suspect, Thresholds

_DONE = (0, 1)
"""Exit statuses of a crawl that measured what it was to."""


def shortcomings(run: Run, record: Record, journal: Journal) -> list[str]:
    """Why a run is only part of a measurement; empty if it is whole."""
    found = []
    end = record.end
    if record.imported is None and (end is None or end.state != "complete"):
        found.append("its crawl has not come to its end")
    elif end is not None and end.exit_status not in _DONE:
        found.append("; ".join(end.alarms) or f"its crawl ended with status {end.exit_status}")
    seeds, scored = journal.rows(DOMAINS), _rows(run)
    if scored < seeds:
        found.append(f"only {scored:,} of its {seeds:,} domains are scored")
    return found


class Origin(NamedTuple):
    """What scores say of the model that they are of; None where they do not."""

    model: str | None
    """SHA-256 of its classifier."""
    made_up: str | None
    """Why it is one of made-up data."""


def origin(run: Run) -> Origin:
    """The model of a run's scores; DamagedError if they cannot be read."""
    path = run.inferred(SNOWSHOE_SCORES)
    try:
        with run.warehouse.filesystem.open_input_file(path) as file:
            said = pq.read_schema(file).metadata or {}
    except pa.ArrowException as error:
        raise DamagedError(f"{path} cannot be read: {error}") from error
    words = (said.get(f"mailcensus.{name}".encode(), b"") for name in ("model", "synthetic"))
    return Origin(*(word.decode() or None for word in words))


def scored(run: Run, thresholds: Thresholds, least: Tier) -> list[Suspect]:
    """The domains of a run that may be suspects; DamagedError if they cannot be read.

    Most domains are none, and do not become Python objects.
    """
    path = run.inferred(SNOWSHOE_SCORES)
    limits = [limit for limit in thresholds if limit is not None]
    by_tier = pc.field("tier").isin(list(RANKED[RANKED.index(least) :]))
    wanted = pc.field("probability") >= min(limits) if limits else by_tier
    try:
        with run.warehouse.filesystem.open_input_file(path) as file:
            rows = pq.read_table(file, filters=wanted & pc.field("probability").is_valid())
        scores = records(SnowshoeScore, rows)
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise DamagedError(f"{path} cannot be read: {error}") from error
    return [
        Suspect(each.domain, each.tier, each.probability, each.reasons)
        for each in scores
        if each.probability is not None
    ]


def popular(connection: ibis.BaseBackend, journal: Journal, rank: int) -> set[str]:
    """Registered domains, and seeds below them, that a seed list has up to a rank."""
    domains = _domains(connection, journal)
    seeds = domains.select("domain", "registered_domain", seed=_.seeds.unnest())
    top = seeds.filter(seeds.seed["rank"] <= rank)
    rows = top.select("domain", "registered_domain").distinct().to_pyarrow()
    return {name for column in rows.columns for name in column.to_pylist() if name}


def shared(connection: ibis.BaseBackend, run: Run, journal: Journal, least: int) -> set[str]:
    """Registered domains whose mail hosts or SPF records so many other domains use."""
    return _mail_hosts(connection, journal, least) | _includes(connection, run, least)


def _mail_hosts(connection: ibis.BaseBackend, journal: Journal, least: int) -> set[str]:
    """Owners of mail hosts that so many domains of others use; a domain counts once an owner."""
    domains = _domains(connection, journal)
    uses = domains.select("domain", "registered_domain", host=_.mail_hosts.unnest())
    hosts = uses.select("host").distinct().to_pyarrow()["host"]
    owners = pa.array(map(registered_domain, hosts.to_pylist()), pa.string())
    named = pa.table({"mail_host": hosts.cast(pa.string()), "owner": owners})
    known = connection.create_table("owners", named, overwrite=True)
    owned = uses.inner_join(known, [("host", "mail_host")])
    foreign = owned.filter(_.owner.notnull() & ~_.owner.identical_to(_.registered_domain))
    users = foreign.group_by("owner").agg(domains=_.domain.nunique())
    return set(users.filter(_.domains >= least).to_pyarrow()["owner"].to_pylist())


def _includes(connection: ibis.BaseBackend, run: Run, least: int) -> set[str]:
    path = run.inferred(SPF_INCLUDES)
    if not run.warehouse.exists(path):
        raise ConfigError(f"run {run.id!r} has not been inferred: mailcensus infer first")
    includes = connection.read_parquet(path)
    everywhere = includes.filter((_.seed_list == ANY) & (_.rank_cut == ALL_RANKS))
    large = everywhere.filter(_.domains >= least).select("target", "registered_domain")
    rows = large.to_pyarrow().to_pylist()
    return {row["registered_domain"] or row["target"] for row in rows}


def _domains(connection: ibis.BaseBackend, journal: Journal) -> ibis.Table:
    parts = journal.parts(DOMAINS)
    if not parts:
        raise ConfigError(f"run {journal.run.id!r} has no domains yet: crawl first")
    return connection.read_parquet(parts)


def _rows(run: Run) -> int:
    """Rows of the scores; ConfigError if there are none yet."""
    path = run.inferred(SNOWSHOE_SCORES)
    if not run.warehouse.exists(path):
        raise ConfigError(f"run {run.id!r} has no scores: mailcensus snowshoe score first")
    with run.warehouse.filesystem.open_input_file(path) as file:
        return int(pq.read_metadata(file).num_rows)
