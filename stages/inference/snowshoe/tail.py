"""The long tail: domains with unusually many of anything.

The idea is that of the Long Tail Analysis of "Melting the Snow" (NOMS 2018), whose cut-offs are not
public; what stands here is a reconstruction. Of each count the distribution over a reference
window of runs gives a cut-off; what lies beyond any of them is a candidate, unless the many are
not its own: those of infrastructure that many domains share, or of a domain that is popular.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.vocabulary import Vocabulary
from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.matrix import Bools, Floats, column, matrix

FAMILIES: dict[str, tuple[str, ...]] = {
    "a": ("a_addresses", "a_slash24s", "a_slash16s", "a_ases", "a_countries"),
    "aaaa": ("aaaa_addresses", "aaaa_slash48s", "aaaa_ases"),
    "mx": (
        "mx_addresses", "mx_preferences", "mx_registered_domains",
        "mx_v4_addresses", "mx_slash24s", "mx_ases",
    ),
    "ns": ("ns_hosts", "ns_registered_domains"),
    "txt": ("txt_records", "txt_other"),
    "spf": (
        "spf_records", "spf_terms", "spf_ip4_terms", "spf_v4_addresses",
        "spf_ip6_terms", "spf_includes", "spf_slash24s",
    ),
}  # fmt: skip
COUNTS: tuple[str, ...] = tuple(name for family in FAMILIES.values() for name in family)
"""Features that count; the others are times, sizes, shares and kinds."""
NEIGHBOURS = {
    "a": "slash24_neighbours", "mx": "mx_neighbours", "ns": "ns_neighbours",
    "spf": "spf_neighbours",
}  # fmt: skip
"""How many others have the same, where the table says it. Those of a /24 excuse no SPF counts:
they would excuse every sender that rents a server for its web site among others."""
KNOWN = "known_operator"
"""Column that may be there: the mail is run by a company of the map. It excuses MX counts."""
RANK = "rank"
"""Column that may be there: best rank in a top list."""
LEAST_SHARED = 50


class Filtered(Vocabulary):
    """Why a domain with large counts is no candidate."""

    SHARED = "shared", "every count beyond its cut-off is that of infrastructure many share"
    POPULAR = "popular", "a top list has it near its top"


@dataclass(frozen=True)
class Limits:
    """What the tail is cut by, and what is left out of it."""

    quantile: float = 0.99
    """A cut-off lets at most the rest of the domains pass."""
    shared: float = 0.001
    """Part of a run's domains: with more neighbours (50 at least) a count is not one's own."""
    popular: int = 10_000
    """Ranks up to it are popular."""

    def neighbours(self, domains: int) -> float:
        """Neighbours from which on infrastructure is shared, in a run of so many domains."""
        return max(LEAST_SHARED, self.shared * domains)


@dataclass(frozen=True)
class Cutoff:
    """Where the tail of one count begins: values above ``value``."""

    feature: str
    value: float | None
    """None if nobody is known to have any: then nothing lies beyond."""
    known: int
    """Domains of the reference window in which it was known, each run counted."""
    beyond: int
    """How many of those lie beyond."""

    @property
    def rate(self) -> float:
        """Part that lies beyond: what ties leave of the rest above the quantile."""
        return self.beyond / self.known if self.known else 0.0


@dataclass(frozen=True)
class Tail:
    """The cut-offs of every count, by the order of `COUNTS`, and their limits."""

    limits: Limits
    cutoffs: tuple[Cutoff, ...]

    @property
    def values(self) -> Floats:
        """The cut-offs alone."""
        values = [np.inf if cutoff.value is None else cutoff.value for cutoff in self.cutoffs]
        return np.array(values, np.float64)


class Judgement(NamedTuple):
    """What a tail says of a table of features, row by row."""

    beyond: Bools
    """Shape (rows, counts)."""
    candidate: Bools
    filtered: pa.Array
    """A word of `Filtered`, or null."""


def fit(reference: Mapping[str, Distribution], limits: Limits) -> Tail:
    """The tail of the distributions of a reference window; counts nobody has cut off nothing."""
    cutoffs = []
    for name in COUNTS:
        seen = reference[name]
        value = seen.quantile(limits.quantile) if seen.known else None
        beyond = 0 if value is None else seen.above(value)
        cutoffs.append(Cutoff(name, value, seen.known, beyond))
    return Tail(limits, tuple(cutoffs))


def judge(rows: pa.Table, tail: Tail) -> Judgement:
    """Candidates among the features of one whole run; columns `KNOWN` and `RANK` may be there."""
    beyond = matrix(rows, COUNTS) > tail.values  # unknown counts are not
    own = beyond & ~_excused(rows, tail.limits)
    many = beyond.any(axis=1)
    popular = many & _popular(rows, tail.limits)
    shared = many & ~own.any(axis=1)
    which = np.where(popular, 0, np.where(shared, 1, -1))
    words = pa.array([str(Filtered.POPULAR), str(Filtered.SHARED)])
    filtered = words.take(pa.array(which, mask=which < 0))
    return Judgement(beyond, many & ~popular & ~shared, filtered)


def _excused(rows: pa.Table, limits: Limits) -> Bools:
    """Counts that are not the domain's own, family by family: shape (rows, counts)."""
    excused = np.zeros((rows.num_rows, len(COUNTS)), bool)
    limit = limits.neighbours(rows.num_rows)
    for family, names in FAMILIES.items():
        at = [COUNTS.index(name) for name in names]
        if family in NEIGHBOURS:
            excused[:, at] = (column(rows, NEIGHBOURS[family]) >= limit)[:, None]
        if family == "mx" and KNOWN in rows.column_names:
            excused[:, at] |= (column(rows, KNOWN) == 1)[:, None]
    return excused


def _popular(rows: pa.Table, limits: Limits) -> Bools:
    if RANK not in rows.column_names:
        return np.zeros(rows.num_rows, bool)
    popular: Bools = column(rows, RANK) <= limits.popular
    return popular
