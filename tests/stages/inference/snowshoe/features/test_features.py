"""The features against a plain recount on made-up nights, and the context of runs and days."""

import datetime as dt
import random

import pyarrow as pa
import pytest

from schemas.apex import Soa
from schemas.snowshoe import CONTEXT, FEATURES, SNOWSHOE
from schemas.spf_trust import SpfVerdict
from tests.stages.inference.snowshoe.features.night import (
    DAY,
    NOW,
    Night,
    Place,
    Seed,
    by_domain,
    features,
)
from tests.stages.inference.snowshoe.features.reference import expected

QUESTIONS = ("mx", "txt", "ns", "soa", "a", "aaaa")
TEXTS = (
    b"v=spf1 -all", b"v=spf1 include:_spf.a.example ~all", b"v=spf1", b"V=SPF1 +all",
    b"v=spf1 ip4:198.51.100.0/22 ip4:198.51.101.7 ip6:2001:db8::/32 redirect=b.example",
    b"v=spf1 ip4:198.51.100.255/31 -ip4:203.0.113.9 ip4:203.0.113.9 ip4:203.0.113.9 a mx ?all -all",
    b"v=spf1 ip4=1 ip4:300.1.1.1 all", b"v=spf10 ip4:192.0.2.1", b"site=1", b"\xff\xfe", b"",
    "snow=\u2603".encode(), b"v=spf1 include:x.example include:y.example ip4:192.0.2.128/25 ?all",
)  # fmt: skip


def made_up(seed: int, count: int) -> Night:
    """Seeds that share little of everything, so that all of it meets."""
    draw = random.Random(seed)

    def some(pool: tuple[object, ...], most: int) -> tuple[object, ...]:
        return tuple(draw.sample(pool, draw.randrange(min(most, len(pool)) + 1)))

    addresses = tuple(f"198.{draw.randrange(50, 53)}.{100 + n % 7}.{n}" for n in range(1, 40))
    wide = (
        *(f"2001:db8:{n:x}::{n}" for n in range(1, 6)), "2001:db8:1:2::1", "2001:db8::5",
        "2a00::1", "2a00:0:0:1::1", "2a00:1:2:3:4:5:6:7", "2a00:1:2:3:4:5:0:8",
    )  # fmt: skip
    names = ("mx.host.example", "mx2.host.example", "mx.other.co.uk", "lost.example", "10.0.0.1")
    sure = [
        Seed(name, a=tuple(some(addresses, 4)), aaaa=tuple(some(wide, 2)))  # type: ignore[arg-type]
        for name in names[:3]
    ]
    hosts = [host._replace(failed=("a",), a=()) if n == 1 else host for n, host in enumerate(sure)]
    seeds = []
    for number in range(count):
        domain = f"d{number}.example" if number % 3 else f"d{number}.co.uk"
        pool = (*names, f"mx.{domain}", domain, f"x{domain}", ".", "localhost")
        servers = ("ns1.host.example", "ns2.host.example", "mx.other.co.uk", f"ns.{domain}")
        failed = tuple(each for each in QUESTIONS if draw.random() < 0.15)
        mx = tuple((draw.randrange(4) * 10, name) for name in some(pool, 4))
        soa = Soa(draw.choice((*servers, domain)), "m", 1, 7200, 1, 1, 300)
        seeds.append(
            Seed(
                domain,
                () if "mx" in failed else tuple(sorted(set(mx))),  # type: ignore[arg-type]
                () if "txt" in failed else tuple(some(TEXTS, 3)),  # type: ignore[arg-type]
                () if "ns" in failed else tuple(some(servers, 4)),  # type: ignore[arg-type]
                None if "soa" in failed or number % 7 == 0 else soa,
                () if "a" in failed else tuple(some(addresses, 6)),  # type: ignore[arg-type]
                () if "aaaa" in failed else tuple(some(wide, 3)),  # type: ignore[arg-type]
                failed,
            )
        )
        hosts += [Seed(f"mx.{domain}", a=("198.50.1.1",)), Seed(f"ns.{domain}")]
    hosts += [Seed("ns1.host.example", a=("198.50.1.2",))]
    asns = {each: Place(draw.choice((None, 64500, 64501)), draw.choice((None, "NL", "US")))
            for each in (*addresses, *wide)}  # fmt: skip
    return Night(tuple(seeds), tuple(hosts), asns)


