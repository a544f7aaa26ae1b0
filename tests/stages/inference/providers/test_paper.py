"""The cases of IMC'21 and of its tool's README, and the faults of that tool."""

import random

import pytest

from schemas.mx_providers import Evidence, MxProvider, Source
from schemas.outcomes import HostStatus, Mail, ProbeOutcome, Verdict
from stages.inference.providers.rules import RULES
from tests.stages.inference.providers.census import (
    Labels,
    Row,
    certificate,
    domain,
    host,
    labelled,
    located,
    server,
)

VPS = "s132-148-130-121.secureserver.net"
OVH = "vps-1a2b3c4d.vps.ovh.net"
README: list[Row] = [
    domain("ucsd.edu", (5, "inbound.ucsd.edu")),
    host("inbound.ucsd.edu", "192.0.2.1"),
    server("192.0.2.1", "220 inbound.ucsd.edu ESMTP", None, "proofpoint"),
    certificate("proofpoint", "*.pphosted.com"),
    domain("netflix.com", (1, "aspmx.l.google.com"), (5, "alt1.aspmx.l.google.com")),
    domain("eng.ucsd.edu", (1, "aspmx.l.google.com")),
    host("aspmx.l.google.com", "192.0.2.2", "2001:db8::2"),
    host("alt1.aspmx.l.google.com", "192.0.2.3"),
    server("192.0.2.2", "220 mx.google.com ESMTP - gsmtp", "250 mx.google.com", "google"),
    server("2001:db8::2", "220 mx.google.com ESMTP - gsmtp", "250 mx.google.com", "google"),
    server("192.0.2.3", "220 mx.google.com ESMTP - gsmtp", "250 mx.google.com", "google"),
    certificate("google", "aspmx.l.google.com", "mx.google.com"),
    domain("lodi.gov", (10, "mx1.lodi.iphmx.com"), (10, "mx2.lodi.iphmx.com")),
    host("mx1.lodi.iphmx.com", "192.0.2.4"),
    host("mx2.lodi.iphmx.com", "192.0.2.5"),
    server("192.0.2.4", None, None, "cisco1"),
    server("192.0.2.5", None, None, "cisco2"),
    certificate("cisco1", "mx1.iphmx.com"),
    certificate("cisco2", "mx2.iphmx.com"),
    domain("jeniustoto.net", (10, "mail.jeniustoto.net")),
    host("mail.jeniustoto.net", "192.0.2.6"),
    server("192.0.2.6", outcome=ProbeOutcome.REFUSED),
    domain("sgnetway.net", (10, "mail.sgnetway.net")),
    host("mail.sgnetway.net", "192.0.2.7"),
    server("192.0.2.7", "220 mail.sgnetway.net ESMTP", "250-mail.sgnetway.net", "own"),
    certificate("own", "mail.elsewhere.com", verdict=Verdict.SELF_SIGNED),
    domain("bbw-chan.nl", (10, "mail.bbw-chan.nl")),
    host("mail.bbw-chan.nl", "192.0.2.8"),
    server("192.0.2.8", "220 ESMTP ready", "250 localhost"),
    domain("utexas.edu", (10, "inbound.mail.utexas.edu")),
    host("inbound.mail.utexas.edu", "192.0.2.9"),
    server("192.0.2.9", "220 esa1.utexas.iphmx.com", None, "texas"),
    certificate("texas", "inbound.mail.utexas.edu"),
    located("192.0.2.9", 30238),
    domain("summitorganization.org", (0, "mail.summitorganization.org")),
    host("mail.summitorganization.org", "192.0.2.10"),
    server("192.0.2.10", f"220-{VPS} ESMTP Exim", f"250-{VPS} Hello"),
    domain("arfonts.net", (0, "mail.arfonts.net")),
    host("mail.arfonts.net", "192.0.2.11"),
    server("192.0.2.11", f"220 {OVH} ESMTP Postfix"),
]


