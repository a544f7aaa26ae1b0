import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.smtp.reply import Reply, ReplyError, read
from stages.smtp.software import Rule, Software, catalogue, software, software_of

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
    (
        "mta.example.net ESMTP server (InterMail vM.8.01.05 201-2260)",
        Software("InterMail", "M.8.01.05"),
    ),
    ("mx.example.net Python SMTP proxy version 0.3", Software("Python smtpd", "0.3")),
    ("mx.example.net Python SMTP 1.4.6", Software("aiosmtpd", "1.4.6")),
    (
        "mx.yandex.net (Want to use Yandex.Mail for your domain? Visit http://pdd.yandex.ru) 1a",
        Software("Yandex Mail", None),
    ),
    ("mx0a-00123456.example.net ESMTP mfa-m0123456", Software("Proofpoint", None)),
    ("p3plibsmtp01.example.net bizsmtp ESMTP server ready", Software("Cloudmark Gateway", None)),
    ("d1.example.net ESMTP (0123456789abcdef0123456789abcdef)", Software("Barracuda", None)),
    ("****************************", Software("Cisco PIX", None)),
    ("******* 0*0*****", None),
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


@pytest.mark.parametrize(
    ("keyword", "name"),
    [
        (b"X-EXPS GSSAPI NTLM", "Microsoft Exchange"),
        (b"x-anonymoustls", "Microsoft Exchange"),
        (b"XEXCH50", "Microsoft Exchange"),
        (b"X_PIPE_CONNECT", "Exim"),
        (b"XMRG", "PowerMTA"),
        (b"XCLIENT NAME ADDR", None),
        (b"XFORWARD NAME ADDR", None),
        (b"AUTH X-EXPS", None),
    ],
)
def test_a_verb_of_its_own_gives_a_silent_product_away(keyword: bytes, name: str | None) -> None:
    silent = Reply(220, (b"mx.example.net ESMTP",))
    found = software(silent, Reply(250, (b"mx.example.net", b"SIZE 1000", keyword)))
    assert found == (Software(name, None) if name else None)
    telling = Reply(220, (b"mx.example.net ESMTP Haraka/3.0.2",))
    assert software(telling, Reply(250, (b"mx", keyword))) == Software("Haraka", "3.0.2")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"eu-smtp-inbound-1.mimecast.com ESMTP; Mon", "Mimecast"),
        (b"ESA1.HC12-34.IPHMX.COM ESMTP", "Cisco Secure Email"),
        (b"<server-9.tower-1.messagelabs.com>", "Symantec Email Security.cloud"),
        (b"mx0a-00123456.pphosted.com ESMTP", "Proofpoint"),
        (b"notmimecast.com ESMTP", None),
        (b"mimecast.com.example.net ESMTP", None),
        (b"ESMTP mx.mimecast.com", None),
        (b"", None),
    ],
)
def test_a_service_is_known_by_the_host_that_greets(line: bytes, name: str | None) -> None:
    assert software(Reply(220, (line,)), None) == (Software(name, None) if name else None)
    assert software(Reply(554, (line,)), None) is None


def test_keywords_are_no_software() -> None:
    assert software(None, Reply(250, (b"mx", b"X-POSTFIX 1", b"Postfix"))) is None


@pytest.mark.parametrize("rule", catalogue().rules, ids=lambda rule: rule.id)
def test_every_rule_fits_a_line_that_no_rule_before_it_takes(rule: Rule) -> None:
    for literal in rule.literals:
        line = rule.example or f"mx ESMTP {literal.upper()} 1.2.3"
        found = software_of(line)
        assert found
        assert found.name == rule.name
        if rule.then == "%next%" and not rule.example:
            assert found.version == "1.2.3"
        elsewhere = f"{literal}.example.net ESMTP"
        if literal.isalnum():
            assert software_of(elsewhere) is None


def test_the_rules_are_consistent() -> None:
    rules = catalogue().rules
    assert len({rule.id for rule in rules}) == len(rules)
    for taken in (
        [literal for _, literal, _ in catalogue().lines],
        [keyword for rule in rules for keyword in rule.keywords],
        [host for rule in rules for host in rule.hosts],
    ):
        twice = {each for each in taken if taken.count(each) > 1}
        assert twice <= {"esmtp"}  # which two products qualify each in its own way
    assert all(rule.literals or rule.keywords or rule.hosts for rule in rules)
    assert all(pattern.groups <= 1 for _, _, pattern in catalogue().lines)


@given(st.binary(max_size=2000))
def test_any_line_is_read(raw: bytes) -> None:
    reply = Reply(250, (b"mx", raw))
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
    """A banner and what recog's fingerprint states of it."""

    text: str
    vendor: str | None
    product: str | None
    version: str | None

    def is_named(self, name: str) -> bool:
        both = f"{self.vendor or ''} {self.product or ''}".strip()
        names = (OURS[both],) if both in OURS else (both, self.vendor or "", self.product or "")
        return _fold(name) in map(_fold, names)


def _fold(words: str) -> str:
    return "".join(char for char in words.lower() if char.isalnum())


def examples() -> list[Example]:
    """Every example, with the product and version that its fingerprint states or captures."""
    found = []
    for fingerprint in ET.parse(BANNERS).getroot().iter("fingerprint"):
        pattern = re.compile(fingerprint.get("pattern") or "")
        params = {param.get("name"): param for param in fingerprint.iter("param")}
        for example in fingerprint.iter("example"):
            text = example.text or ""
            match = pattern.search(text)
            assert match, text
            stated = [
                _stated(match, params.get(f"service.{field}"))
                for field in ("vendor", "product", "version")
            ]
            found.append(Example(text, *stated))
    return found


def _stated(match: re.Match[str], param: ET.Element | None) -> str | None:
    if param is None:
        return None
    group = int(param.get("pos") or 0)
    return (match[group] if group else param.get("value")) or None


VERSIONS_APART = {
    "recog stops at 3.3 where the banner says v3.30.09": "MERCUR",
    "recog knows the age of a product whose banner has no version": "Domino",
}
NAMED_BY_US_ALONE = {
    "recog names the hardware": "Cisco PIX",
    "recog names the operating system, whose own mail server it is": "TCP/IP Services for OpenVMS",
}
FLOOR = 0.97


@pytest.mark.skipif(not BANNERS.exists(), reason="needs ../shared/data/smtp/smtp_banners.xml")
def test_agreement_with_recog_over_235_real_banners() -> None:
    banners = [(example, software_of(example.text)) for example in examples()]
    products = [(e, ours) for e, ours in banners if e.product]
    versions = [(e, ours) for e, ours in banners if e.version]
    same_product = [e for e, ours in products if ours and e.is_named(ours.name)]
    same_version = [e for e, ours in versions if ours and ours.version == e.version]
    alone = [ours.name for e, ours in banners if ours and not e.product]
    print(f"\n{'':10}{'stated':>8}{'agreed':>8}")
    for what, stated, agreed in (
        ("product", products, same_product),
        ("version", versions, same_version),
    ):
        print(f"{what:10}{len(stated):8}{len(agreed):8}{len(agreed) / len(stated):8.1%}")
        assert len(agreed) >= FLOOR * len(stated)
    assert len(banners) == 235
    assert len(same_product) == len(products)
    apart = [
        ours.name if ours else e.text for e, ours in banners if e.version != (ours and ours.version)
    ]
    assert sorted(apart) == sorted(VERSIONS_APART.values())
    assert set(alone) == set(NAMED_BY_US_ALONE.values())
