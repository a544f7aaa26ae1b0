"""spf_trust against a plain reference, against check_host(), and by cases."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pyarrow as pa
import pytest

from schemas.outcomes import Outcome
from schemas.spf import SpfError
from schemas.spf_trust import SPF_TRUST, SpfClass
from stages.inference.providers.companies import bundled_companies
from stages.inference.trust.inference import infer
from stages.spf.evaluation.check import check_host, evaluate
from tests.stages.inference.trust.reference import Reference
from tests.stages.inference.trust.zone import Town, Zone

Row = dict[str, Any]
V4, V6 = (int(ip_address(text)) for text in ("10.0.0.0", "2001:db8::"))


def trust(zone: Zone) -> dict[str, Row]:
    """Rows by domain."""
    made = dict(infer(zone.census(), bundled_companies()))
    table = made["spf_trust"]
    assert table.schema == SPF_TRUST.schema
    assert table.column("domain").to_pylist() == sorted(zone.seeds)
    return {row["domain"]: row for row in pa.Table.to_pylist(table)}


@pytest.fixture(scope="module")
def town() -> tuple[Zone, dict[str, Row]]:
    zone = Town(seed=5, zones=250).zone
    return zone, trust(zone)


def number(found: set[int | str], whole: int) -> int:
    return whole if "all" in found else len(found)


def test_space_is_that_of_the_reference(town: tuple[Zone, dict[str, Row]]) -> None:
    zone, rows = town
    reference = Reference(zone)
    kinds: dict[str, Callable[[str, int], set[int | str]]] = {
        "": reference.passing,
        "_literal": lambda name, version: reference.literal(name, version, "+"),
        "_inherited": reference.inherited,
        "_soft": reference.soft,
    }
    met = set()
    for domain, row in rows.items():
        for version, whole in ((4, 2**32), (6, 10**38 - 1)):
            for kind, of in kinds.items():
                expected = number(of(domain, version), whole)
                assert row[f"ipv{version}{kind}"] == expected, (domain, version, kind)
                met.add((version, kind, expected > 0, expected == whole))
    assert len(met) == 2 * 4 * 3, "each kind must be met empty, filled and whole"


def test_counts_are_those_of_the_reference(town: tuple[Zone, dict[str, Row]]) -> None:
    zone, rows = town
    reference = Reference(zone)
    for domain, row in rows.items():
        assert row["lookups"] == reference.lookups(domain), domain
        assert row["names"] == len(reference.reach(domain, trusted=False) - {domain}), domain
        for version in (4, 6):
            voids = reference.voids(domain, version)
            assert voids is None or row[f"voids_ipv{version}"] == voids, domain
    lookups = {row["lookups"] for row in rows.values()}
    assert 1000 in lookups
    assert {0, 1, 5, 10} <= lookups


def test_what_passes_is_what_check_host_lets_pass(town: tuple[Zone, dict[str, Row]]) -> None:
    zone, rows = town
    reference = Reference(zone)
    passed = 0
    for domain, row in rows.items():
        if row["verdict"] != "valid" or row["has_exceptions"] or row["needs_context"]:
            continue
        if max(row["voids_ipv4"], row["voids_ipv6"]) > 2:
            continue
        for version, base in ((4, V4), (6, V6)):
            space = reference.passing(domain, version)
            for offset in range(0, 18, 3):
                ip = ip_address(base + offset)
                check = check_host(ip, domain, f"x@{domain}", domain)
                expected = "all" in space or base + offset in space
                assert (evaluate(check, zone).result == "pass") == expected, (domain, ip)
                passed += expected
    assert passed > 200


def test_valid_is_what_check_host_never_finds_wrong(town: tuple[Zone, dict[str, Row]]) -> None:
    """And none is none. A client that nothing matches sees every term."""
    zone, rows = town
    met = set()
    for domain, row in rows.items():
        results = set()
        for client in ("192.0.2.1", "2001:db8:1::1"):
            check = check_host(ip_address(client), domain, f"x@{domain}", domain)
            results.add(str(evaluate(check, zone).result))
        met.add(row["verdict"])
        if row["verdict"] == "none":
            assert results == {"none"}, domain
        elif row["verdict"] == "valid" and not row["needs_context"]:
            only_ipv6 = row["voids_ipv6"] > 2
            assert not results & {"none", "temperror"}, domain
            assert "permerror" not in results or only_ipv6, domain
    assert met == {"none", "valid", "permerror", "temperror"}


def small(**records: str) -> Zone:
    """Names below example with a record each; d is the seed."""
    zone = Zone(seeds=["d.example"])
    for name, record in records.items():
        zone.txt[f"{name}.example"] = [record.encode()]
    return zone


def findings(row: Row) -> list[tuple[str, str, str]]:
    return [tuple(found.values()) for found in row["findings"]]


def test_words_of_syntax_errors_are_classes() -> None:
    assert {str(error) for error in SpfError} <= {str(each) for each in SpfClass}
    assert {each.severity for each in SpfClass} == {
        "error", "temporary", "unknown", "warning", "note",
    }  # fmt: skip


CASES: dict[str, tuple[dict[str, str], str, list[tuple[str, str, str]]]] = {
    "nothing passes": ({"d": "v=spf1 -all"}, "valid", []),
    "no all": ({"d": "v=spf1 ip4:192.0.2.1"}, "valid", [("no_all", "d", "")]),
    "unknown modifiers that are called like mechanisms": (
        {"d": "v=spf1 include=e.example a=b ip4=192.0.2.0/24 all=x -all"}, "valid", [],
    ),
    "an unknown mechanism": (
        {"d": "v=spf1 ipv4:192.0.2.1 -all"},
        "permerror",
        [("unknown_mechanism", "d", "ipv4:192.0.2.1")],
    ),
    "a syntax error in an include": (
        {"d": "v=spf1 include:e.example -all", "e": "v=spf1 ip4:1.2.3 -all"},
        "permerror",
        [("bad_ip4", "e", "ip4:1.2.3")],
    ),
    "an include of nothing": (
        {"d": "v=spf1 include:e.example -all", "e": "hello"},
        "permerror",
        [("include_without_record", "d", "include:e.example")],
    ),
    "a redirect to nothing": (
        {"d": "v=spf1 redirect=e.example", "e": "hello"},
        "permerror",
        [("redirect_without_record", "d", "redirect=e.example")],
    ),
    "a redirect beside an all leads nowhere": (
        {"d": "v=spf1 redirect=e.example -all", "e": "hello"},
        "valid",
        [("redirect_with_all", "d", "redirect=e.example")],
    ),
    "a loop": (
        {"d": "v=spf1 include:e.example -all", "e": "v=spf1 include:e.example -all"},
        "permerror",
        [("too_many_lookups", "d", ""), ("include_loop", "e", "include:e.example")],
    ),
    "a redirect that leads back": (
        {"d": "v=spf1 redirect=e.example", "e": "v=spf1 redirect=d.example"},
        "permerror",
        [
            ("too_many_lookups", "d", ""),
            ("redirect_loop", "d", "redirect=e.example"),
            ("redirect_loop", "e", "redirect=d.example"),
        ],
    ),
    "what stands behind all": (
        {"d": "v=spf1 -all include:nowhere.example"},
        "valid",
        [("text_after_all", "d", "include:nowhere.example")],
    ),
    "everybody": (
        {"d": "v=spf1 +all"},
        "valid",
        [("pass_all", "d", "+all"), ("permissive", "d", ""), ("large_block", "d", "")],
    ),
    "neutral": ({"d": "v=spf1 ?all"}, "valid", [("neutral_all", "d", "?all")]),
    "ptr": ({"d": "v=spf1 ptr -all"}, "valid", [("ptr_used", "d", "ptr")]),
    "an include twice": (
        {"d": "v=spf1 include:e.example include:E.example -all", "e": "v=spf1 -all"},
        "valid",
        [("duplicate_include", "d", "include:e.example")],
    ),
    "warnings of others are theirs": (
        {"d": "v=spf1 include:e.example -all", "e": "v=spf1 ptr"}, "valid", [],
    ),
    "longer than fits": (
        {"d": "v=spf1 " + "ip4:192.0.2.1 " * 33 + "-all"}, "valid", [("over_450_bytes", "d", "")],
    ),
    "longer than a datagram": (
        {"d": "v=spf1 " + "ip4:192.0.2.1 " * 40 + "-all"}, "valid", [("over_512_bytes", "d", "")],
    ),
    "a version that is none": (
        {"d": "v=spf1;a -all"}, "none", [("bad_version", "d", "v=spf1;a -all")],
    ),
    "sender id": (
        {"d": "spf2.0/pra -all"}, "none", [("sender_id", "d", "spf2.0/pra -all")],
    ),
    "eleven look-ups": (
        {"d": "v=spf1 " + "exists:e.example " * 11 + "-all"},
        "permerror",
        [("too_many_lookups", "d", "")],
    ),
    "ten look-ups": ({"d": "v=spf1 " + "exists:e.example " * 10 + "-all"}, "valid", []),
}  # fmt: skip


@pytest.fixture(scope="module")
def cases() -> dict[str, Row]:
    zone = Zone()
    for place, (records, _, _) in enumerate(CASES.values()):
        for name, record in records.items():
            text = record.replace(".example", f".c{place}.example")
            zone.txt[f"{name}.c{place}.example"] = [text.encode()]
        zone.seeds.append(f"d.c{place}.example")
    return trust(zone)


@pytest.mark.parametrize("case", CASES)
def test_cases(case: str, cases: dict[str, Row]) -> None:
    place = list(CASES).index(case)
    _, verdict, expected = CASES[case]
    row = cases[f"d.c{place}.example"]
    assert row["verdict"] == verdict
    found = [
        (kind, name.partition(".")[0], term.replace(f".c{place}", ""))
        for kind, name, term in findings(row)
    ]
    assert sorted(found) == sorted(expected)


def test_a_name_that_is_not_in_the_run_was_not_asked() -> None:
    zone = small(d="v=spf1 include:elsewhere.example a -all")
    row = trust(zone)["d.example"]
    assert row["verdict"] == "not_asked"
    assert findings(row) == [
        ("unasked", "d.example", "include:elsewhere.example"),
        ("unasked", "d.example", "a"),
    ]


def test_a_server_that_fails_is_a_temporary_error() -> None:
    zone = small(d="v=spf1 include:e.example -all")
    zone.txt["e.example"] = Outcome.SERVFAIL
    row = trust(zone)["d.example"]
    assert row["verdict"] == "temperror"
    assert findings(row) == [("temporary_error", "e.example", "")]


def test_who_publishes_spf_is_known_from_an_answer_alone() -> None:
    zone = small(d="v=spf1 include:e.example -all")
    zone.txt |= {
        "none.example": [b"else"],
        "two.example": [b"v=spf1", b"v=spf1 -all"],
        **{f"{each}.example": each for each in (Outcome.TIMEOUT, Outcome.SERVFAIL)},
        "e.example": Outcome.TIMEOUT,
        "gone.example": Outcome.NXDOMAIN,
    }
    zone.seeds = [name for name in zone.txt if name != "e.example"]
    rows = trust(zone)
    assert {name.partition(".")[0]: row["published"] for name, row in rows.items()} == {
        "d": True,
        "none": False,
        "two": True,
        "timeout": None,
        "servfail": None,
        "gone": False,
    }
    assert rows["d.example"]["verdict"] == rows["timeout.example"]["verdict"] == "temperror"


@pytest.mark.parametrize(
    ("sign", "found", "passed", "soft", "voids"),
    [
        ("", ["192.0.2.1"], 2**32, 0, 0),
        ("~", ["192.0.2.1"], 0, 2**32, 0),
        ("-", ["192.0.2.1"], 0, 0, 0),
        ("", [], 0, 0, 1),
    ],
)
def test_exists_of_a_fixed_name(
    sign: str, found: list[str], passed: int, soft: int, voids: int
) -> None:
    """Its answer is the same for every client; A is asked of IPv6 ones, too (section 5.7)."""
    zone = small(d=f"v=spf1 {sign}exists:h.example -all")
    zone.a["h.example"] = found
    zone.hosts = {"h.example"}
    row = trust(zone)["d.example"]
    assert (row["ipv4"], row["ipv4_soft"]) == (passed, soft)
    assert (row["voids_ipv4"], row["voids_ipv6"]) == (voids, voids)
    assert (row["ipv6"] > 0) == (passed > 0)
    client = check_host(ip_address("198.51.100.7"), "d.example", "x@d.example", "d.example")
    assert (evaluate(client, zone).result == "pass") == (passed > 0)


def test_an_exists_that_fails_is_a_temporary_error() -> None:
    zone = small(d="v=spf1 exists:h.example -all")
    zone.failing["h.example"] = Outcome.SERVFAIL
    zone.hosts = {"h.example"}
    assert trust(zone)["d.example"]["verdict"] == "temperror"


def test_a_run_without_spf() -> None:
    zone = Zone(seeds=["d.example"])
    census = dict(zone.census())
    census["spf"] = census["spf"].filter(False)  # noqa: FBT003
    row = dict(infer(census, bundled_companies()))["spf_trust"].to_pylist()[0]
    assert row["verdict"] == "not_asked"
    assert row["findings"] == []


def test_mx_of_more_than_ten() -> None:
    zone = small(d="v=spf1 mx -all")
    zone.mx["d.example"] = [f"h{i}.example" for i in range(11)]
    zone.a |= {f"h{i}.example": ["192.0.2.1"] for i in range(11)}
    zone.hosts = set(zone.a)
    row = trust(zone)["d.example"]
    assert findings(row) == [("too_many_mx", "d.example", "mx")]
    assert (row["verdict"], row["ipv4"], row["lookups"]) == ("permerror", 0, 1)


def test_fan_out_ends_in_bounded_time() -> None:
    """Ten layers of a hundred names, each of which includes all of the next, and a ring."""
    zone = Zone(seeds=["d.example"])
    zone.txt["d.example"] = [b"v=spf1 include:n0.l0.example include:ring0.example -all"]
    for layer in range(9):
        record = "v=spf1 " + " ".join(f"include:n{i}.l{layer + 1}.example" for i in range(100))
        for i in range(100):
            zone.txt[f"n{i}.l{layer}.example"] = [record.encode()]
    for i in range(100):
        zone.txt[f"n{i}.l9.example"] = [f"v=spf1 ip4:192.0.2.{i} -all".encode()]
        zone.txt[f"ring{i}.example"] = [f"v=spf1 include:ring{(i + 1) % 100}.example".encode()]
    row = trust(zone)["d.example"]
    assert (row["lookups"], row["names"], row["depth"]) == (1000, 1000, 10)
    assert row["verdict"] == "permerror"
    assert len(row["findings"]) == 100