@pytest.fixture(scope="module")
def readme() -> Labels:
    return labelled(*README)


def test_the_domains_of_the_readme(readme: Labels) -> None:
    found = {
        name: (*_by_priority(name, readme), label.category)
        for name, label in readme.domains.items()
    }
    assert found == {
        "ucsd.edu": ("pphosted.com", "ProofPoint", "by_tls"),
        "netflix.com": ("google.com", "Google", "by_tls"),
        "eng.ucsd.edu": ("google.com", "Google", "by_tls"),
        "lodi.gov": ("iphmx.com", "Cisco", "by_tls"),
        "sgnetway.net": ("sgnetway.net", None, "by_banner"),
        "bbw-chan.nl": ("bbw-chan.nl", None, "by_mx"),
        "utexas.edu": ("utexas.edu", None, "by_tls"),
        "summitorganization.org": ("secureserver.net", "GoDaddy", "by_banner"),
        "arfonts.net": ("ovh.net", "OVH", "by_banner"),
        "jeniustoto.net": (None, None, "no_smtp"),
    }
    doubts = {row.domain: (row.flags, row.hint_id) for row in readme.mx.values() if row.flags}
    assert doubts == {
        "utexas.edu": (("mail_network",), "iphmx.com"),
        "summitorganization.org": (("vps_banner", "rented_machine"), "summitorganization.org"),
        "arfonts.net": (("vps_banner", "rented_machine"), "arfonts.net"),
    }


def _by_priority(name: str, readme: Labels) -> tuple[str | None, str | None]:
    """Id and company of the first of its exchanges; all have the same."""
    rows = [row for row in readme.mx.values() if row.domain == name]
    return (rows[0].provider_id, rows[0].company) if rows else (None, None)


def test_ours_follows_the_hints_about_rented_servers(readme: Labels) -> None:
    for name in ("summitorganization.org", "arfonts.net"):
        label = readme.domains[name]
        assert (label.operator_id, label.operator_company) == (name, None)
        assert label.probability is not None
        assert 0.5 < label.probability < 1
    assert readme.domains["netflix.com"].operator_id == "google.com"
    assert readme.domains["jeniustoto.net"].probability is None


def test_the_evidence_of_the_readme(readme: Labels) -> None:
    evidence = {row.mx: row.evidence for row in readme.mx.values()}
    assert evidence["aspmx.l.google.com"] == (
        Evidence(Source.TLS, "google.com", "aspmx.l.google.com", None, "google", 2),
        Evidence(Source.BANNER, "google.com", "mx.google.com", None, None, 2),
    )
    assert evidence["inbound.mail.utexas.edu"] == (
        Evidence(Source.TLS, "utexas.edu", "inbound.mail.utexas.edu", None, "texas", 1),
        Evidence(Source.BANNER, "iphmx.com", "esa1.utexas.iphmx.com", None, None, 1),
    )
    assert evidence["mail.summitorganization.org"] == (
        Evidence(Source.BANNER, "secureserver.net", VPS, "address", None, 1),
    )
    assert evidence["mail.bbw-chan.nl"] == ()


def test_two_equal_exchanges_are_two_halves_of_one_provider(readme: Labels) -> None:
    rows = [row for row in readme.mx.values() if row.domain == "lodi.gov"]
    assert [row.weight for row in rows] == [0.5, 0.5]
    assert [share.weight for share in readme.domains["lodi.gov"].shares] == [1.0]


def test_the_order_of_the_rows_means_nothing(readme: Labels) -> None:
    shuffled = README.copy()
    random.Random(1).shuffle(shuffled)
    assert labelled(*shuffled) == readme


def alone(*rows: Row) -> MxProvider:
    """The verdict on a single domain with a single exchange."""
    found = labelled(domain("ant.com", (10, "mx.ant.com")), *rows)
    return found.mx["ant.com", "mx.ant.com"]


