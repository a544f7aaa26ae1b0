import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.seeds.entry import Entry, Reason, Reject
from stages.seeds.layout import LINE_MAX, entries


def _read(text: str | bytes) -> list[tuple[int, str, int | None] | tuple[int, Reason]]:
    raw = text.encode() if isinstance(text, str) else text
    return [
        (entry.line, entry.name, entry.rank)
        if isinstance(entry, Entry)
        else (entry.line, entry.reason)
        for entry in entries("list", raw.splitlines(keepends=True))
    ]


def test_plain_list() -> None:
    text = "\ufeff# a list\r\n\r\nexample.com\r\n  b.example  # why\n#c.example\nd.example"
    assert _read(text) == [(3, "example.com", None), (4, "b.example", None), (6, "d.example", None)]


def test_rank_first_as_tranco_and_umbrella() -> None:
    assert _read("1,google.com\r\n2,netflix.com\r\n") == [
        (1, "google.com", 1),
        (2, "netflix.com", 2),
    ]


def test_majestic() -> None:
    text = (
        "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs,IDN_Domain,IDN_TLD,PrevGlobalRank\n"
        "7,6,instagram.com,com,438,2543,instagram.com,com,6\n"
    )
    assert _read(text) == [(2, "instagram.com", 7)]


@pytest.mark.parametrize("header", ["origin,popularity\n", "Origin;Rank\n", ""])
def test_origins(header: str) -> None:
    text = header + "https://www.example.com,1000\nhttp://b.example:8080/,5000\n"
    first = bool(header) + 1
    assert _read(text.replace(",", ";") if ";" in header else text) == [
        (first, "www.example.com", 1000),
        (first + 1, "b.example", 5000),
    ]


def test_header_of_a_plain_list_is_no_entry() -> None:
    assert _read("domain\nexample.com\n") == [(2, "example.com", None)]


def test_header_names_columns_in_any_order() -> None:
    assert _read('"name"\t"note"\t"rank"\n"a.example"\t"x"\t3\nb.example\n') == [
        (2, "a.example", 3),
        (3, "b.example", None),
    ]


def test_bad_lines_lose_nothing_else() -> None:
    raw = (
        b"1,a.example\n"
        b"zero,b.example\n"
        b"0,c.example\n"
        b"-1,d.example\n"
        b"1e3,e.example\n"
        b"99999999999999999999,f.example\n"
        b",g.example\n"
        b"\xff\xfe,h.example\n"
        b"8\n" + b"9," + b"x" * LINE_MAX + b"\n"
        b"10,i.example\n"
    )
    assert _read(raw) == [
        (1, "a.example", 1),
        (2, Reason.BAD_RANK),
        (3, Reason.BAD_RANK),
        (4, Reason.BAD_RANK),
        (5, Reason.BAD_RANK),
        (6, Reason.BAD_RANK),
        (7, "g.example", None),
        (8, Reason.NOT_UTF8),
        (9, "", 8),  # no name: rejected when the name is read
        (10, Reason.TOO_LONG),
        (11, "i.example", 10),
    ]


def test_reject_shows_its_line_cut() -> None:
    (reject,) = entries("top", [b"\xe4" * 300])
    assert isinstance(reject, Reject)
    assert reject == Reject("top", 1, Reason.NOT_UTF8, ("\\xe4" * 300)[:200])


@given(st.lists(st.one_of(st.binary(), st.sampled_from([b"1,a.com", b"domain,rank", b"#", b","]))))
def test_any_lines_give_entries_in_order(lines: list[bytes]) -> None:
    found = list(entries("list", lines))
    numbers = [entry.line for entry in found]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= len(lines) for number in numbers)
