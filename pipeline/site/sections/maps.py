"""The maps of the address space, to zoom into and to point at."""

import base64
import json
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.site.census import Census
from pipeline.site.exhibit import Exhibit, Filled, Page
from pipeline.site.heatmap import NEEDS, Heat, heat, landmarks
from schemas.aggregates import ALL_RANKS, CUTS
from stages.inference.trust.ground import LARGEST
from stages.maps.blocks import IPV4, IPV6, Family
from stages.maps.picture import palette

_NETWORKS = 4_000
"""Networks that a map can name, the most trusted ones."""


@dataclass(frozen=True)
class HeatMap:
    """Both families, for every rank cut that the run has."""

    id: str
    title: str

    def fill(self, census: Census) -> Filled:
        """The maps' data as a script, which a page from disk may load."""
        values: dict[str, object] = {"part": self}
        if lacking := census.lacking(NEEDS):
            return Filled("empty.html", {**values, "why": lacking})
        found = [heat(census, family) for family in (IPV4, IPV6)]
        data = {
            "run": census.run.id,
            "palette": palette(),
            "families": [_family(census, each) for each in found],
        }
        script = f"window.mapData = {json.dumps(data, separators=(',', ':'))};\n"
        values["beyond"] = found[0].beyond
        values["scripts"] = ("data/map.js", "assets/curve.js", "assets/map.js")
        return Filled("map.html", values, {"data/map.js": script.encode()})


def _family(census: Census, found: Heat) -> dict[str, object]:
    family = found.family
    return {
        "version": family.version,
        "prefix": family.prefix,
        "tiles": [] if family is IPV4 else [mark.prefix for mark in landmarks(family)],
        "cuts": [
            {"name": name, "runs": packed(found.counts(rank))}
            for name, rank in _cuts(found).items()
        ],
        "marks": [
            (*family.span_of(mark.prefix), mark.prefix, mark.name) for mark in landmarks(family)
        ],
        "networks": [
            (*family.span_of(network), network, domains, direct)
            for network, domains, direct in _networks(census, family)
        ],
    }


def _cuts(found: Heat) -> dict[str, int | None]:
    """All domains, then those cuts that hold some and not all of them."""
    named: dict[str, int | None] = {"all domains": None}
    for cut in reversed(CUTS):
        if cut != ALL_RANKS and 0 < np.count_nonzero(found.ranks <= cut) < len(found.ranks):
            named[f"the first {cut:,}"] = cut
    return named


def _networks(census: Census, family: Family) -> list[tuple[str, int, int]]:
    query = f"""
        SELECT network, domains, direct FROM spf_networks
        WHERE seed_list = '*' AND rank_cut = 0 AND version = {family.version}
            AND prefix >= {LARGEST[family.version]}
        ORDER BY domains DESC, network LIMIT {_NETWORKS}
    """
    return census.connection.execute(query).fetchall()


def packed(counts: NDArray[np.int32]) -> str:
    """Counts by block as text: where they change (from the change before) and to what.

    Pairs of LEB128 numbers, deflated (zlib), base64.
    """
    places = np.flatnonzero(np.diff(counts, prepend=0))
    gaps = np.diff(places, prepend=0)
    pairs = np.stack([gaps, counts[places]], axis=1).astype(np.int64).ravel()
    return base64.b64encode(zlib.compress(_leb128(pairs), 9)).decode()


def _leb128(numbers: NDArray[np.int64]) -> bytes:
    """Seven bits a byte, the least first; all but the last byte of a number have the top bit."""
    septets = numbers[:, None] >> np.arange(0, 35, 7)
    more = septets > 0x7F  # noqa: PLR2004 - what seven bits hold
    kept = np.ones(septets.shape, np.bool_)
    kept[:, 1:] = np.logical_and.accumulate(more[:, :-1], axis=1)
    octets = (septets & 0x7F) | (more << 7)
    return bytes(octets[kept].astype(np.uint8))


_WIDEST = Exhibit(
    "widest-networks",
    "The widest networks",
    "Networks of /8 and wider that at least two domains trust, and how many do.",
    ("spf_networks",),
    """
    SELECT network, domains, direct, through FROM spf_networks
    WHERE seed_list = '*' AND rank_cut = 0 AND version = 4 AND prefix <= 8
    ORDER BY prefix, domains DESC, network
    """,
)

PAGE = Page(
    "map",
    "Map",
    "The whole address space on one square: how many domains let each network send mail for them.",
    (HeatMap("map", "Trusted address space"), _WIDEST),
)
