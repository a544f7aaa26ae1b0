"""SPF trust: whom domains trust to send their mail, from the tables of a crawl alone.

Relational steps are Ibis expressions on whatever backend holds the tables, interval arithmetic
and closures are numpy and scipy on arrays fed by it. Nothing loops over domains.
"""

from collections.abc import Iterator, Mapping

import ibis.expr.types as ir
import pyarrow as pa

from stages.inference.trust.reckoning import reckon
from stages.inference.trust.trust import spf_trust
from stages.inference.trust.walk import walk


def infer(
    census: Mapping[str, ir.Table],
) -> Iterator[tuple[str, pa.Table]]:
    """Name and rows of each table, one after the other, each with the columns of its schema.

    ``census`` has domains, spf, hosts and mx.
    """
    walked = walk(census)
    ipv4, ipv6 = reckon(walked, walked.ipv4), reckon(walked, walked.ipv6)
    yield "spf_trust", spf_trust(walked, census["spf"], census["domains"], ipv4, ipv6)
