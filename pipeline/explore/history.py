"""What became of a domain from run to run: a line a run, with what changed since the one before."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import NamedTuple

import duckdb

from pipeline import damage
from pipeline.errors import ConfigError
from pipeline.explore.catalogue import Catalogue
from pipeline.rows import Rows
from pipeline.warehouse import Run
from schemas import DOMAINS, PROVIDERS, SPF
from schemas.domains import Domain
from schemas.providers import Provider
from schemas.spf import Spf

_RUNS = 30
"""Of the latest runs; each has to be looked through."""


class State(NamedTuple):
    """What a run says of a domain, in words."""

    mail: str
    exchanges: str
    operator: str
    mailboxes: str
    spf: str
    dmarc: str


class Night(NamedTuple):
    """A run and what is new in it."""

    run: str
    state: State | None
    """None where it was no seed, was not asked, or cannot be read."""
    before: State | None
    """That of the latest run before that has one; None for the first."""
    remark: str
    """Why there is no state."""

    @property
    def changed(self) -> tuple[tuple[str, str, str], ...]:
        """What, from, to."""
        if self.state is None or self.before is None:
            return ()
        fields = zip(State._fields, self.before, self.state, strict=True)
        return tuple((what, then, now) for what, then, now in fields if then != now)


def page(catalogue: Catalogue, name: str) -> Mapping[str, object]:
    """Values of history.html, the latest run first."""
    runs = catalogue.run.warehouse.runs()[-_RUNS:]
    nights = list(_nights(runs, name))
    return {"name": name, "nights": nights[::-1]}


def _nights(runs: list[Run], name: str) -> Iterator[Night]:
    before: State | None = None
    for run in runs:
        try:
            with closing(Rows(run)) as rows:
                now = _state(rows, name)
        except ConfigError as error:
            yield Night(run.id, None, before, str(error))
            continue
        except duckdb.Error as error:
            if (damaged := damage.named(error)) is None:
                raise
            yield Night(run.id, None, before, str(damaged))
            continue
        yield Night(run.id, now, before, "" if now else "no seed of this run, or not asked")
        before = now or before


def _state(rows: Rows, name: str) -> State | None:
    domain = rows.by_key(DOMAINS, Domain, [name]).get(name)
    if domain is None:
        return None
    provider = rows.by_key(PROVIDERS, Provider, [name]).get(name)
    spf = rows.by_key(SPF, Spf, [name]).get(name)
    operator = provider and (provider.operator_company or provider.operator_id)
    keeper = provider and (provider.mailbox_company or provider.mailbox_id)
    records = [text.text for text in domain.dmarc if text.text.lower().startswith("v=dmarc1")]
    return State(
        domain.mail,
        ", ".join(sorted(each.exchange for each in domain.mx)) or "none",
        operator or (provider.category.meaning if provider else "not inferred"),
        keeper or "with the operator, or unknown",
        (spf and spf.record) or "no record",
        "; ".join(records) or "no record",
    )
