import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.registered import registered_domain
from stages.inference.providers.rented import PATTERNS, rented_pattern, rented_patterns


def pattern_of(host: str) -> str | None:
    registered = registered_domain(host)
    assert registered, host
    return rented_pattern(host, registered)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_its_example_fits_each_pattern_and_none_before_it(pattern: object) -> None:
    assert pattern in PATTERNS
    (found,) = (each for each in PATTERNS if each is pattern)
    assert pattern_of(found.example) == found.id


def test_ids_are_distinct_and_every_pattern_says_why() -> None:
    assert len({pattern.id for pattern in PATTERNS}) == len(PATTERNS)
    assert all(pattern.why for pattern in PATTERNS)


@pytest.mark.parametrize(
    ("host", "pattern"),
    [
        # What the paper's tool and README name.
        ("s132-148-130-121.secureserver.net", "address"),
        ("vps797297.ovh.net", "vps"),
        ("vps-1a2b3c4d.vps.ovh.net", "vps"),
        ("vds123.example.net", "vps"),
        ("ip-132-148-130-121.ip.secureserver.net", "address"),
        ("static.88-198-1-2.clients.your-server.de", "address"),
        ("ec2-18-195-1-2.eu-central-1.compute.amazonaws.com", "address"),
        ("1.2.0.192.in-addr.example.net", "address"),
        ("ns3012345.ip-51-254-1.eu", "network"),
        ("mail.dyn.example.net", "dynamic"),
        ("host-217.adsl.example.net", "access"),
        ("vmi987654.contaboserver.net", "virtual_machine"),
        ("srv412345.hstgr.cloud", "virtual_machine"),
        # Names of mail services that look a little like it.
        ("mx0a-00272d02.pphosted.com", None),
        ("mx1.hc1234-56.iphmx.com", None),
        ("aspmx.l.google.com", None),
        ("AM7EUR06FT003.mail.protection.outlook.com".lower(), None),
        ("us-smtp-inbound-1.mimecast.com", None),
        ("mx01.mail.icloud.com", None),
        ("mxb-00123456.gslb.pphosted.com", None),
        ("server-9.tower-123.messagelabs.com", None),
        ("d12345a.ess.barracudanetworks.com", None),
        ("p3plibsmtp01-05.prod.phx3.secureserver.net", None),
        ("mail.vps.net", None),
        ("mail.static.com", None),
        ("mail.example-vps.com", None),
        ("vpsmail.example.com", None),
        ("mx2024010112.example.com", None),
        ("mail-4-2-300-1.example.com", None),
        ("facade.example.com", None),
        ("deadbeef.example.com", None),
    ],
)
def test_real_names(host: str, pattern: str | None) -> None:
    assert pattern_of(host) == pattern


OCTETS = st.tuples(*[st.integers(0, 255)] * 4)


@given(OCTETS, st.sampled_from(".-_"), st.sampled_from(["", "static-", "ip", "h."]))
def test_any_address_in_a_name_is_seen(octets: tuple[int, ...], dot: str, before: str) -> None:
    name = f"{before}{dot.join(map(str, octets))}.example.net"
    assert rented_pattern(name, "example.net") == "address"


@given(st.text(alphabet="abcdef0123456789-._vpsxnd", max_size=253))
def test_any_name_gives_a_pattern_or_none(name: str) -> None:
    found = rented_pattern(name + ".example.net", "example.net")
    assert found is None or found in {pattern.id for pattern in PATTERNS}


FITTING = st.one_of(*(st.from_regex(pattern.expression) for pattern in PATTERNS))


@settings(max_examples=20)
@given(st.lists(st.tuples(FITTING, st.sampled_from(["", "mx.", "a-"]))))
def test_many_at_once_as_one_by_one(parts: list[tuple[str, str]]) -> None:
    hosts = [f"{before}{fitting}.example.net" for fitting, before in parts]
    registered = ["example.net"] * len(hosts)
    assert rented_patterns(hosts, registered) == list(map(rented_pattern, hosts, registered))
