"""SPF trust: whom domains trust to send their mail, from the tables of a crawl alone.

Relational steps are Ibis expressions on whatever backend holds the tables, interval arithmetic
and closures are numpy and scipy on arrays fed by it. Nothing loops over domains.
"""

from collections.abc import Iterator, Mapping

import ibis.expr.types as ir
import pyarrow as pa

from schemas.esps import ESP_SHARES, ESPS
from schemas.table import Table
from stages.enrich.atlas import Atlas
from stages.inference.esps.esps import esps
from stages.inference.esps.shares import esp_shares
from stages.inference.providers.companies import CompanyMap
from stages.inference.trust.aggregates import spf_includes, spf_networks
from stages.inference.trust.clouds import clouds
from stages.inference.trust.dependence import broken, spf_dependence
from stages.inference.trust.grants import spf_grants, spf_links, spf_reach
from stages.inference.trust.ground import Ground, spf_origins
from stages.inference.trust.labels import Labels
from stages.inference.trust.population import population
from stages.inference.trust.reckoning import Passed, reckon
from stages.inference.trust.senders import senders
from stages.inference.trust.shares import Family, spf_shares
from stages.inference.trust.sizes import spf_sizes
from stages.inference.trust.takeover import spf_takeover
from stages.inference.trust.targets import Targets
from stages.inference.trust.trust import spf_trust
from stages.inference.trust.walk import walk


def infer(
    census: Mapping[str, ir.Table], companies: CompanyMap, atlas: Atlas | None = None
) -> Iterator[tuple[str, pa.Table]]:
    """Name and rows of each table, one after the other, each with the columns of its schema.

    ``census`` has domains, spf, hosts, mx and addresses; ``atlas`` says who has what addresses;
    without one nothing but special-purpose ranges is known.
    """
    atlas = atlas or Atlas.of(None, None, None)
    walked, domains = walk(census), census["domains"]
    both = (walked.ipv4, walked.ipv6)
    passed = [Passed.of(walked, networks) for networks in both]
    ipv4, ipv6 = (reckon(walked, *each) for each in zip(both, passed, strict=True))
    rented = clouds(walked, atlas, list(zip(both, passed, strict=True)))
    trust = spf_trust(walked, domains, ipv4, ipv6, rented)
    yield "spf_trust", trust
    wrong = broken(walked, trust)
    del rented, trust  # what is not asked for again gives its memory to the next
    people, targets = population(walked, domains), Targets.of(walked, companies)
    yield "spf_includes", spf_includes(walked, people, targets, ipv4, ipv6)
    yield "spf_sizes", spf_sizes(walked, people, ipv4, ipv6)
    del ipv4, ipv6
    yield "spf_networks", spf_networks(walked, people)
    yield "spf_takeover", spf_takeover(walked, people, census)
    yield "spf_dependence", spf_dependence(walked, people, targets, wrong)
    yield "spf_links", spf_links(walked, domains)
    yield "spf_reach", spf_reach(walked)
    yield "spf_grants", spf_grants(walked)
    families = []
    for networks, each in zip(both, passed, strict=True):
        ground = Ground.of(walked, networks, atlas)
        held = ground.held(ground.space(ground.small), ground.layer)
        families.append(Family(ground, held, each, networks.scale))
    yield (
        "spf_origins",
        pa.concat_tables([spf_origins(family.ground, family.held, atlas) for family in families]),
    )
    labels = Labels.of(atlas.origins, targets)
    yield "spf_shares", spf_shares(walked, people, labels, families)
    filtering = esps(census, senders(walked, targets), companies).cache()
    yield "esps", _fetched(filtering, ESPS)
    yield "esp_shares", _fetched(esp_shares(filtering, domains), ESP_SHARES)


def _fetched(rows: ir.Table, table: Table) -> pa.Table:
    return rows.select(table.schema.names).to_pyarrow().cast(table.schema)
