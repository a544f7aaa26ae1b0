"""Spells of listing, brought up to date by one import of the list, whichever day it is of.

The spells of a source are what all its imports said, run together: two imports that say the same
of a domain belong to one spell if no import between them says otherwise. An import of a day
replaces what was said of that day: spells are cut around it and joined again through what it says.
"""

import datetime as dt
from collections.abc import Sequence

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

_SAME = ("domain", "itself", "below")
_SPELL = (*_SAME, "first_import", "last_listed", "stated")


def updated(
    old: ibis.Table, said: ibis.Table, day: dt.date, imports: Sequence[dt.date]
) -> ibis.Table:
    """The spells of a source with an import of ``day``, for `dated`.

    ``old`` are its listings without it, ``said`` the columns domain, itself, below and since;
    ``imports`` are the days of all imports of the source, this one among them. A spell keeps one
    stated day: where a later import parts it, the part that the day does not fit has none.
    """
    days = sorted({*imports, day})
    place = days.index(day)
    known = old.mutate(stated=ibis.ifelse(_.exact, _.first_listed, ibis.null("date")))
    known = known.select(*_SPELL)
    pieces = []
    left = right = known.limit(0)
    if place:
        before = days[place - 1]
        earlier = known.filter(_.first_import < day)
        earlier = earlier.mutate(last_listed=ibis.least(_.last_listed, ibis.literal(before)))
        left = earlier.filter(_.last_listed == before)
        pieces += [earlier.filter(_.last_listed < before), left.anti_join(said, _SAME)]
    if place + 1 < len(days):
        after = days[place + 1]
        later = known.filter(_.last_listed > day)
        later = later.mutate(first_import=ibis.greatest(_.first_import, ibis.literal(after)))
        right = later.filter(_.first_import == after)
        pieces += [later.filter(_.first_import > after), right.anti_join(said, _SAME)]
    pieces.append(_joined(said, left, right, day))
    return ibis.union(*pieces) if len(pieces) > 1 else pieces[0]


def _joined(said: ibis.Table, left: ibis.Table, right: ibis.Table, day: dt.date) -> ibis.Table:
    """What the import says, with the pieces of spells that it continues or that continue it."""
    sides = [
        side.select(**{f"{name}_{column}": side[column] for column in _SPELL})
        for name, side in (("left", left), ("right", right))
    ]
    for name, side in zip(("left", "right"), sides, strict=True):
        said = said.left_join(side, [(column, f"{name}_{column}") for column in _SAME])
    today = ibis.literal(day)
    return said.select(
        *_SAME,
        first_import=ibis.coalesce(_.left_first_import, today),
        last_listed=ibis.coalesce(_.right_last_listed, today),
        stated=ibis.least(_.left_stated, _.since, _.right_stated),
    )


def dated(spells: pa.Table, imports: Sequence[dt.date]) -> pa.Table:
    """The same with the imports around each spell and the day it began.

    A stated day counts unless it is later than the first import, or an import after it lacks the
    domain.
    """
    days = pa.array(sorted(imports), pa.date32())
    first = pc.index_in(spells["first_import"], days)
    last = pc.index_in(spells["last_listed"], days)
    before = days.take(pc.if_else(pc.equal(first, 0), None, pc.subtract(first, 1)))
    after = days.take(pc.if_else(pc.equal(last, len(days) - 1), None, pc.add(last, 1)))
    stated = spells["stated"]
    exact = pc.and_(
        pc.less_equal(stated, spells["first_import"]),
        pc.fill_null(pc.greater(stated, before), fill_value=True),
    )
    exact = pc.fill_null(exact, fill_value=False)
    listed = pc.if_else(exact, stated, spells["first_import"])
    columns = {
        "first_listed": listed,
        "exact": exact,
        "absent_before": before,
        "absent_after": after,
    }
    return pa.table({**{name: spells[name] for name in _SPELL[:-1]}, **columns})
