"""`snowshoe export`: a run's suspects become an edition of the blacklist, or nothing changes."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from pipeline.blacklist.audit import Audit
from pipeline.blacklist.evidence import Origin, origin, popular, scored, shared, shortcomings
from pipeline.blacklist.policy import Policy
from pipeline.blacklist.release import Card, Editions
from pipeline.errors import ConfigError
from pipeline.infer import backend
from pipeline.journal import Journal
from pipeline.lock import held
from pipeline.record import Record
from pipeline.warehouse import Run
from schemas import BLACKLIST
from schemas.blacklist import BlacklistEntry
from stages.blacklist.dnset import dnset
from stages.blacklist.edition import Edition
from stages.blacklist.rpz import rpz
from stages.blacklist.snippets import plain, postfix, rspamd, rspamd_scores
from stages.blacklist.suspects import Protection, entries, judged, retained, suspects

_EPOCH = dt.date(1970, 1, 1)


class Order(NamedTuple):
    """What is to be published, and where."""

    zone: str
    out: Path
    allowed: frozenset[str] = frozenset()
    shadow: bool = False
    despite_partial_run: bool = False
    despite_jump: bool = False


def export(run: Run, order: Order, policy: Policy, now: dt.datetime) -> Card:
    """Publish an edition made of a run and of the edition in force; the card of it.

    ConfigError, with everything as it was, after a partial run, beyond the largest jump, and for
    a run older than the one in force. ``now`` is UTC. An edition of the same run is replaced: both
    follow from the edition before.
    """
    audit = Audit(run.warehouse)
    with held(run.warehouse, str(audit.folder), "the blacklist"):
        record, journal = _measured(run)
        _refuse_partial(run, record, journal, order)
        editions = Editions(order.out, shadow=order.shadow)
        current = editions.current()
        base = _base(editions, current, run, record, order)
        day = (record.day - _EPOCH).days
        chosen = scored(run, policy.thresholds, policy.publish_from)
        found = suspects(chosen, policy.thresholds, policy.publish_from)
        known = editions.entries(base.name) if base else []
        before = retained(known, policy.thresholds, policy.publish_from)
        standing = entries(found, before, day, policy.expire_days, order.zone)
        protection = _protection(run, journal, order, policy, audit)
        rows = judged(standing, protection, order.zone)
        card = _card(rows, order, policy, now, record, protection, origin(run), current, base)
        _refuse_jump(card, current, order, policy)
        editions.write(card, rows, _files(_edition(rows, protection, order, policy, now)))
        if not order.shadow:
            _tabulate(run, rows, order.zone)
        audit.append(
            "export", zone=order.zone, run=run.id, edition=card.name, out=str(order.out.absolute()),
            model=card.model, shadow=order.shadow, listed=card.listed, withheld=card.withheld,
            overridden=[name for name in Order._fields if name.startswith("despite")
                        and getattr(order, name)],
        )  # fmt: skip
        editions.point(card.name)
        editions.prune(policy.keep)
    return card


def _measured(run: Run) -> tuple[Record, Journal]:
    record = Record.load(run)
    if record is None:
        raise ConfigError(f"no run {run.id!r}")
    return record, Journal.load(run)


def _refuse_partial(run: Run, record: Record, journal: Journal, order: Order) -> None:
    short = shortcomings(run, record, journal)
    if short and not order.despite_partial_run:
        raise ConfigError(
            f"run {run.id!r} is partial: {'; '.join(short)}; nothing was published "
            "(--despite-partial-run publishes it all the same)"
        )


def _base(
    editions: Editions, current: Card | None, run: Run, record: Record, order: Order
) -> Card | None:
    """The edition that this one follows from: the one in force, or its base if of the same run."""
    if current is None:
        return None
    if current.zone != order.zone:
        raise ConfigError(f"{order.out} holds zone {current.zone!r}: give {order.zone!r} another")
    if current.run == run.id:
        return editions.card(current.base) if current.base else None
    if record.day.isoformat() < current.day:
        raise ConfigError(
            f"run {run.id!r} of {record.day} is older than that of {current.day} in force; "
            "mailcensus snowshoe rollback goes back"
        )
    return current


def _protection(
    run: Run, journal: Journal, order: Order, policy: Policy, audit: Audit
) -> Protection:
    with backend() as connection:
        return Protection(
            delisted=audit.delisted(),
            allowed=order.allowed,
            popular=popular(connection, journal, policy.popular_rank),
            shared=shared(connection, run, journal, policy.shared_domains),
        )


def _card(  # noqa: PLR0913, PLR0917 - what an edition is of
    rows: Sequence[BlacklistEntry],
    order: Order,
    policy: Policy,
    now: dt.datetime,
    record: Record,
    protection: Protection,
    scorer: Origin,
    current: Card | None,
    base: Card | None,
) -> Card:
    published = [row for row in rows if row.published]
    return Card(
        name=f"{record.run}-{int(now.timestamp())}{'s' if order.shadow else ''}",
        zone=order.zone,
        run=record.run,
        day=record.day.isoformat(),
        made=now.isoformat(timespec="seconds"),
        stale=(now + dt.timedelta(days=policy.valid_days)).isoformat(timespec="seconds"),
        listed=len(published),
        tiers=dict(Counter(str(row.tier) for row in published)),
        withheld=dict(Counter(str(row.withheld) for row in rows if row.withheld)),
        previous=current.name if current else None,
        base=base.name if base else None,
        model=scorer.model,
        made_up=scorer.made_up,
        protected={why: len(names) for why, names in protection._asdict().items()},
    )


def _refuse_jump(card: Card, current: Card | None, order: Order, policy: Policy) -> None:
    """Measured against the edition in force; the first one has nothing to jump from."""
    if current is None or not current.listed or order.despite_jump:
        return
    change = card.listed / current.listed - 1
    if abs(change) > policy.largest_jump:
        raise ConfigError(
            f"{card.listed:,} domains would be listed, {current.listed:,} are: {change:+.0%} is "
            f"beyond {policy.largest_jump:.0%}; nothing was published "
            "(--despite-jump publishes it all the same)"
        )


def _edition(
    rows: Sequence[BlacklistEntry],
    protection: Protection,
    order: Order,
    policy: Policy,
    now: dt.datetime,
) -> Edition:
    published = tuple(row for row in rows if row.published)
    return Edition(
        zone=order.zone,
        entries=published,
        exceptions=tuple(protection.inside({row.domain for row in published})),
        made=now,
        valid_days=policy.valid_days,
        ttl=policy.ttl,
        nameservers=policy.nameservers or (f"ns.{order.zone}",),
        contact=policy.contact or f"hostmaster.{order.zone}",
        info_url=policy.info_url,
        least_rejected=policy.reject_from,
        shadow=order.shadow,
    )


def _files(edition: Edition) -> Mapping[str, Iterable[str]]:
    return {
        "dnset": dnset(edition),
        "rpz.zone": rpz(edition),
        "domains.txt": plain(edition),
        "postfix.cf": postfix(edition),
        "rspamd-rbl.conf": rspamd(edition),
        "rspamd-rbl_group.conf": rspamd_scores(edition),
    }


def _tabulate(run: Run, rows: Sequence[BlacklistEntry], zone: str) -> None:
    """The entries as a table of the run, a part a zone."""
    table = pa.Table.from_batches([BLACKLIST.batch(rows)])
    run.warehouse.write_parquet(f"{run.table(BLACKLIST)}/part-{zone}.parquet", table)
