"""What trust is counted by (spf_shares): values of each dimension, numbered together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from certs.registered import registered_domain
from schemas.spf_shares import EVERYWHERE, SpfDimension
from stages.inference.providers.companies import CompanyMap
from stages.inference.trust.sets import Ints, Sets

OF_CLOUD = (SpfDimension.CLOUD, SpfDimension.CLOUD_REGION, SpfDimension.CLOUD_SERVICE)
OF_PLACE = (SpfDimension.AS, SpfDimension.COUNTRY, SpfDimension.RESERVED)


class Label(NamedTuple):
    """A value of a dimension."""

    dimension: SpfDimension
    value: str


class Labels(NamedTuple):
    """All labels of a run by number, and what has them."""

    listed: tuple[Label, ...]
    names: tuple[str | None, ...]
    """The column ``name`` of each."""
    places: Sets
    """Of each row of an atlas's origins, those of `OF_PLACE`."""
    rented: Sets
    """Of each row of an atlas's origins, those of `OF_CLOUD`."""
    targets: Sets
    """Of each target of include or redirect."""
    everywhere: Ints
    """Those of networks that are too large to be anybody's."""

    @classmethod
    def of(cls, origins: pa.Table, targets: Sequence[str], companies: CompanyMap) -> "Labels":
        """The labels of origins and of the names that includes and redirects lead to."""
        numbers: dict[Label, int] = {}
        names: dict[Label, str | None] = {}

        def sets(rows: Iterable[Iterable[tuple[Label, str | None]]]) -> Sets:
            owners, members, count = [], [], 0
            for count, row in enumerate(rows, 1):
                for label, name in row:
                    owners.append(count - 1)
                    members.append(numbers.setdefault(label, len(numbers)))
                    names[label] = names.get(label) or name
            return Sets.of(np.array(owners, np.int64), np.array(members, np.int64), count)

        rows = origins.to_pylist()
        places = sets(map(_of_place, rows))
        rented = sets(map(_of_cloud, rows))
        named = sets(_of_target(target, companies) for target in targets)
        everywhere = sets([[(Label(each, EVERYWHERE), None) for each in OF_PLACE]]).members
        return cls(tuple(numbers), tuple(names.values()), places, rented, named, everywhere)


def _of_place(row: dict[str, object]) -> Iterable[tuple[Label, str | None]]:
    if row["asn"] is not None:
        yield Label(SpfDimension.AS, f"AS{row['asn']}"), _text(row["as_name"])
    for dimension in (SpfDimension.COUNTRY, SpfDimension.RESERVED):
        if value := _text(row[dimension]):
            yield Label(dimension, value), None


def _of_cloud(row: dict[str, object]) -> Iterable[tuple[Label, str | None]]:
    if provider := _text(row["cloud_provider"]):
        yield Label(SpfDimension.CLOUD, provider), None
        for dimension in OF_CLOUD[1:]:
            if value := _text(row[dimension]):
                yield Label(dimension, f"{provider} {value}"), None


def _of_target(target: str, companies: CompanyMap) -> Iterable[tuple[Label, str | None]]:
    company = companies.of_spf(target)
    owner = company.name if company else None
    yield Label(SpfDimension.INCLUDE_DOMAIN, registered_domain(target) or target), owner
    if owner:
        yield Label(SpfDimension.COMPANY, owner), None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