def test_popularity_is_the_most_domains_that_evidence_is_seen_with() -> None:
    seeds = [domain(f"d{n}.com", (10, "in.big.net"), (20, "out.big.net")) for n in range(7)]
    other = domain("other.com", (10, "mx.other.com"), (10, "in.big.net"))
    rows: list[Row] = [
        *seeds,
        other,
        host("in.big.net", "192.0.2.1"),
        host("mx.other.com", "192.0.2.2"),
        server("192.0.2.1", "220 in.big.net"),
        server("192.0.2.2", None, None, "c"),
        certificate("c", "a.other.com", "b.other.com"),
    ]
    found = labelled(*rows)
    assert found.mx["d0.com", "in.big.net"].confidence == 8
    assert found.mx["other.com", "in.big.net"].confidence == 8
    assert found.mx["other.com", "mx.other.com"].confidence == 1
    shares = [(s.provider_id, s.weight) for s in found.domains["other.com"].shares]
    assert shares == [("big.net", 0.5), ("other.com", 0.5)]  # a tie goes by the id
    assert found.domains["other.com"].operator_id == "big.net"
    assert found.domains["other.com"].category == "by_banner"


def test_the_operator_has_the_largest_share() -> None:
    hosts = ["mx1.zoo.net", "mx2.zoo.net", "mx.big.net"]
    found = labelled(
        domain("ant.com", *((10, name) for name in hosts)),
        *(host(name, f"192.0.2.{n}") for n, name in enumerate(hosts)),
        *(server(f"192.0.2.{n}") for n in range(3)),
    )
    label = found.domains["ant.com"]
    assert (label.operator_id, label.exchanges) == ("zoo.net", 3)
    assert [(share.provider_id, round(share.weight, 4)) for share in label.shares] == [
        ("zoo.net", 0.6667),
        ("big.net", 0.3333),
    ]


def test_a_domain_counts_once_however_much_evidence_it_shows() -> None:
    verdict = alone(
        host("mx.ant.com", "192.0.2.1", "192.0.2.2"),
        server("192.0.2.1", None, None, "one"),
        server("192.0.2.2", None, None, "two"),
        certificate("one", "a.big.net", "b.big.net"),
        certificate("two", "c.big.net"),
    )
    assert (verdict.tls_id, verdict.confidence) == ("big.net", 1)


