"""Siblings are connected, and never straddle a split."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stages.inference.snowshoe.campaigns import ALWAYS, LEAST, LINKS, campaigns, folds, links
from stages.inference.snowshoe.labels import NEVER
from tests.stages.inference.snowshoe.fabric import fabric, night

KEYS = (*ALWAYS, *LINKS)


def table(rows: list[tuple[str | None, ...]]) -> pa.Table:
    """Rows of `KEYS`."""
    columns = zip(*rows, strict=True)
    return pa.table({k: pa.array(c, pa.string()) for k, c in zip(KEYS, columns, strict=True)})


def test_campaigns_by_hand() -> None:
    found = campaigns(
        table(
            [
                ("a", "a", "ns1", None, None),
                ("b", "b", "ns1", "spf1", None),
                ("c", "c", None, "spf1", "10.0.0.0/24"),
                ("d", "d", None, None, "10.0.0.0/24"),  # by c and b with a
                ("e", "e", "ns2", None, None),
                ("x.f", "f", None, None, None),
                ("y.f", "f", None, None, None),
                ("spf1", "spf1", None, None, None),  # a name is no hash of an SPF record
                ("a", "a", "ns3", None, None),  # a again, later, elsewhere
            ]
        )
    )
    assert found.tolist() == [0, 0, 0, 0, 1, 2, 2, 3, 0]


def test_what_very_many_share_connects_nothing() -> None:
    columns = {name: ["a", "b"] for name in ALWAYS} | {name: ["x", "x"] for name in LINKS}
    counts = {neighbours: [LEAST, LEAST + 1] for neighbours in LINKS.values()}
    found = links(pa.table(columns | counts))
    assert found["ns_group"].to_pylist() == ["x", None]
    assert campaigns(found).tolist() == [0, 1]


keys = st.none() | st.sampled_from("pqrstuvw")
rows = st.lists(st.tuples(st.sampled_from("abcdefghijkl"), keys, keys, keys, keys), min_size=1)


@given(rows, st.data(), st.integers(1, 4))
def test_siblings_never_straddle(
    of: list[tuple[str | None, ...]], data: st.DataObject, k: int
) -> None:
    found = campaigns(table(of))
    listed = np.array(data.draw(st.lists(st.booleans(), min_size=len(of), max_size=len(of))))
    fold = folds(found, listed, k)
    assert set(fold.tolist()) <= set(range(k))
    for i, one in enumerate(of):
        for j, other in enumerate(of):
            if any(a is not None and a == b for a, b in zip(one, other, strict=True)):
                assert found[i] == found[j]
                assert fold[i] == fold[j]


def test_listed_campaigns_are_dealt_evenly() -> None:
    groups = np.repeat(np.arange(30), 4)
    listed = groups < 9
    fold = folds(groups, listed, 3)
    assert np.bincount(fold[listed]).tolist() == [12, 12, 12]
    assert np.bincount(fold).tolist() == [40, 40, 40]


def test_campaigns_of_the_fabric_are_found_whole() -> None:
    of = fabric()
    rows = night(of, 29)
    found = campaigns(links(rows))
    own = of.campaign[[of.names.index(name) for name in rows["domain"].to_pylist()]]
    for each in range(own.max() + 1):
        assert len(set(found[own == each])) == 1
    assert found.max() < NEVER
