"""Leaving out sources and rules, and moving the threshold."""

import pytest

from schemas.mx_providers import Source
from stages.inference.providers.method import MethodError
from stages.inference.providers.rules import RULES
from tests.stages.inference.providers.census import (
    Row,
    certificate,
    domain,
    host,
    labelled,
    located,
    server,
    usual,
)

ROWS: list[Row] = [
    domain("ant.com", (10, "mx.ant.com")),
    host("mx.ant.com", "192.0.2.1"),
    server("192.0.2.1", "220 vps1.big.net ESMTP", None, "c"),
    certificate("c", "vps1.huge.org"),
    located("192.0.2.1", 16417),
]

OURS = [rule.id for rule in RULES if rule.ours]
"""Rules that hold however popular the evidence is."""


@pytest.mark.parametrize(
    ("without", "found"),
    [
        ((), ("huge.org", "big.net", "ant.com", "huge.org", "tls", 1)),
        (("tls",), (None, "big.net", "ant.com", "big.net", "banner", 1)),
        (("banner",), ("huge.org", None, "ant.com", "huge.org", "tls", 1)),
        (("mx",), ("huge.org", "big.net", None, "huge.org", "tls", 1)),
        (("tls", "banner"), (None, None, "ant.com", "ant.com", "mx", 1)),
        (("tls", "banner", "mx"), (None, None, None, None, None, 0)),
    ],
)
def test_a_source_left_out_is_not_looked_at(
    without: tuple[str, ...], found: tuple[object, ...]
) -> None:
    row = labelled(*ROWS, without=without).mx["ant.com", "mx.ant.com"]
    ids = (row.tls_id, row.banner_id, row.mx_id, row.provider_id, row.source, row.confidence)
    assert ids == found
    assert {piece.source for piece in row.evidence} == {"tls", "banner"}.difference(without)


@pytest.mark.parametrize(
    ("without", "flags", "hint_id"),
    [
        ((), ("mail_network", "vps_certificate"), "iphmx.com"),
        (("mail_network",), ("vps_certificate",), "ant.com"),
        (("vps_certificate",), ("mail_network",), "iphmx.com"),
        (("tls",), ("mail_network", "vps_banner"), "iphmx.com"),
        (("tls", "mail_network"), ("vps_banner",), "ant.com"),
        (("mail_network", "vps_certificate"), (), None),
        (tuple(rule.id for rule in RULES), (), None),
    ],
)
def test_a_rule_left_out_does_not_fire(
    without: tuple[str, ...], flags: tuple[str, ...], hint_id: str | None
) -> None:
    row = labelled(*ROWS, without={*without, *OURS}).mx["ant.com", "mx.ant.com"]
    assert (row.flags, row.hint_id) == (flags, hint_id)


@pytest.mark.parametrize(("domains", "popular"), [(4, None), (2, 3), (0, 1)])
def test_one_below_the_threshold_is_doubted_and_the_threshold_is_not(
    domains: int, popular: int | None
) -> None:
    def flags(number: int) -> tuple[str, ...]:
        seeds = [domain(f"d{n}.com", (10, "mx.ant.com")) for n in range(number)]
        rows = ROWS[1:]
        seed = domain("ant.com", (10, "mx.ant.com"))
        found = labelled(seed, *seeds, *rows, popular=popular, without=OURS)
        return found.mx["ant.com", "mx.ant.com"].flags

    # With the domain itself the confidence is one more than there are others.
    assert flags(domains) == ()
    if domains:
        assert flags(domains - 1) == ("mail_network", "vps_certificate")


def test_a_table_says_what_it_was_made_without() -> None:
    usually = usual().version
    changed = usual().less(["vps_banner", "tls"], 3)
    assert changed.version == f"{usually}-without:tls,vps_banner-popular:3"
    assert usual().less([], 5) == usual()
    assert changed.metadata["mailcensus.sources"] == "banner,mx"
    left = "foreign_as,mail_network,vps_certificate,rented_machine,lone_certificate"
    assert changed.metadata["mailcensus.rules"] == left
    row = labelled(*ROWS, without=["tls"]).domains["ant.com"]
    assert row.rules_version == f"{usually}-without:tls"


def test_names_that_are_neither_source_nor_rule() -> None:
    with pytest.raises(MethodError, match="'smtp' is neither a source nor a rule: tls, banner"):
        usual().less(["tls", "smtp"])
    with pytest.raises(MethodError, match="threshold of -1"):
        usual().less([], -1)
    assert usual().less(map(str, Source)).sources == ()
