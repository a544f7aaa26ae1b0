from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.smtp.greeting import Software, extensions, offers_starttls, software, software_of
from stages.smtp.reply import Reply, ReplyError, read

BANNERS = Path(__file__).parents[4] / "shared" / "data" / "smtp" / "smtp_banners.xml"

NAMED = (
    ("mx.example.net ESMTP Postfix (Debian/GNU)", Software("Postfix", None)),
    ("mx.example.net ESMTP Postfix (3.7.11)", Software("Postfix", "3.7.11")),
    ("mail.example.net ESMTP Postcow", Software("Postfix", None)),
    ("mx.example.net ESMTP Exim 4.96 Mon, 01 Jan 2026 00:00:00 +0000", Software("Exim", "4.96")),
    ("mx ESMTP Sendmail 8.17.1/8.17.1; Mon", Software("Sendmail", "8.17.1")),
    (
        "AM0.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026",
        Software("Microsoft Exchange", None),
    ),
    (
        "mx Microsoft ESMTP MAIL Service, Version: 10.0.17763.1 ready",
        Software("Microsoft IIS", "10.0.17763.1"),
    ),
    ("mx.google.com ESMTP a1-20020si123.45 - gsmtp", Software("Google gsmtp", None)),
    ("mx.example.net ESMTP OpenSMTPD", Software("OpenSMTPD", None)),
    ("mx.example.net ESMTP Haraka/3.0.2 ready (1A2B)", Software("Haraka", "3.0.2")),
    ("mx.example.net ESMTP Haraka 2.8.28 ready", Software("Haraka", "2.8.28")),
    ("mx.example.net (PowerMTA(TM) v5.0r8) ESMTP service ready", Software("PowerMTA", "5.0r8")),
    ("mx.example.net ESMTP MailEnable Service, Version: 10.34", Software("MailEnable", "10.34")),
    ("mx.example.net ESMTP IceWarp 13.0.3.8; Mon", Software("IceWarp", "13.0.3.8")),
    ("mx.example.net Stalwart ESMTP at your service", Software("Stalwart", None)),
    ("kundenserver.de (mxeue110) Nemesis ESMTP Service ready", Software("Nemesis", None)),
    ("mx.example.net ESMTP SimpleEmailService-d-ABC123 xyz", Software("Amazon SES", None)),
    ("mx.example.net Kerio Connect 10.0.2 ESMTP ready", Software("Kerio Connect", "10.0.2")),
    ("mx.example.net ESMTP Courier 1.0.6", Software("Courier", "1.0.6")),
    # A name that is part of a host name says nothing, nor does a host's own version-like label.
    ("postfix.example.net ESMTP", None),
    ("mx.exim.org ESMTP", None),
    ("postfix-01.example.net ESMTP Exim 4.96", Software("Exim", "4.96")),
    ("mx.example.net ESMTP ready", None),
    ("eximious.example.net ESMTP", None),
    ("", None),
)


@pytest.mark.parametrize(("line", "expected"), NAMED)
def test_software(line: str, expected: Software | None) -> None:
    assert software_of(line) == expected


def test_the_banner_speaks_before_ehlo() -> None:
    postfix, exim = Reply(220, (b"mx ESMTP Postfix",)), Reply(250, (b"mx Exim 4.96", b"SIZE"))
    assert software(postfix, exim) == Software("Postfix", None)
    assert software(Reply(220, (b"mx", b"ESMTP")), exim) == Software("Exim", "4.96")
    assert software(None, None) is None


def test_keywords_are_no_software() -> None:
    assert software(None, Reply(250, (b"mx", b"X-POSTFIX 1", b"Postfix"))) is None


def test_extensions() -> None:
    ehlo = Reply(250, (b"mx hello", b"SIZE 1000", b"AUTH=LOGIN", b" ", b"8BITMIME "))
    assert extensions(ehlo) == ("SIZE 1000", "AUTH=LOGIN", "8BITMIME")
    assert not offers_starttls(ehlo)


@pytest.mark.parametrize(
    "line", [b"STARTTLS", b"starttls", b"StartTLS", b"STARTTLS ", b"STARTTLS x"]
)
def test_starttls_in_any_case(line: bytes) -> None:
    assert offers_starttls(Reply(250, (b"mx", line)))


@pytest.mark.parametrize("line", [b"XSTARTTLS", b"NOSTARTTLS", b"AUTH STARTTLS", b"STARTTLSX"])
def test_not_starttls(line: bytes) -> None:
    assert not offers_starttls(Reply(250, (b"mx", line)))


def test_a_host_called_starttls_offers_nothing() -> None:
    assert not offers_starttls(Reply(250, (b"STARTTLS",)))


@given(st.binary(max_size=2000))
def test_any_line_is_read(raw: bytes) -> None:
    reply = Reply(250, (b"mx", raw))
    offers_starttls(reply)
    found = software(Reply(220, (raw,)), reply)
    assert found is None or found.name


@given(st.binary(max_size=300))
def test_any_greeting_is_read(raw: bytes) -> None:
    try:
        reply, _ = read(b"220 " + raw)
    except ReplyError:
        return
    if reply is not None:
        software(reply, reply)


OURS = {
    "Ipswitch IMail Server": "IMail",
    "EMWAC Internet Mail Services": "EMWAC IMS",
    "Microsoft Exchange Server": "Microsoft Exchange",
    "TIS FWTK": "FWTK smap",
    "IBM VM": "IBM VM SMTP",
    "Mercury Mail Transport System": "Mercury",
    "Lotus Lotus Domino": "Domino",
    "IBM Lotus Domino": "Domino",
    "IBM IBM Domino": "Domino",
    "Symantec Mail Security for SMTP": "Symantec Mail Security",
    "Kerio ESMTP": "Kerio Connect",
    "Twisted Matrix Labs ESMTP": "Twisted",
    "Ma Jian ESMTP": "WinWebMail",
    "Tobit Software ESMTP": "Tobit David",
}
"""Where our name is not simply recog's vendor, product or both."""


class Example(NamedTuple):
    text: str
    vendor: str
    product: str
    version: str | None

    def is_named(self, name: str) -> bool:
        both = f"{self.vendor} {self.product}".strip()
        names = (OURS[both],) if both in OURS else (both, self.vendor, self.product)
        return _fold(name) in map(_fold, names)


def _fold(words: str) -> str:
    return "".join(char for char in words.lower() if char.isalnum())


def examples() -> list[Example]:
    found = []
    for fingerprint in ET.parse(BANNERS).getroot().iter("fingerprint"):
        params = {p.get("name"): p.get("value") or "" for p in fingerprint.iter("param")}
        vendor, product = (params.get(f"service.{word}", "") for word in ("vendor", "product"))
        found += [
            Example(example.text or "", vendor, product, example.get("service.version"))
            for example in fingerprint.iter("example")
        ]
    return found


@pytest.mark.skipif(not BANNERS.exists(), reason="needs ../shared/data/smtp")
def test_235_real_banners() -> None:
    banners = [(example, software_of(example.text)) for example in examples()]
    assert len(banners) == 235
    assert [e for e, ours in banners if e.product and not (ours and e.is_named(ours.name))] == []
    differing = [(e, ours) for e, ours in banners if e.version != (ours and ours.version)]
    # recog stops at 3.3 where the banner says v3.30.09.
    assert [ours for _, ours in differing] == [Software("MERCUR", "3.30.09")]
