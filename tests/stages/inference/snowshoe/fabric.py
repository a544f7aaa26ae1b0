"""Made-up nights of features: campaigns, look-alikes, ordinary domains, and late, partial lists.

It tests code. What a classifier reaches on it says nothing of the Internet.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.listings import LISTINGS
from schemas.snowshoe import FEATURES, SNOWSHOE
from stages.inference.snowshoe.matrix import Floats, Ints

DAY = 20_000
"""The first night, in days since 1970."""


class Fabric(NamedTuple):
    """Domains of a made-up Internet."""

    names: list[str]
    kind: Ints
    """0 ordinary, 1 newsletter, 2 snowshoe."""
    campaign: Ints
    """-1 for none."""
    born: Ints
    """Night of registration; 0 for those that were there before."""
    x: Floats
    listed: Ints
    """Day that the list first names it; -1 never."""


def fabric(ordinary: int = 600, letters: int = 40, campaigns: int = 12, seed: int = 1) -> Fabric:
    """A made-up Internet; a campaign has 3 to 9 domains and is born on one of 30 nights."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(3, 10, campaigns)
    campaign = np.repeat(np.arange(campaigns), sizes)
    snowshoe = len(campaign)
    kind = np.repeat([0, 1, 2], [ordinary, letters, snowshoe])
    x = draw.integers(0, 3, (len(kind), len(FEATURES))).astype(float)
    x[draw.random(x.shape) < 0.05] = np.nan
    _raise(x, kind == 1, draw, {"spf_ip4_terms": 9, "spf_v4_addresses": 300, "spf_includes": 6})
    _raise(x, kind == 2, draw, {"spf_ip4_terms": 14, "spf_v4_addresses": 800, "a_addresses": 7})
    starts = draw.integers(0, 30, campaigns)
    born = np.concatenate([np.zeros(ordinary + letters, np.int64), starts[campaign]])
    listed = DAY + born + draw.integers(1, 12, len(born))
    never = draw.random(len(born)) < np.array([0.999, 0.97, 0.25])[kind]
    names = [f"{'oln'[k]}{at}.example" for at, k in enumerate(kind)]
    group = np.concatenate([np.full(ordinary + letters, -1), campaign])
    return Fabric(names, kind, group, born, x, np.where(never, -1, listed))


def _raise(x: Floats, rows: np.ndarray, draw: np.random.Generator, means: dict[str, int]) -> None:
    for name, mean in means.items():
        x[rows, FEATURES.index(name)] = draw.poisson(mean, rows.sum())


def night(of: Fabric, number: int) -> pa.Table:
    """The table of features of one night, as inference would write it."""
    here = np.flatnonzero(of.born <= number)
    own = of.campaign[here] >= 0
    hoster = here % 3
    group = np.where(own, of.campaign[here], 0)
    many, siblings = len(here) // 3, np.bincount(of.campaign[here][own], minlength=1)
    neighbours = np.where(own, siblings[group] - 1, many)
    names = [of.names[at] for at in here]
    columns = {
        "domain": names,
        "registered_domain": names,
        "measured": np.full(len(here), (DAY + number) * 86_400_000_000),
        **{name: pa.array(of.x[here, at], from_pandas=True) for at, name in enumerate(FEATURES)},
        "first_seen": (DAY + of.born[here]).astype(np.int32),
        "days_seen": number - of.born[here],
        "changed": np.zeros(len(here)),
        "slash24_neighbours": np.zeros(len(here)),
        "ns_neighbours": neighbours,
        "mx_neighbours": np.zeros(len(here)),
        "spf_neighbours": np.where(own, neighbours, 0),
        "ns_group": [f"c{c}" if o else f"h{h}" for c, o, h in zip(group, own, hoster, strict=True)],
        "spf_group": [f"s{c}" if o else n for c, o, n in zip(group, own, names, strict=True)],
        "slash24_group": pa.nulls(len(here), pa.string()),
        "spf_reach": pa.nulls(len(here), pa.int64()),
    }
    return pa.table(columns).select(SNOWSHOE.schema.names).cast(SNOWSHOE.schema)


def nights(of: Fabric, first: int, last: int) -> Iterator[tuple[int, pa.Table]]:
    """Days and tables, the last night included."""
    for number in range(first, last + 1):
        yield DAY + number, night(of, number)


def listings(of: Fabric, until: int = DAY + 100) -> pa.Table:
    """What one list said up to a day, imported every day."""
    at = np.flatnonzero((of.listed >= 0) & (of.listed <= until))
    rows = [
        (of.names[i], "list", of.listed[i], of.listed[i], until, True, True, False, None, None)
        for i in at
    ]
    return pa.Table.from_batches([LISTINGS.batch(rows)])
