"""spf_sizes: how many domains trust how much space."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from schemas.spf_sizes import SPF_SIZES, SpfSize
from stages.inference.trust.population import Population
from stages.inference.trust.reckoning import NO_NETWORK, Reckoning
from stages.inference.trust.sets import Ints
from stages.inference.trust.space import bits
from stages.inference.trust.walk import Walk


def spf_sizes(walk: Walk, people: Population, ipv4: Reckoning, ipv6: Reckoning) -> pa.Table:
    """The table, by cut and measure, the largest first."""
    recorded = walk.own.records > 0
    total = people.holding(recorded)
    measures = {
        SpfSize.IPV4: (32, _prefixes(ipv4.total, 32)),
        SpfSize.IPV4_LITERAL: (32, _prefixes(ipv4.literal, 32)),
        SpfSize.IPV4_INHERITED: (32, _prefixes(ipv4.inherited, 32)),
        SpfSize.LARGEST_IPV4: (32, ipv4.largest),
        SpfSize.IPV6: (128, _prefixes(ipv6.total, 128)),
        SpfSize.LARGEST_IPV6: (128, ipv6.largest),
    }
    counts = {
        measure: people.by(
            np.where(recorded, np.minimum(prefixes, width + 1), width + 2), width + 3
        )
        for measure, (width, prefixes) in measures.items()
    }
    rows = [
        (seed_list, rank_cut, measure, prefix, domains, larger, domains / total[cut])
        for cut, (seed_list, rank_cut) in enumerate(people.cuts)
        for measure, sizes in counts.items()
        for prefix, domains, larger in _listed(sizes[:-1, cut])
    ]
    return pa.Table.from_batches([SPF_SIZES.batch(rows)], schema=SPF_SIZES.schema)


def _prefixes(limbs: Ints, width: int) -> Ints:
    """Counts of addresses as prefix lengths, rounded to the smaller network."""
    length = bits(limbs)
    return np.where(length > 0, np.maximum(width + 1 - length, 0), NO_NETWORK)


def _listed(domains: Ints) -> Iterator[tuple[int, int, int]]:
    """Prefix, domains, and how many have it or larger, from the largest that there is."""
    larger = np.cumsum(domains)
    for prefix in np.flatnonzero(larger).tolist():
        yield prefix, int(domains[prefix]), int(larger[prefix])
