"""The look-up tables: whether each opens, and how old its data are."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from certs.trust import TrustStore
from pipeline.doctor.check import Check, State
from pipeline.settings import Settings
from schemas.provenance import Provenance, TableError, one_line
from stages.enrich.cloud import CloudTable
from stages.enrich.tables import AsnTable, OwnerTable
from stages.inference.providers.companies import read_companies
from stages.inference.providers.company import CompanyMapError

_OLD = {"asn": 45, "owner": 45, "cloud": 45, "roots": 365, "intermediates": 365}
"""Days from which on a table is called old. Networks move every day, roots a few times a year."""


def tables(settings: Settings, today: dt.date) -> Iterator[Check]:
    """A check a table."""
    asn, owner, cloud = settings.asn_table, settings.owner_table, settings.cloud_table
    yield from (
        _opened("asn", lambda: [AsnTable.open(asn).provenance], today)
        if asn
        else [_unset("asn", "asn_table", "AS numbers and prefixes of addresses")]
    )
    yield from (
        _opened("owner", lambda: [OwnerTable.open(owner).provenance], today)
        if owner
        else [_unset("owner", "owner_table", "AS names and countries")]
    )
    yield from _opened("cloud", lambda: [CloudTable.open(cloud).provenance], today)
    trust = settings.roots, settings.intermediates
    yield from _opened("trust", lambda: TrustStore.open(*trust).provenance, today)
    yield _companies(settings.companies)


def _unset(name: str, setting: str, lost: str) -> Check:
    return Check(f"table {name}", State.WARN, f"none set: {lost} stay null", f"set {setting}")


def _opened(
    name: str, open_: Callable[[], Iterable[Provenance]], today: dt.date
) -> Iterator[Check]:
    try:
        found = list(open_())
    except TableError as error:
        yield Check(f"table {name}", State.FAIL, str(error), "replace the file")
        return
    for provenance in found:
        yield aged(provenance, today)


def aged(provenance: Provenance, today: dt.date) -> Check:
    """Whether a table that opens is recent enough."""
    name = f"table {provenance.name}"
    days = (today - dt.date.fromisoformat(provenance.date)).days
    found = f"{provenance.source}, of {provenance.date} (by {provenance.dated_by})"
    if days < 0:
        return Check(name, State.WARN, f"{found}: in the future", "is the clock right?")
    if days > _OLD.get(provenance.name, min(_OLD.values())):
        return Check(name, State.WARN, f"{found}: {days} days old", "get a newer one")
    return Check(name, State.OK, found)


def _companies(paths: Collection[Path]) -> Check:
    try:
        known = read_companies(paths)
    except CompanyMapError as error:
        found = one_line(error)
        return Check("companies", State.FAIL, found, "mend the file, or take it out of companies")
    source = " + ".join(["the map shipped", *map(str, paths)])
    found = f"{source}: {known.count()} companies, version {known.version}"
    return Check("companies", State.OK, found)
