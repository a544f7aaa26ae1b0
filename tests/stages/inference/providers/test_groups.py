import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stages.inference.providers.groups import certificate_groups


def groups(rows: list[tuple[str, str]], popularity: dict[str, int] | None = None) -> dict[str, str]:
    columns = [[int(row[0]) for row in rows], [row[1] for row in rows]]
    names = pa.table(
        [pa.array(columns[0], pa.int64()), pa.array(columns[1], pa.string())],
        names=["certificate_id", "fqdn"],
    )
    known = popularity or {}
    counts = pa.table(
        [pa.array(known.keys(), pa.string()), pa.array(known.values(), pa.int64())],
        names=["registered_domain", "domains"],
    )
    registered = {name: ".".join(name.split(".")[-2:]) for _, name in rows}
    found = certificate_groups(names, registered, counts)
    ids = map(str, found["certificate_id"].to_pylist())
    return dict(zip(ids, found["group"].to_pylist(), strict=True))


def test_no_certificates_no_groups() -> None:
    assert groups([]) == {}


def test_names_of_one_certificate_belong_together() -> None:
    rows = [("1", "a.one.com"), ("1", "a.two.com"), ("2", "a.two.com"), ("2", "a.three.com")]
    assert groups(rows) == {"1": "one.com", "2": "one.com"}


def test_the_most_popular_registered_domain_gives_the_name() -> None:
    rows = [("1", "a.one.com"), ("1", "b.two.com"), ("1", "a.two.com")]
    assert groups(rows, {"two.com": 2, "one.com": 1}) == {"1": "two.com"}
    assert groups(rows, {"two.com": 2, "one.com": 2}) == {"1": "one.com"}


def test_a_registered_domain_in_common_does_not_merge() -> None:
    rows = [("1", "a.one.com"), ("1", "a.aaa.com"), ("2", "b.one.com"), ("2", "b.zzz.com")]
    assert groups(rows) == {"1": "aaa.com", "2": "one.com"}


def test_a_wildcard_is_a_name_of_its_own() -> None:
    rows = [("1", "*.one.com"), ("1", "mx.aaa.com"), ("2", "mx.one.com"), ("3", "*.one.com")]
    assert groups(rows, {"aaa.com": 1}) == {"1": "aaa.com", "2": "one.com", "3": "aaa.com"}


def test_chains_of_any_length_are_one_group() -> None:
    rows = [(str(i), f"mx{j}.x{j:06}.com") for i in range(20_000) for j in (i, i + 1)]
    assert set(groups(rows).values()) == {"x000000.com"}


ROW = st.tuples(
    st.sampled_from("123456"), st.sampled_from(["a.a.com", "b.b.com", "*.b.com", "c.c.com"])
)


@given(
    st.lists(ROW, unique=True).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_groups_do_not_depend_on_the_order(both: tuple[list[tuple[str, str]], ...]) -> None:
    rows, shuffled = both
    popularity = {"b.com": 1}
    assert groups(rows, popularity) == groups(shuffled, popularity)
