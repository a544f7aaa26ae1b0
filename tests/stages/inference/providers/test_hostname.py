import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.registered import registered_domain
from stages.inference.providers.hostname import BLOCKLISTS, reply_host

OWN = "census.example.org"
RECOG = Path(__file__).parents[5] / "shared/data/smtp/smtp_banners.xml"


@pytest.mark.parametrize(
    ("reply", "host"),
    [
        # The shapes of IMC'21.
        ("220 mx.google.com ESMTP x12-v6si - gsmtp", "mx.google.com"),
        ("220-mx.example.com ESMTP\r\n220 ready", "mx.example.com"),
        ("250-mx.example.com at your service\r\n250 SIZE 35882577", "mx.example.com"),
        ("\r\n220 mx.example.com", "mx.example.com"),
        ("220 ESMTP Postfix mx.example.com", "mx.example.com"),
        ("220 mx.example.com: hi", "mx.example.com"),
        ("220 bosimpinc12 bizsmtp ESMTP server ready", "bosimpinc12.eigbox.net"),
        # What its parser missed.
        ("220  mx.example.com ESMTP", "mx.example.com"),
        ("220\tmx.example.com ESMTP", "mx.example.com"),
        ("220 mx.example.com[192.0.2.1] ESMTP", "mx.example.com"),
        ("220 mx.example.com(192.0.2.1) ESMTP", "mx.example.com"),
        ("220 <mx.example.com> ESMTP", "mx.example.com"),
        ("220 [mx.example.com] ESMTP", "mx.example.com"),
        ("220 mx.example.com:25 ESMTP", "mx.example.com"),
        ("220 mx.example.com. ESMTP", "mx.example.com"),
        ("220 MX.Example.COM ESMTP", "mx.example.com"),
        ("220 -- mx.example.com ESMTP", "mx.example.com"),
        ("220 mx.xn--e1afmkfd.xn--p1ai ESMTP", "mx.xn--e1afmkfd.xn--p1ai"),
        ("220 2.0.0 mx.example.com ESMTP ecelerity", "mx.example.com"),
        ("220-\r\n220 mx.example.com ESMTP", "mx.example.com"),
        ("220 mx.example.com Willkommen bei der Behörde \\xfc", "mx.example.com"),
        ("220 mail_1.example.com ESMTP", "mail_1.example.com"),
        # What names nobody.
        ("220 [192.0.2.1] ESMTP ready", None),
        ("220 192.0.2.1 ESMTP ready", None),
        ("220 localhost ESMTP Postfix", None),
        ("220 localhost.localdomain ESMTP Postfix", None),
        ("220 mail ESMTP", None),
        ("220 mail.local ESMTP", None),
        ("220 co.uk ESMTP", None),
        ("220 *********************", None),
        ("220", None),
        ("220 ", None),
        ("", None),
        ("mx.example.com ESMTP", None),
        ("SSH-2.0-OpenSSH_9.6", None),
        ("554 5.7.1 mx.example.com: blocked using bl.spamcop.net", None),
        ("421 mx.example.com too many connections", None),
        ("220-no reply continues\r\n554 mx.example.com", None),
        ("220 blocked? see www.spamhaus.org", None),
        ("220 ESMTP, abuse to postmaster@example.com", None),
        ("220 ready http://www.example.com", None),
        # Our own name said back to us.
        ("250 Hello census.example.org", None),
        ("250 CENSUS.example.org. hello", None),
        ("250-mx.example.com Hello census.example.org [192.0.2.9]", "mx.example.com"),
        ("250 census.example.org, this is mx.example.com", "mx.example.com"),
    ],
)
def test_the_name_a_server_gives_itself(reply: str, host: str | None) -> None:
    assert reply_host(reply, OWN) == host


def test_without_a_name_of_our_own_nothing_is_an_echo() -> None:
    assert reply_host("250 census.example.org") == OWN


@given(st.text() | st.text(alphabet="250-. \t\r\nmx.examplecom[]<>:"))
def test_any_text_gives_a_lower_case_name_with_a_registered_domain_or_nothing(text: str) -> None:
    for reply in (text, "220 " + text, "250-" + text):
        host = reply_host(reply, OWN)
        if host is not None:
            assert host == host.lower().strip(".")
            assert host != OWN
            assert registered_domain(host) not in BLOCKLISTS | {None}


@given(st.text(alphabet=" \t-", min_size=1), st.sampled_from(["{}", "<{}>", "[{}].", "{}[::1]"]))
def test_blanks_and_brackets_change_nothing(blanks: str, shape: str) -> None:
    assert reply_host("220 " + blanks + shape.format("mx.example.com")) == "mx.example.com"


@pytest.mark.skipif(not RECOG.exists(), reason="needs ../shared/data/smtp/smtp_banners.xml")
def test_real_banners_give_the_host_that_they_were_labelled_with() -> None:
    examples = [
        (example.text or "", example.get("host.name"))
        for example in ET.parse(RECOG).iter("example")
    ]
    assert len(examples) > 200
    wrong = {}
    for text, label in examples:
        real = label and label.lstrip("*.")
        expected = real if real and registered_domain(real) else None
        if reply_host("220 " + text) != expected:
            wrong[text] = expected
    # IMail alone puts its name in the middle of the line, where others put anything.
    assert sorted(wrong) == [
        "X1 NT-ESMTP Server foo.bar (IMail 6.06 899085-1)",
        "X1 NT-ESMTP Server foo.bar (IMail 6.06 EVAL 11347-1)",
    ]