def test_addresses_without_a_trusted_certificate_have_no_say() -> None:
    verdict = alone(
        host("mx.ant.com", "192.0.2.1", "192.0.2.2", "192.0.2.3"),
        server("192.0.2.1", None, None, "good"),
        server("192.0.2.2", None, None, "expired"),
        server("192.0.2.3"),
        certificate("good", "mx.big.net"),
        certificate("expired", "mx.other.net", verdict=Verdict.EXPIRED),
    )
    assert (verdict.tls_id, verdict.addresses) == (
        "big.net",
        ("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    )


def test_certificates_of_two_groups_leave_it_to_the_banner() -> None:
    verdict = alone(
        host("mx.ant.com", "192.0.2.1", "192.0.2.2"),
        server("192.0.2.1", "220 a.big.net", None, "one"),
        server("192.0.2.2", "220 b.big.net", None, "two"),
        certificate("one", "mx.big.net"),
        certificate("two", "mx.other.net"),
    )
    assert (verdict.tls_id, verdict.banner_id, verdict.source) == (None, "big.net", "banner")
    claimed = [(piece.source, piece.provider_id, piece.name) for piece in verdict.evidence]
    assert claimed == [
        ("tls", "big.net", "mx.big.net"),
        ("tls", "other.net", "mx.other.net"),
        ("banner", "big.net", "a.big.net"),
        ("banner", "big.net", "b.big.net"),
    ]


def test_a_certificate_shown_elsewhere_can_join_two_groups() -> None:
    rows: list[Row] = [
        host("mx.ant.com", "192.0.2.1", "192.0.2.2"),
        server("192.0.2.1", None, None, "one"),
        server("192.0.2.2", None, None, "two"),
        server("192.0.2.3", None, None, "bridge"),
        certificate("one", "mx.big.net"),
        certificate("two", "mx.other.net"),
    ]
    assert alone(*rows).tls_id is None
    # Of big.net and other.net, each seen with the one domain, the first name in order counts.
    assert alone(*rows, certificate("bridge", "mx.big.net", "mx.other.net")).tls_id == "big.net"


def test_our_own_name_and_a_refusal_are_no_evidence() -> None:
    verdict = alone(
        host("mx.ant.com", "192.0.2.1", "192.0.2.2"),
        server("192.0.2.1", "220 mx.big.net", "250 census.example.org"),
        server("192.0.2.2", "554 blocked using bl.spamcop.net", outcome=ProbeOutcome.BLOCKED),
    )
    assert (verdict.banner_id, len(verdict.addresses)) == ("big.net", 2)


def test_a_dead_exchange_leaves_its_place_to_the_next() -> None:
    found = labelled(
        domain("ant.com", (10, "mx1.ant.com"), (20, "mx2.ant.com"), (30, "mx3.ant.com")),
        host("mx1.ant.com", "192.0.2.1"),
        host("mx2.ant.com", "192.0.2.2", "192.0.2.3"),
        host("mx3.ant.com", "192.0.2.4"),
        server("192.0.2.1", outcome=ProbeOutcome.CONNECT_TIMEOUT),
        server("192.0.2.2", outcome=ProbeOutcome.REFUSED),
        server("192.0.2.3", "421 busy", outcome=ProbeOutcome.BANNER_4XX),
        server("192.0.2.4"),
    )
    (row,) = found.mx.values()
    assert (row.mx, row.preference, row.addresses) == ("mx2.ant.com", 20, ("192.0.2.3",))


RESOLVED = host("mx.ant.com", "192.0.2.1")
MX = domain("ant.com", (10, "mx.ant.com"))


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        ([domain("ant.com", mail=Mail.NXDOMAIN)], "no_such_domain"),
        ([domain("ant.com", mail=Mail.OPTED_OUT)], "opted_out"),
        ([domain("ant.com", mail=Mail.FAILED)], "dns_failed"),
        ([domain("ant.com", (0, "."), mail=Mail.NULL_MX)], "null_mx"),
        ([domain("ant.com"), host("ant.com", status=HostStatus.NO_ADDRESS)], "no_mx"),
        ([domain("ant.com", (1, "localhost"), (2, "192.0.2.1"))], "bad_mx"),
        ([MX, host("mx.ant.com", status=HostStatus.NXDOMAIN)], "dangling_mx"),
        ([MX, host("mx.ant.com", "10.0.0.1", status=HostStatus.RESERVED)], "reserved_mx"),
        ([MX, host("mx.ant.com", status=HostStatus.FAILED)], "mx_failed"),
        ([MX], "mx_failed"),
        ([MX, RESOLVED], "not_probed"),
        ([MX, RESOLVED, server("192.0.2.1", outcome=ProbeOutcome.NOT_PROBED)], "not_probed"),
        ([MX, RESOLVED, server("192.0.2.1", outcome=ProbeOutcome.GARBAGE)], "no_smtp"),
        (
            [MX, RESOLVED, server("192.0.2.1", leaf="c"), certificate("c", "mx.big.net")],
            "by_tls",
        ),
        ([MX, RESOLVED, server("192.0.2.1", "220 mx.big.net")], "by_banner"),
        ([MX, RESOLVED, server("192.0.2.1")], "by_mx"),
        (
            [domain("ant.com", (1, "co.uk")), host("co.uk", "192.0.2.1"), server("192.0.2.1")],
            "unlabelled",
        ),
    ],
)
def test_every_domain_is_in_one_category(rows: list[Row], category: str) -> None:
    label = labelled(*rows).domains["ant.com"]
    assert (label.category, label.implicit) == (category, False)
    assert bool(label.shares) == (category.startswith("by_") or label.exchanges == 1)


