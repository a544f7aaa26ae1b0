"""Campaigns: domains that belong together, as far as their records tell.

Two domains are siblings if they have the same registered domain, the same set of name servers, the
same SPF record or the same /24; a campaign is all that siblings connect. What very many domains
share is a hoster's, not a campaign's: it connects nothing.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stages.inference.snowshoe.matrix import Bools, Ints, codes, column

LINKS = {
    "ns_group": "ns_neighbours",
    "spf_group": "spf_neighbours",
    "slash24_group": "slash24_neighbours",
}
"""What siblings have in common, and how many others of the run have it, too."""
ALWAYS = ("domain", "registered_domain")
SHARE = 0.01
"""Part of a run's domains: what more than that have in common (200 at least) connects nothing."""
LEAST = 200


def links(rows: pa.Table) -> pa.Table:
    """The columns of `ALWAYS` and `LINKS` of a whole run, null where they connect nothing."""
    most = max(LEAST, SHARE * rows.num_rows)
    columns = {name: rows[name] for name in ALWAYS}
    for name, neighbours in LINKS.items():
        few = pa.array(~(column(rows, neighbours) > most))
        columns[name] = pc.if_else(few, rows[name], pa.scalar(None, pa.string()))
    return pa.table(columns)


def campaigns(links: pa.Table) -> Ints:
    """The number of each row's campaign, from 0 on."""
    rows = np.arange(links.num_rows)
    at, to, nodes = [], [], links.num_rows
    for name in (*ALWAYS, *LINKS):
        keys = codes(links[name])
        at.append(rows[keys >= 0])
        to.append(nodes + keys[keys >= 0])
        nodes += int(keys.max(initial=-1)) + 1
    ends = np.concatenate(at), np.concatenate(to)
    edges = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(nodes, nodes))
    _, component = connected_components(edges, directed=False)
    _, numbers = np.unique(component[: links.num_rows], return_inverse=True)
    return np.asarray(numbers, np.int64)


def folds(groups: Ints, positive: Bools, k: int) -> Ints:
    """A fold below ``k`` for each row; a group's rows are all of one fold.

    Groups with positives are dealt out, those with most first, each to the fold that has fewest;
    the others by their number. So the folds depend on nothing but the groups.
    """
    of_group = np.arange(int(groups.max(initial=-1)) + 1) % k
    found, counts = np.unique(groups[positive], return_counts=True)
    load = np.zeros(k, np.int64)
    for at in np.argsort(-counts, kind="stable"):
        fold = int(np.argmin(load))
        of_group[found[at]] = fold
        load[fold] += counts[at]
    return np.asarray(of_group[groups], np.int64)


def straddling(groups: Iterable[int], others: Iterable[int]) -> int:
    """How many groups are on both sides."""
    return len(set(groups) & set(others))
