import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.smtp.refusal import Block, block
from stages.smtp.reply import Reply

LISTED = (
    "5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org",
    "5.7.1 Your access to this mail system has been rejected due to the poor reputation of you",
    "part of their network is on our block list (S3140).",
    "IP 192.0.2.7 blocked by Vade Threat List (OXSUS001_101)",
    "Client host blocked for spamming issues. OFR006_102 Ref http://csi.cloudmark.com/",
    "192.0.2.7 is listed at dnsbl.example.org",
    "Sorry, your IP is in our RBL",
    "Your host is blacklisted",
    "5.7.1 [BL21] Connections will not be accepted from 192.0.2.7",
    "5.7.1 Rejected because Bad IP",
    "Access denied, IP address is listed in a local denylist",
)
BANNED = (
    "5.7.606 Access denied, banned sending IP [192.0.2.7]",
    "You are not allowed to connect.",
    "IP=192.0.2.7 - A problem occurred. Ask your postmaster for help",
    "Connection refused, your host is banned",
    "4.7.1 Intrusion prevention active for [192.0.2.7]",
    "Sorry, your network has been blocked",
    "We do not accept mail from your address",
    "mail from dynamic IP addresses is not wanted",
    "4.5.1 Too many errors, you have been temporarily blocked",
)
LIMITED = (
    "Too many connections from your IP",
    "4.7.0 Too many concurrent connections from this client (G2)",
    "too many connections from 192.0.2.7",
    "192.0.2.7 IP frequency limited",
    "4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation",
    "Too many connections, slow down. OFR004_104",
    "4.7.0 Our system has detected an unusual rate of mail from your IP address",
    "Your IP address is flooding our SMTP server",
    "exceeded the maximum connection rate",
)
GENERAL = (
    "Too many concurrent SMTP connections; please try again later.",
    "mx.example.net Too many connections",
    "mx.example.net Service not available, closing transmission channel",
    "No SMTP service here",
    "4.3.2 Server busy, try again later",
    "4.3.2 All server ports are busy",
    "mx.example.net ESMTP not accepting messages",
    "System is going down for maintenance",
    "5.3.2 system not accepting network messages",
    "Could not load the blocking thread pool",
    "out of memory",
    "Insufficient disk space",
    "mail.blocker-tools.example temporarily unavailable",
)


def said(text: str, code: int = 554) -> Reply:
    return Reply(code, (text.encode(),))


@pytest.mark.parametrize(
    ("text", "kind"),
    [(text, Block.LISTED) for text in LISTED]
    + [(text, Block.BANNED) for text in BANNED]
    + [(text, Block.LIMITED) for text in LIMITED]
    + [(text, None) for text in GENERAL],
)
def test_what_a_refusal_holds_against_us(text: str, kind: Block | None) -> None:
    assert block(said(text)) is kind
    assert block(said(text.upper(), 421)) is kind


def test_a_reason_may_stand_in_any_line() -> None:
    assert (
        block(Reply(554, (b"mx.example.net", b"your host", b"blocked by spamhaus"))) is Block.LISTED
    )


def test_only_a_refusal_can_be_a_block() -> None:
    assert block(said("mx.spamhaus.org ESMTP ready", 220)) is None


@given(st.binary(max_size=4096))
def test_any_text_has_a_verdict(raw: bytes) -> None:
    assert block(Reply(554, (raw,))) in (None, *Block)