def test_a_domain_without_mx_is_its_own_exchange() -> None:
    found = labelled(domain("ant.com"), host("ant.com", "192.0.2.1"), server("192.0.2.1"))
    assert found.mx["ant.com", "ant.com"].preference == 0
    assert found.domains["ant.com"].implicit
    assert found.domains["ant.com"].category == "by_mx"


def test_unprobed_exchanges_stand_in_by_name_alone() -> None:
    found = labelled(
        domain("ant.com", (5, "gone.net"), (10, "aspmx.l.google.com"), (20, "mx.big.net")),
        host("gone.net", status=HostStatus.NXDOMAIN),
        host("aspmx.l.google.com", "192.0.2.1"),
        host("mx.big.net", "192.0.2.2"),
    )
    (row,) = found.mx.values()
    assert (row.mx, row.provider_id, row.source) == ("aspmx.l.google.com", "google.com", "mx")
    assert (row.confidence, row.addresses) == (1, ())
    label = found.domains["ant.com"]
    assert (label.category, label.operator_company) == ("not_probed", "Google")


@pytest.mark.parametrize(
    ("asn", "others", "flags"),
    [
        (64500, 0, ("foreign_as",)),
        (15169, 0, ()),
        (None, 0, ()),  # no AS known is no AS outside
        (64500, 4, ()),  # popular evidence is beyond doubt
    ],
)
def test_a_company_outside_its_ases_is_doubted(
    asn: int | None, others: int, flags: tuple[str, ...]
) -> None:
    rows: list[Row] = [domain(f"d{n}.com", (10, "mx.ant.com")) for n in range(others)]
    rest: list[Row] = [host("mx.ant.com", "192.0.2.1"), server("192.0.2.1", "220 mx.google.com")]
    assert alone(*rows, *rest, located("192.0.2.1", asn)).flags == flags


def test_a_rented_server_in_a_certificate_is_doubted_but_not_ones_own() -> None:
    rows: list[Row] = [host("mx.ant.com", "192.0.2.1"), server("192.0.2.1", None, None, "c")]
    assert alone(*rows, certificate("c", "vps12.big.net")).flags == (
        "vps_certificate",
        "rented_machine",
    )
    assert alone(*rows, certificate("c", "vps12.ant.com")).flags == ()
    assert alone(*rows, certificate("c", "mx.big.net")).flags == ()


def test_the_exchange_itself_is_the_hint_where_a_name_may_be_borrowed() -> None:
    verdict = alone(
        host("mx.ant.com", "192.0.2.1"),
        server("192.0.2.1", "220 mx.google.com"),
        located("192.0.2.1", 64500),
    )
    assert (verdict.provider_id, verdict.hint_id) == ("google.com", "ant.com")


def test_a_hint_never_repeats_the_id() -> None:
    found = labelled(
        domain("bee.com", (10, "aspmx.l.google.com")),
        host("aspmx.l.google.com", "192.0.2.1"),
        server("192.0.2.1"),
        located("192.0.2.1", 64500),
    )
    (row,) = found.mx.values()
    assert (row.provider_id, row.flags, row.hint_id) == ("google.com", ("foreign_as",), None)


# Faults of the paper's tool.


@pytest.mark.parametrize(
    ("asns", "hint_id"),
    [
        ((16417, 30215), "iphmx.com"),
        ((13916, 52129), "pphosted.com"),
        ((16417, 64500), None),
        ((16417, 13916), None),  # two networks are nobody's
        ((None, None), None),  # no AS known is not "all in Cisco"
        ((16417, None), None),
    ],
)
def test_a_mail_network_holds_all_addresses_or_says_nothing(
    asns: tuple[int | None, ...], hint_id: str | None
) -> None:
    addresses = ["192.0.2.1", "192.0.2.2"]
    verdict = alone(
        host("mx.ant.com", *addresses),
        *(server(address, "220 mx.ant.com") for address in addresses),
        *(located(address, asn) for address, asn in zip(addresses, asns, strict=True)),
    )
    assert (verdict.hint_id, verdict.provider_id) == (hint_id, "ant.com")
    assert verdict.flags == (("mail_network",) if hint_id else ())


