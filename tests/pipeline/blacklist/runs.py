"""Scored runs made by hand: what export reads, without a crawl."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from certs.registered import registered_domain
from pipeline.journal import Journal
from pipeline.record import End, Record, new_record
from pipeline.settings import Settings
from pipeline.sink import Sink
from pipeline.warehouse import Run, Warehouse
from schemas import DOMAINS, SNOWSHOE_SCORES, SPF_INCLUDES
from schemas.bug import bug_row
from schemas.domains import Domain, SeedRank
from schemas.snowshoe_scores import Reason, SnowshoeScore, Tier
from schemas.spf_includes import SpfInclude
from schemas.table import Table
from stages.seeds.collect import Tally

COMPLETE = End(0.0, "complete", 0, [])


def score(domain: str, tier: Tier = Tier.HIGH, probability: float | None = 0.99) -> SnowshoeScore:
    return SnowshoeScore(
        domain, candidate=probability is not None, beyond=(), filtered=None,
        probability=probability, tier=tier if probability is not None else Tier.NONE,
        reasons=(Reason("spf_v4_addresses", 4096.0, 2.5),), missing=0, listed=(),
        listed_since=None,
    )  # fmt: skip


def seed(name: str, rank: int | None = None, hosts: Sequence[str] = ()) -> Domain:
    row: Any = bug_row(DOMAINS, {"domain": name})
    return row._replace(  # type: ignore[no-any-return]
        registered_domain=registered_domain(name),
        seeds=(SeedRank("top", rank),),
        mail_hosts=tuple(hosts),
    )


def night(  # noqa: PLR0913 - what a run is made of
    warehouse: Path,
    run_id: str,
    scores: Sequence[SnowshoeScore],
    seeds: Sequence[Domain] | None = None,
    *,
    includes: Mapping[str, int] | None = None,
    end: End | None = COMPLETE,
) -> Run:
    """A run of a day whose id is that day; seeds are those scored if not given."""
    run = Warehouse.at(str(warehouse)).run(run_id)
    record = new_record(run, Settings(), [], Tally(0, 0, 0, {}), "", [])
    Record(**{**vars(record), "end": end}).save(run)
    sink = Sink(Journal(run, []))
    sink.add(seeds if seeds is not None else [seed(each.domain) for each in scores])
    asyncio.run(sink.commit())
    _put(run, SNOWSHOE_SCORES, scores)
    _put(run, SPF_INCLUDES, [_include(*each) for each in (includes or {}).items()])
    return run


def day(number: int) -> str:
    return (dt.date(2026, 11, 1) + dt.timedelta(days=number)).isoformat()


def _include(target: str, domains: int) -> SpfInclude:
    row: Any = bug_row(SPF_INCLUDES, {"seed_list": "*", "rank_cut": 0, "target": target})
    return row._replace(domains=domains, registered_domain=None)  # type: ignore[no-any-return]


def _put(run: Run, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    columns = pa.Table.from_batches([table.batch(list(rows))], table.schema)
    run.warehouse.write_parquet(run.inferred(table), columns)
