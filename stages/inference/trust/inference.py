"""SPF trust: whom domains trust to send their mail, from the tables of a crawl alone.

Relational steps are Ibis expressions on whatever backend holds the tables, interval arithmetic
and closures are numpy and scipy on arrays fed by it. Nothing loops over domains.
"""

from collections.abc import Iterator, Mapping

import ibis.expr.types as ir
import pyarrow as pa

from stages.inference.providers.companies import CompanyMap
from stages.inference.trust.aggregates import spf_includes, spf_networks
from stages.inference.trust.grants import spf_grants, spf_links, spf_reach
from stages.inference.trust.population import population
from stages.inference.trust.reckoning import reckon
from stages.inference.trust.takeover import spf_takeover
from stages.inference.trust.trust import spf_trust
from stages.inference.trust.walk import walk


def infer(census: Mapping[str, ir.Table], companies: CompanyMap) -> Iterator[tuple[str, pa.Table]]:
    """Name and rows of each table, one after the other, each with the columns of its schema.

    ``census`` has domains, spf, hosts and mx.
    """
    walked = walk(census)
    ipv4, ipv6 = reckon(walked, walked.ipv4), reckon(walked, walked.ipv6)
    yield "spf_trust", spf_trust(walked, census["spf"], census["domains"], ipv4, ipv6)
    people = population(walked, census["domains"])
    yield "spf_includes", spf_includes(walked, people, companies, ipv4, ipv6)
    yield "spf_networks", spf_networks(walked, people)
    yield "spf_takeover", spf_takeover(walked, people, census["hosts"])
    yield "spf_links", spf_links(walked, census["domains"])
    yield "spf_reach", spf_reach(walked)
    yield "spf_grants", spf_grants(walked)