def test_an_address_without_a_row_is_in_no_network() -> None:
    verdict = alone(host("mx.ant.com", "192.0.2.1"), server("192.0.2.1"))
    assert (verdict.flags, verdict.hint_id) == ((), None)


def test_a_known_company_in_a_mail_network_needs_no_hint() -> None:
    verdict = alone(
        host("mx.ant.com", "192.0.2.1"),
        server("192.0.2.1", "220 esa1.iphmx.com"),
        located("192.0.2.1", 16417),
    )
    assert (verdict.company, verdict.flags, verdict.hint_id) == ("Cisco", (), None)


def test_a_certificate_of_one_name_is_as_popular_as_its_domains() -> None:
    seeds = [domain(f"d{n}.com", (10, f"mx{n}.big.net")) for n in range(6)]
    found = labelled(
        *seeds,
        *(host(f"mx{n}.big.net", f"192.0.2.{n}") for n in range(6)),
        *(server(f"192.0.2.{n}", leaf=f"c{n}") for n in range(6)),
        *(certificate(f"c{n}", f"mx{n}.big.net") for n in range(6)),
    )
    assert {row.confidence for row in found.mx.values()} == {6}


def test_no_rule_is_out_of_reach() -> None:
    cases: list[list[Row]] = [
        [server("192.0.2.1", "220 mx.google.com"), located("192.0.2.1", 64500)],
        [server("192.0.2.1"), located("192.0.2.1", 22843)],
        [server("192.0.2.1", "220 vps1.big.net")],
        [server("192.0.2.1", leaf="c"), certificate("c", "vps1.big.net")],
        [server("192.0.2.1", "220 mx.ant.com", leaf="c"), certificate("c", "mx.big.net")],
    ]
    fired = [alone(host("mx.ant.com", "192.0.2.1"), *rows).flags for rows in cases]
    assert fired == [
        ("foreign_as",),
        ("mail_network",),
        ("vps_banner", "rented_machine"),
        ("vps_certificate", "rented_machine"),
        ("lone_certificate",),
    ]
    assert {flag for flags in fired for flag in flags} == {rule.id for rule in RULES}


@pytest.mark.parametrize("name", ["mx.notgoogle.com", "mx.google.com.example.net"])
def test_a_company_is_not_known_by_part_of_a_label(name: str) -> None:
    verdict = alone(host("mx.ant.com", "192.0.2.1"), server("192.0.2.1", f"220 {name}"))
    assert (verdict.source, verdict.company) == ("banner", None)


def test_an_exchange_of_ipv6_alone_is_inferred_like_any_other() -> None:
    def rows(number: int, address: str) -> list[Row]:
        return [
            domain(f"d{number}.com", (10, f"mx{number}.d.com")),
            host(f"mx{number}.d.com", address),
            server(address, "220 vps1.big.net", "250 vps1.big.net", f"c{number}"),
            certificate(f"c{number}", "mx.huge.org", "mx.huge.net"),
            located(address, 30215),
        ]

    found = labelled(*rows(4, "192.0.2.1"), *rows(6, "2001:db8::1"))
    four, six = found.mx["d4.com", "mx4.d.com"], found.mx["d6.com", "mx6.d.com"]
    assert six.addresses == ("2001:db8::1",)
    assert (six.source, six.provider_id, six.confidence) == ("tls", "huge.net", 2)
    assert (six.flags, six.hint_id) == (("mail_network",), "iphmx.com")
    assert [piece.addresses for piece in six.evidence] == [1, 1]
    assert (four.provider_id, four.confidence) == (six.provider_id, six.confidence)
    assert (four.flags, four.hint_id) == (six.flags, six.hint_id)
    assert found.domains["d6.com"].category == "by_tls"
