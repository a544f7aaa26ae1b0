"""What a window keeps of its runs."""

import numpy as np
import pyarrow as pa

from schemas.snowshoe import FEATURES
from stages.inference.snowshoe.tail import COUNTS, Cutoff, Limits, Tail
from stages.inference.snowshoe.window import earliest, gather
from tests.stages.inference.snowshoe.fabric import fabric, night, nights

TAIL = Tail(Limits(), tuple(Cutoff(name, 5.0, 100, 1) for name in COUNTS))


def run(**terms: int | None) -> pa.Table:
    """Domains and how many SPF terms each has."""
    rows = night(fabric(ordinary=len(terms), letters=0, campaigns=1), 0).slice(0, len(terms))
    columns = {"domain": list(terms), "registered_domain": list(terms), "spf_terms": terms.values()}
    columns |= {name: [1] * len(terms) for name in FEATURES if name != "spf_terms"}
    for name, values in columns.items():
        at = rows.schema.get_field_index(name)
        array = pa.array(list(values), rows.schema.field(name).type)
        rows = rows.set_column(at, rows.schema.field(name), array)
    return rows


WINDOW = gather(
    [
        (10, run(a=9, b=1, c=9, d=None)),
        (11, run(a=9, b=7, c=8, d=2)),
        (12, run(b=7, c=1, e=6)),
        (13, run(a=9, c=8, e=6, f=1)),
    ],
    TAIL,
)


def test_candidates_are_seen_again_when_they_look_otherwise() -> None:
    seen = WINDOW.sightings.select(["domain", "day", "spf_terms"]).to_pydict()
    assert list(zip(*seen.values(), strict=True)) == [
        ("a", 10, 9), ("c", 10, 9), ("b", 11, 7), ("c", 11, 8), ("e", 12, 6), ("a", 13, 9),
        ("c", 13, 8),
    ]  # fmt: skip
    first = WINDOW.sightings["domain"].take(pa.array(WINDOW.first_sightings())).to_pylist()
    assert first == ["a", "c", "b", "e"]


def test_the_order_of_rows_does_not_matter() -> None:
    of = fabric()
    turned = ((day, rows.take(np.arange(rows.num_rows)[::-1])) for day, rows in nights(of, 0, 9))
    assert gather(turned, TAIL).sightings.equals(gather(nights(of, 0, 9), TAIL).sightings)


def test_every_domain_is_there_once_as_a_candidate_if_ever() -> None:
    rows = WINDOW.domains.select(["domain", "day", "beyond", "candidate"]).to_pydict()
    assert sorted(zip(*rows.values(), strict=True)) == [
        ("a", 10, 1, True), ("b", 11, 1, True), ("c", 10, 1, True), ("d", 10, 0, False),
        ("e", 12, 1, True), ("f", 13, 0, False),
    ]  # fmt: skip


def test_the_earliest_day_that_is_flagged() -> None:
    flagged = np.array([d != "c" or day > 10 for d, day in _keys()])
    names = pa.chunked_array([["f", "c", "a", "e"]])
    found = earliest(WINDOW.sightings, flagged & np.array([d != "e" for d, _ in _keys()]), names)
    assert np.nan_to_num(found, nan=-1).tolist() == [-1, 11, 10, -1]


def _keys() -> list[tuple[str, int]]:
    seen = WINDOW.sightings.select(["domain", "day"]).to_pydict()
    return list(zip(*seen.values(), strict=True))


def test_a_longer_window_of_the_fabric_repeats_nobody() -> None:
    of = fabric()
    window = gather(nights(of, 0, 29), TAIL)
    assert sorted(window.domains["domain"].to_pylist()) == sorted(of.names)
    sightings = window.sightings["domain"].to_pylist()
    assert len(sightings) == len(set(sightings)) > 50
