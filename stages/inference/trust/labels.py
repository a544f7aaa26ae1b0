"""What trust is counted by (spf_shares): values of each dimension, numbered together."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.spf_shares import EVERYWHERE, SpfDimension
from stages.inference.trust.sets import Ints, Sets
from stages.inference.trust.targets import Targets


class Labels(NamedTuple):
    """All labels of a run, a row a label; a label is a value of a dimension."""

    listed: pa.Table
    """dimension, value, name: as in spf_shares."""
    places: Sets
    """Of each row of an atlas's origins, its AS, country and special-purpose range."""
    rented: Sets
    """Of each row of an atlas's origins, its cloud, region and service."""
    targets: Sets
    """Of each target of include or redirect, its registered domain and company."""
    everywhere: Ints
    """Those of networks that are too large to be anybody's."""

    @classmethod
    def of(cls, origins: pa.Table, targets: Targets) -> "Labels":
        """The labels of origins and of the names that includes and redirects lead to."""
        number = _Numbering()
        system = pc.binary_join_element_wise("AS", origins["asn"].cast(pa.string()), "")
        cloud = origins["cloud_provider"]
        region, service = (
            pc.binary_join_element_wise(cloud, origins[column], " ")
            for column in ("cloud_region", "cloud_service")
        )
        company = targets.company
        domain = pc.coalesce(targets.domains, targets.names)
        places = [
            number(SpfDimension.AS, system, origins["as_name"]),
            number(SpfDimension.COUNTRY, origins["country"]),
            number(SpfDimension.RESERVED, origins["reserved"]),
        ]
        rented = [
            number(SpfDimension.CLOUD, cloud),
            number(SpfDimension.CLOUD_REGION, region),
            number(SpfDimension.CLOUD_SERVICE, service),
        ]
        named = [
            number(SpfDimension.INCLUDE_DOMAIN, domain, company),
            number(SpfDimension.COMPANY, company),
        ]
        everywhere = [
            number(dimension, pa.array([EVERYWHERE]))
            for dimension in (SpfDimension.AS, SpfDimension.COUNTRY, SpfDimension.RESERVED)
        ]
        return cls(
            pa.concat_tables(number.parts),
            Sets.united(places),
            Sets.united(rented),
            Sets.united(named),
            Sets.united(everywhere).members,
        )


class _Numbering:
    """Numbers the values of one dimension after the other."""

    def __init__(self) -> None:
        self.parts: list[pa.Table] = []
        self._used = 0

    def __call__(
        self,
        dimension: SpfDimension,
        values: pa.Array | pa.ChunkedArray,
        names: pa.Array | pa.ChunkedArray | None = None,
    ) -> Sets:
        """Of each row the label of its value, none for null; the name is that of any row."""
        encoded = pa.chunked_array([values]) if isinstance(values, pa.Array) else values
        found = encoded.combine_chunks().dictionary_encode()
        size, rows = len(found.dictionary), np.flatnonzero(found.is_valid())
        codes = found.indices.drop_null().to_numpy(zero_copy_only=False).astype(np.int64)
        called = pa.nulls(size, pa.string())
        if names is not None:
            _, first = np.unique(codes, return_index=True)
            called = names.take(pa.array(rows[first]))
        columns = [pa.array([str(dimension)] * size, pa.string()), found.dictionary, called]
        self.parts.append(pa.table(columns, names=["dimension", "value", "name"]))
        self._used += size
        return Sets.of(rows, codes + self._used - size, len(found))