@pytest.mark.parametrize("seed", range(3))
def test_a_plain_recount_comes_to_the_same(seed: int) -> None:
    night = made_up(seed, 150)
    found = by_domain(features(night))
    wanted = expected(night)
    assert found.keys() == wanted.keys()
    for domain, row in wanted.items():
        assert {name: getattr(found[domain], name) for name in row} == row, domain
    told = {name for row in wanted.values() for name, value in row.items() if value}
    unknown = {name for row in wanted.values() for name, value in row.items() if value is None}
    assert told >= set(FEATURES)
    assert unknown >= set(FEATURES)


def test_it_has_the_columns_of_its_table() -> None:
    table = features(Night((Seed("a.example"),)))
    assert table.cast(SNOWSHOE.schema).num_rows == 1
    assert (len(FEATURES), FEATURES[0], FEATURES[-1]) == (37, "a_addresses", "soa_mname_in_domain")
    assert CONTEXT[0] == "first_seen"


def test_neighbours_by_name_servers_and_record() -> None:
    spf = b"v=spf1 ip4:192.0.2.1 include:%s -all"
    same = [
        Seed(name, ns=("ns1.x.example", "ns2.x.example"), txt=(spf % name.encode(),))
        for name in ("a.example", "b.example", "c.example")
    ]
    other = Seed("d.example", ns=("ns1.x.example",), txt=(b"v=spf1 -all",))
    failed = Seed("e.example", failed=("ns", "txt"))
    rows = by_domain(features(Night((*same, other, failed, Seed("f.example")))))
    assert [rows[f"{n}.example"].ns_neighbours for n in "abcdef"] == [2, 2, 2, 0, None, 0]
    assert [rows[f"{n}.example"].spf_neighbours for n in "abcdef"] == [2, 2, 2, 0, None, 0]
    assert rows["a.example"].ns_group == rows["c.example"].ns_group != rows["d.example"].ns_group
    assert rows["a.example"].spf_group == rows["c.example"].spf_group
    assert {rows["e.example"].ns_group, rows["f.example"].spf_group} == {None}


def test_neighbours_by_exchanges() -> None:
    mx = ((10, "mx1.x.example"), (20, "mx2.x.example"))
    same = [Seed(name, mx=mx) for name in ("a.example", "b.example", "c.example")]
    other = Seed("d.example", mx=mx[:1])
    failed = Seed("e.example", failed=("mx",))
    none = [Seed("f.example"), Seed("g.example")]
    rows = by_domain(features(Night((*same, other, failed, *none))))
    assert [rows[f"{n}.example"].mx_neighbours for n in "abcdefg"] == [2, 2, 2, 0, None, 0, 0]


def test_what_spf_leads_to() -> None:
    seeds = tuple(Seed(f"{word}.example") for word in ("valid", "none", "temperror", "absent"))
    reach = [(f"{word}.example", SpfVerdict(word), 7) for word in ("valid", "temperror")]
    rows = by_domain(features(Night(seeds), reach=[*reach, ("none.example", SpfVerdict.NONE, 0)]))
    assert [row.spf_reach for _, row in sorted(rows.items())] == [None, 0, None, 7]


def test_days_since_it_was_first_seen() -> None:
    seeds = (Seed("new.example"), Seed("old.example"))
    rows = by_domain(features(Night(seeds), seen={"old.example": dt.date(2026, 10, 22)}))
    assert (rows["old.example"].days_seen, rows["new.example"].days_seen) == (31, 0)
    assert rows["new.example"].first_seen == DAY
    assert rows["old.example"].measured == dt.datetime.fromtimestamp(NOW / 1e6, dt.UTC)


def test_changes_since_the_run_before() -> None:
    before = features(
        Night((Seed("a.example", a=("192.0.2.1",)), Seed("b.example", failed=("a",))))
    )
    now = Night(
        (Seed("a.example", a=("192.0.2.1", "192.0.2.2", "192.0.3.2")), Seed("b.example"),
         Seed("new.example"))
    )  # fmt: skip
    rows = by_domain(features(now, earlier=before.select(["domain", *FEATURES])))
    # Addresses and /24s; of b nothing that was known in both.
    assert [row.changed for _, row in sorted(rows.items())] == [2, 0, None]
    assert by_domain(features(now))["a.example"].changed is None
    assert isinstance(before, pa.Table)
