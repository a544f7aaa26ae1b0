"""Who may greet strangers. The DNS of it is tested with the doctor."""

import pytest

from pipeline.errors import ConfigError
from pipeline.identity import check_identity, is_contact, is_host_name
from pipeline.settings import Settings

GOOD = {"ehlo_name": "census.example.net", "contact": "https://census.example.net/"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("census.example.net", True),
        ("Probe-1.Example.co.uk", True),
        ("localhost", False),
        ("census", False),
        ("census.localdomain", False),  # no such suffix: nobody can own it
        ("co.uk", False),
        ("192.0.2.1", False),
        ("[192.0.2.1]", False),
        ("my_probe.example.net", False),
        ("bücher.example.net", False),  # EHLO takes ASCII
        ("census example.net", False),
        ("", False),
    ],
)
def test_host_names(name: str, expected: bool) -> None:  # noqa: FBT001
    assert is_host_name(name) is expected


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("https://census.example.net/", True),
        ("http://example.net/census?lang=en", True),
        ("census@example.net", True),
        ("mailto:census@example.net", True),
        ("https://localhost/", False),
        ("https://[::1/", False),
        ("ftp://example.net/", False),
        ("example.net", False),
        ("@example.net", False),
        ("census@localhost", False),
        ("our census@example.net", False),
        ("+49 30 1234", False),
    ],
)
def test_contacts(contact: str, expected: bool) -> None:  # noqa: FBT001
    assert is_contact(contact) is expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "ehlo_name and contact must be set"),
        ({"ehlo_name": "census.example.net"}, "^contact must be set"),
        ({"contact": "census@example.net"}, "^ehlo_name must be set"),
        (GOOD | {"ehlo_name": "localhost"}, "ehlo_name 'localhost' is no host name"),
        (GOOD | {"contact": "ask us"}, "contact 'ask us' is neither"),
    ],
)
def test_strangers_are_told_who_greets_them(given: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_identity(Settings.model_validate(given))
    for harmless in ({"smtp": False}, {"scope": "loopback"}):
        check_identity(Settings.model_validate({**given, **harmless}))


def test_who_says_it_all_may_go() -> None:
    check_identity(Settings.model_validate(GOOD))
