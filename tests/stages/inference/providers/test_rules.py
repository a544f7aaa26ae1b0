import pytest

from stages.inference.providers.rules import RULES, looks_rented


@pytest.mark.parametrize(
    ("host", "registered", "rented"),
    [
        ("s132-148-130-121.secureserver.net", "secureserver.net", True),
        ("ip-192.0.2.1.example.net", "example.net", True),
        ("vps-1a2b3c4d.vps.ovh.net", "ovh.net", True),
        ("vps123.example.net", "example.net", True),
        ("vds.example.net", "example.net", True),
        ("static.1.2.example.net", "example.net", True),
        ("host-dynamic.example.net", "example.net", True),
        ("mx.google.com", "google.com", False),
        ("mail-vpsx.example.net", "example.net", False),
        ("devps.example.net", "example.net", False),
        ("ecstatic.example.net", "example.net", False),
        ("mx1.hc1299-98.c3s2.iphmx.com", "iphmx.com", False),
        ("mx.vps.net", "vps.net", False),  # the provider, not what it rents out
        ("192-0-2-1.com", "192-0-2-1.com", False),
    ],
)
def test_names_of_rented_servers(host: str, registered: str, rented: bool) -> None:  # noqa: FBT001
    assert looks_rented(host, registered) is rented


def test_rules_have_an_id_of_their_own_and_a_reason() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.why for rule in RULES)
