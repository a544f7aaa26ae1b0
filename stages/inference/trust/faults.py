"""What answers show to be wrong in each record: findings, a row each.

What its text shows is in ``remarks``, what only a walk can tell in ``findings``.
"""

from collections.abc import Iterator

import ibis.expr.types as ir
import numpy as np
import pyarrow.compute as pc

from schemas.spf_trust import SpfClass
from stages.inference.trust.columns import NOWHERE, places, truths, whole
from stages.inference.trust.lookups import DEFINITE, GONE, MAX_EXCHANGES, UNASKED, Lookups
from stages.inference.trust.records import Own, Records
from stages.inference.trust.remarks import Findings, found
from stages.inference.trust.sets import Ints
from stages.inference.trust.terms import Kind


def faults(records: Records, lookups: Lookups, targets: Ints, domains: ir.Table) -> Findings:
    """All that a record and its answers show by themselves.

    ``targets`` are the nodes of the terms of include and redirect, `NOWHERE` where there is none.
    """
    return Findings.united(
        [
            records.remarks,
            *_of_names(records.own),
            *_of_texts(records.own, domains),
            *_of_targets(records, targets),
            *_of_lookups(records, lookups),
        ]
    )


def _of_names(own: Own) -> Iterator[Findings]:
    unasked = UNASKED[own.outcomes]
    yield found(SpfClass.NXDOMAIN, np.flatnonzero(own.outcomes == GONE))
    yield found(SpfClass.TEMPORARY_ERROR, np.flatnonzero(~DEFINITE[own.outcomes] & ~unasked))
    yield found(SpfClass.UNASKED, np.flatnonzero(unasked))


def _of_texts(own: Own, domains: ir.Table) -> Iterator[Findings]:
    """TXT records that are like SPF and are not."""
    texts = domains.select("domain", text=domains.txt.map(lambda each: each["text"]).unnest())
    version = texts.text.left(len("spf2.0/")).lower()
    proper = (version == "v=spf1 ") | (texts.text.lower() == "v=spf1")
    texts = texts.filter((version.startswith("v=spf") & ~proper) | (version == "spf2.0/"))
    table = texts.select("domain", text=texts.text.lower()).to_pyarrow()
    nodes = places(table["domain"], own.names)
    historic = truths(pc.starts_with(table["text"], "spf2.0/"))
    mute = np.append(own.records == 0, False)[nodes]
    masks = {
        SpfClass.BAD_VERSION: mute & ~historic,
        SpfClass.SENDER_ID: (nodes != NOWHERE) & historic,
    }
    for finding, mask in masks.items():
        yield found(finding, nodes[mask], whole(table["text"].filter(mask)))


def _of_targets(records: Records, targets: Ints) -> Iterator[Findings]:
    """Includes and redirects that lead to no record, or whose target's answer is not known."""
    naming, own = records.naming, records.own
    leading = naming.of(Kind.INCLUDE, Kind.REDIRECT)
    none = (targets != NOWHERE) & (own.records == 0)[targets] & DEFINITE[own.outcomes[targets]]
    kinds = naming.kinds[leading]
    masks = {
        SpfClass.INCLUDE_WITHOUT_RECORD: none & (kinds == Kind.INCLUDE),
        SpfClass.REDIRECT_WITHOUT_RECORD: none & (kinds == Kind.REDIRECT),
        SpfClass.UNASKED: targets == NOWHERE,
    }
    for finding, mask in masks.items():
        yield naming.found(finding, leading[mask])


def _of_lookups(records: Records, lookups: Lookups) -> Iterator[Findings]:
    naming = records.naming
    many = lookups.mx[lookups.sizes > MAX_EXCHANGES]
    yield naming.found(SpfClass.TOO_MANY_MX, many)
    terms = np.concatenate([lookups.terms, lookups.terms, lookups.mx, lookups.exists])
    answers = [lookups.answers(version) for version in (4, 6)]
    outcomes = np.concatenate([*answers, lookups.outcomes, lookups.called])
    unasked = UNASKED[outcomes]
    temporary = ~DEFINITE[outcomes] & ~unasked
    yield naming.found(SpfClass.TEMPORARY_ERROR, terms[temporary]).distinct()
    yield naming.found(SpfClass.UNASKED, terms[unasked]).distinct()
