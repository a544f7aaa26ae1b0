"""Who has which part of the address space, by all tables of a run laid over each other.

What is said of a stretch is what `EnrichStage` says of an address in it: the AS number by the ASN
table, by the MMDB without one; AS name and country by the MMDB.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from stages.enrich.cloud import CloudTable
from stages.enrich.layer import NONE, Ints, Layer, Layers, overlaid
from stages.enrich.special import special_layers
from stages.enrich.tables import AsnTable, OwnerTable

ORIGINS = pa.schema(
    [
        ("asn", pa.int64()),
        ("as_name", pa.string()),
        ("country", pa.string()),
        ("cloud_provider", pa.string()),
        ("cloud_region", pa.string()),
        ("cloud_service", pa.string()),
        ("reserved", pa.string()),
    ]
)
"""What is said of a stretch; as the columns of the table addresses, null where nothing is."""
_BLANK: Layers = {version: Layer.blank(version) for version in (4, 6)}
T = TypeVar("T", bound=Hashable)


class Atlas(NamedTuple):
    """Stretches in which no table changes, and what they say there."""

    layers: Layers
    """Their codes are rows of ``origins``; none is `NONE`."""
    origins: pa.Table
    """Distinct rows of `ORIGINS`."""

    @classmethod
    def of(
        cls, asn: AsnTable | None, owner: OwnerTable | None, cloud: CloudTable | None
    ) -> "Atlas":
        """The atlas of some tables; what a missing one would say is null."""
        owned, owners = owner.layers() if owner else (_BLANK, ())
        rented, clouds = cloud.layers() if cloud else (_BLANK, ())
        special, names = special_layers()
        countries, seats = numbered(each.country for each in owners)
        if asn:
            originated, systems = asn.layers()
        else:
            systems, codes = numbered(each.asn for each in owners)
            originated = _recoded(owned, codes)
        called = {each.asn: each.as_name for each in reversed(owners)}
        parts = (
            _Part(originated, (systems, [called.get(number) for number in systems])),
            _Part(_recoded(owned, seats), (countries,)),
            _Part(rented, tuple(zip(*clouds, strict=True)) if clouds else ([], [], [])),
            _Part(special, (names,)),
        )
        return cls(*_laid_over(parts))


def _recoded(layers: Layers, codes: Ints) -> Layers:
    return {version: layer.recoded(codes) for version, layer in layers.items()}


class _Part(NamedTuple):
    """What one table says."""

    layers: Layers
    columns: Sequence[Sequence[object]]
    """By code, of each column of the table."""


def _laid_over(parts: Sequence[_Part]) -> tuple[Layers, pa.Table]:
    over = {version: overlaid([part.layers[version] for part in parts]) for version in _BLANK}
    sizes = [len(part.columns[0]) + 1 for part in parts]  # and one for `NONE`
    keys = [
        np.ravel_multi_index([each - NONE for each in codes], sizes) for _, codes in over.values()
    ]
    known, places = np.unique(np.concatenate(keys), return_inverse=True)
    cut = np.split(places.astype(np.int64), [len(keys[0])])
    layers = {
        version: Layer(starts, codes).compressed()
        for (version, (starts, _)), codes in zip(over.items(), cut, strict=True)
    }
    found = np.unravel_index(known, sizes)
    values = [
        (column, codes) for part, codes in zip(parts, found, strict=True) for column in part.columns
    ]
    arrays = [
        pa.array([None, *column], field.type).take(pa.array(codes))
        for field, (column, codes) in zip(ORIGINS, values, strict=True)
    ]
    return layers, pa.table(arrays, schema=ORIGINS)


def numbered(values: Iterable[T | None]) -> tuple[list[T], Ints]:
    """The distinct values in the order they come, and the number of each; `NONE` for None."""
    places: dict[T, int] = {}
    codes = [NONE if v is None else places.setdefault(v, len(places)) for v in values]
    return list(places), np.array(codes, np.int64)
