"""How many domains of a run let each block of addresses send: read from its graph of trust."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image

from pipeline.site.census import Census
from stages.enrich.cloud import CloudTable
from stages.inference.trust.ground import LARGEST
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.space import Space
from stages.maps.blocks import IPV6, ORDER, Family, Network
from stages.maps.heat import Layers, Trust, counts, layers
from stages.maps.landmarks import Landmark, allocations, clouds
from stages.maps.picture import Frame, draw

NEEDS = ("spf_trust", "spf_links", "spf_reach", "spf_grants")
_BLOCKS = 1 << 2 * ORDER
_BYTES = {4: (12, 13, 14), 6: (0, 1, 2, 3)}
"""Of an address of 16 bytes, those that number its block."""


class Heat(NamedTuple):
    """A family's map before it is drawn: domains by block, for any rank cut."""

    family: Family
    ranks: NDArray[np.float64]
    """Best rank of each domain that lets anybody of the family send; infinite without."""
    found: Layers
    beyond: int
    """Domains that pass networks too large to be anybody's, which are not drawn: each would tint
    half the map or all of it."""

    def counts(self, rank: int | None) -> NDArray[np.int32]:
        """Domains by block; of those up to a rank."""
        chosen = np.ones(len(self.ranks), np.bool_) if rank is None else self.ranks <= rank
        return counts(self.found, chosen, _BLOCKS)


def heat(census: Census, family: Family, begin: Callable[[str], object] = lambda _: None) -> Heat:
    """Whom the domains of a run trust, as blocks of a family; ``begin`` is told of each step."""
    begin("reading")
    largest = LARGEST[family.version]
    with _numbered(census):
        seeds = _table(census, _SEEDS.format(version=family.version))
        order = np.argsort(_ints(seeds, "id"))
        nodes = _ints(seeds, "id")[order]
        ranks = seeds["rank"].to_numpy(zero_copy_only=False).astype(np.float64)[order]
        ((names, targets),) = _rows(census, _COUNTS)
        direct = _pairs(census, _DIRECT)
        ours = np.isin(direct[0], nodes)
        own = _space(
            _table(census, _GRANTS.format(version=family.version, largest=largest)), family
        )
        trust = Trust(
            own,
            names,
            Sets.of(*_pairs(census, _REACH), targets),
            nodes,
            Sets.of(np.searchsorted(nodes, direct[0][ours]), direct[1][ours], len(nodes)),
        )
    ((beyond,),) = _rows(census, _BEYOND.format(version=family.version, largest=largest))
    begin("counting domains")
    return Heat(family, np.nan_to_num(ranks, nan=np.inf), layers(trust), beyond)


def picture(found: Heat, network: Network | None, rank: int | None, run: str) -> Image.Image:
    """The map of a family, or of a network in it, for domains up to a rank; see `stages.maps`."""
    family = found.family
    whose = "all domains" if rank is None else f"domains up to rank {rank:,}"
    title = (
        f"Domains whose SPF lets an IPv{family.version} /{family.prefix} send: {whose}, run {run}"
    )
    return draw(found.counts(rank), Frame.of(family, network), landmarks(family), title)


def landmarks(family: Family) -> tuple[Landmark, ...]:
    """Allocations of a family and, of IPv4, the clouds that are bundled."""
    if family is IPV6:
        return allocations(6)
    table = CloudTable.bundled()

    def owner(address: str) -> str | None:
        found = table[address]
        return found.provider if found else None

    return (*allocations(4), *clouds(owner))


@contextmanager
def _numbered(census: Census) -> Iterator[None]:
    census.connection.execute(_NUMBERED)
    yield
    census.connection.execute("DROP TABLE numbered; DROP TABLE targets")


_NUMBERED = """
    CREATE TEMP TABLE numbered AS SELECT name, row_number() OVER () - 1 AS id FROM (
        SELECT domain AS name FROM spf_trust UNION SELECT name FROM spf_grants
        UNION SELECT reached FROM spf_reach);
    CREATE TEMP TABLE targets AS SELECT target, row_number() OVER () - 1 AS id
        FROM (SELECT DISTINCT target FROM spf_reach)
"""
_COUNTS = "SELECT (SELECT count(*) FROM numbered), (SELECT count(*) FROM targets)"
_SEEDS = """
    SELECT id, rank FROM spf_trust JOIN numbered ON domain = name WHERE ipv{version} > 0
"""
_DIRECT = """
    SELECT numbered.id, targets.id FROM spf_links JOIN numbered USING (name)
    JOIN targets USING (target) WHERE seed AND trusted
"""
_REACH = """
    SELECT targets.id, numbered.id FROM spf_reach JOIN targets USING (target)
    JOIN numbered ON reached = name
"""
_GRANTS = """
    SELECT id, first, last FROM spf_grants JOIN numbered USING (name)
    WHERE version = {version} AND prefix >= {largest}
"""
_BEYOND = """
    SELECT count(DISTINCT domain) FROM spf_trust
    WHERE domain IN (SELECT name FROM spf_grants WHERE version = {version} AND prefix < {largest})
    OR domain IN (SELECT spf_links.name FROM spf_links JOIN spf_reach USING (target)
        JOIN spf_grants ON reached = spf_grants.name
        WHERE seed AND trusted AND version = {version} AND prefix < {largest})
"""


def _space(grants: pa.Table, family: Family) -> Space:
    first, last = (_leading(grants[name], family.version) for name in ("first", "last"))
    starts, ends = family.numbers(first, last)
    kept = starts < ends
    return Space(_ints(grants, "id")[kept], starts[kept], ends[kept]).merged()


def _leading(addresses: pa.ChunkedArray, version: int) -> Ints:
    """The number that the leading bytes of each address make."""
    packed = addresses.cast(pa.binary(16)).combine_chunks()
    octets = np.frombuffer(packed.buffers()[1], np.uint8, len(packed) * 16).reshape(-1, 16)
    number = np.zeros(len(packed), np.int64)
    for place in _BYTES[version]:
        number = number << 8 | octets[:, place]
    return number


def _table(census: Census, query: str) -> pa.Table:
    return census.rows(query)


def _rows(census: Census, query: str) -> Sequence[tuple[int, ...]]:
    return census.connection.execute(query).fetchall()


def _pairs(census: Census, query: str) -> tuple[Ints, Ints]:
    rows = census.connection.execute(query).fetchnumpy()
    left, right = rows.values()
    return left.astype(np.int64), right.astype(np.int64)


def _ints(table: pa.Table, column: str) -> Ints:
    return np.asarray(table[column].to_numpy(zero_copy_only=False)).astype(np.int64)
