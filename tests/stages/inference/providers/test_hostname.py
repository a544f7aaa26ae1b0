import re
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
        ("220 mx.почта.рф ESMTP", "mx.xn--80a1acny.xn--p1ai"),
        ("220 MX.Bücher.Example.DE ESMTP", "mx.xn--bcher-kva.example.de"),
        ("220 mx。example。com ESMTP", "mx.example.com"),
        ("220-*** Welcome ***\r\n220 mx.example.com ESMTP", "mx.example.com"),
        ("220-Willkommen\r\n220-bei uns\r\n220 mx.example.com", "mx.example.com"),
        ("220 \u00a0mx.example.com|ESMTP", None),
        ("220 \u00a0mx.example.com | ESMTP", "mx.example.com"),
        # As some tools record replies: the code once.
        ("250 mx.example.com at your service\nSIZE 35882577\n8BITMIME", "mx.example.com"),
        ("220 ***\nmx.example.com ESMTP", "mx.example.com"),
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
        ("220 zen.spamhaus.org ESMTP", None),
        ("220 Your address is listed by rbl.example.net", None),
        ("220 ESMTP, abuse to mail.example.net", None),
        ("220-No unsolicited mail\r\n220 see policy.example.net", None),
        ("220-Hello\r\n220-using bl.example.net", None),
        ("220-mx.example.com\r\n554 No", None),
        ("554-5.7.1 blocked\r\n554 mx.example.com", None),
        ("250-Hello\r\n250 mx.example.com", None),
        ("220 mx.bücher ESMTP", None),
        ("220 \u2603.\u2603\u2603 ESMTP", None),
        ("220 ESMTP, abuse to postmaster@example.com", None),
        ("220 ready http://www.example.com", None),
        # Our own name said back to us.
        ("250 Hello census.example.org", None),
        ("250 CENSUS.example.org. hello", None),
        ("250-mx.example.com Hello census.example.org [192.0.2.9]", "mx.example.com"),
        ("250 census.example.org, this is mx.example.com", "mx.example.com"),
        ("250-[census.example.org] ok", None),
        ("250 census.example.org[192.0.2.9]", None),
        # Who is greeted is the client, by whatever name it is known.
        ("250 Hello pool-7.example.net", None),
        ("250 Greetings, pool-7.example.net", None),
        ("250 pleased to meet you, says mx.example.com", "mx.example.com"),
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


def stated_hosts() -> list[tuple[str, str | None]]:
    """Every example of recog and the host name its fingerprint finds in it."""
    found = []
    for fingerprint in ET.parse(RECOG).iter("fingerprint"):
        pattern = re.compile(fingerprint.get("pattern") or "")
        named = (param for param in fingerprint.iter("param") if param.get("name") == "host.name")
        group = next((int(param.get("pos") or 0) for param in named), None)
        for example in fingerprint.iter("example"):
            text = example.text or ""
            match = pattern.search(text)
            assert match, text
            stated = (match[group] or "").lower().lstrip("*.") if group else ""
            found.append((text, stated if registered_domain(stated) else None))
    return found


EXCEPTIONS = {
    "the name stands in the middle of the line, where others put anything": (
        "X1 NT-ESMTP Server foo.bar (IMail 6.06 899085-1)",
        "X1 NT-ESMTP Server foo.bar (IMail 6.06 EVAL 11347-1)",
    ),
}
"""Banners that we read otherwise than recog, by reason."""


@pytest.mark.skipif(not RECOG.exists(), reason="needs ../shared/data/smtp/smtp_banners.xml")
def test_235_real_banners_give_the_host_that_recog_states() -> None:
    examples = stated_hosts()
    assert len(examples) == 235
    assert sum(stated is not None for _, stated in examples) > 150
    differing = {text for text, stated in examples if reply_host("220 " + text) != stated}
    assert differing == {text for texts in EXCEPTIONS.values() for text in texts}
