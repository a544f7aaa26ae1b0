import hashlib
from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.domains import DOMAINS
from stages.seeds.collect import SCHEMA, collect
from stages.seeds.entry import Reason, Reject, Seed, SeedError


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])


def _nothing(_: Reject) -> None:
    pass


def test_best_rank_of_each_list_is_kept() -> None:
    rejects: list[Reject] = []
    entries: list[Seed | Reject] = [
        Seed("b.example", "tranco", 9),
        Seed("b.example", "umbrella", 4),
        Reject("umbrella", 7, Reason.ADDRESS, "192.0.2.1"),
        Seed("a.example", "plain", None),
        Seed("b.example", "tranco", 2),
        Reject("umbrella", 8, Reason.ADDRESS, "192.0.2.2"),
        Seed("b.example", "tranco", None),
        Seed("a.example", "plain", None),
        Reject("umbrella", 9, Reason.BAD_RANK, "x,c.example"),
    ]
    seeds = collect(entries, key_hash=_hash, reject=rejects.append)
    by_domain = {row["domain"]: row["seeds"] for row in seeds.table.to_pylist()}
    assert by_domain == {
        "a.example": [{"list": "plain", "rank": None}],
        "b.example": [{"list": "tranco", "rank": 2}, {"list": "umbrella", "rank": 4}],
    }
    assert rejects == [entry for entry in entries if isinstance(entry, Reject)]
    assert seeds.tally == (9, 6, 2, {Reason.ADDRESS: 2, Reason.BAD_RANK: 1})


def test_columns_are_those_of_the_domains_table() -> None:
    table = collect([Seed("a.example", "x", 1)], key_hash=_hash, reject=_nothing).table
    assert table.schema.equals(SCHEMA, check_metadata=True)
    for field in table.schema:
        assert field.equals(DOMAINS.schema.field(field.name), check_metadata=True)


@pytest.mark.parametrize("entries", [[], [Reject("x", 1, Reason.NOT_A_NAME, "?")]])
def test_no_domain_at_all(entries: list[Seed | Reject]) -> None:
    with pytest.raises(SeedError, match="no domain"):
        collect(entries, key_hash=_hash, reject=_nothing)


_SEEDS = st.builds(
    Seed,
    st.sampled_from([f"{letter}.example" for letter in "abcdefgh"]),
    st.sampled_from(["x", "y", "z"]),
    st.none() | st.integers(1, 2**62),
)


@given(st.lists(_SEEDS, min_size=1), st.integers(1, 2**64))
def test_agrees_with_a_dictionary_whatever_the_hash(seeds: list[Seed], modulus: int) -> None:
    best: dict[str, dict[str, int | None]] = defaultdict(dict)
    for domain, name, rank in seeds:
        ranks = [value for value in (rank, best[domain].get(name)) if value is not None]
        best[domain][name] = min(ranks, default=None)

    def key_hash(key: str) -> int:  # a small modulus brings collisions
        return _hash(key) % modulus

    table = collect(seeds, key_hash=key_hash, reject=_nothing).table
    table.validate(full=True)
    rows = [(row["domain"], row["seeds"]) for row in table.to_pylist()]
    assert rows == [
        (domain, [{"list": name, "rank": best[domain][name]} for name in sorted(best[domain])])
        for domain in sorted(best, key=lambda domain: (key_hash(domain), domain))
    ]


def test_more_seeds_than_a_chunk() -> None:
    count = 150_000
    entries = (Seed(f"{i % 100_000}.example", "x", count - i) for i in range(count))
    seeds = collect(entries, key_hash=_hash, reject=_nothing)
    assert seeds.tally.distinct == 100_000
    row = next(row for row in seeds.table.to_pylist() if row["domain"] == "7.example")
    assert row["seeds"] == [{"list": "x", "rank": count - 100_007}]
    domains: pa.ChunkedArray = seeds.table["domain"]
    hashes = [_hash(domain) for domain in domains.to_pylist()]
    assert hashes == sorted(hashes)
