"""The prober against real mail servers."""

import hashlib
from collections.abc import Iterator

import pytest

from schemas.smtp import Smtp
from stages.certificates.shown import ShownCertificate
from stages.enrich.special import Scope
from stages.smtp.probe import Prober, ProbeSettings
from stages.smtp.stage import SmtpStage, Target
from stages.smtp.tls import client_context
from tests.servers.daemon import Mailer
from tests.servers.exim import exim
from tests.servers.postfix import postfix


@pytest.fixture(scope="module")
def postfix_server() -> Iterator[Mailer]:
    with postfix() as mailer:
        yield mailer


@pytest.fixture(scope="module")
def exim_server() -> Iterator[Mailer]:
    with exim() as mailer:
        yield mailer


async def probe(mailer: Mailer) -> Smtp:
    settings = ProbeSettings("census.example.org", scope=Scope.LOOPBACK)
    stage = SmtpStage(Prober(settings, client_context()))
    emit = await stage(Target(mailer.address, mailer.port, mailer.host))
    (row,) = emit.rows
    assert isinstance(row, Smtp)
    assert (row.outcome, row.step, row.detail) == ("ok", "quit", None)
    assert (row.starttls, row.tls_error, row.tls_version) == ("ok", None, "TLSv1.3")
    chain = mailer.identity.chain
    assert row.chain == tuple(hashlib.sha256(der).hexdigest() for der in chain)
    assert emit.next == tuple(ShownCertificate(der, chain, row.probed) for der in chain)
    assert "STARTTLS" in row.extensions
    assert "8BITMIME" in row.extensions
    assert row.ehlo_tls_raw
    assert b"STARTTLS" not in row.ehlo_tls_raw
    assert None not in row.timings
    return row


async def test_postfix(postfix_server: Mailer) -> None:
    row = await probe(postfix_server)
    assert row.banner is not None
    assert row.banner.startswith("220 mx.postfix.example ESMTP Postfix (3.")
    assert row.software == "Postfix"
    assert row.software_version == row.banner.split("(")[1].rstrip(")")
    assert (row.ehlo or "").startswith("250-mx.postfix.example\n")
    assert "ENHANCEDSTATUSCODES" in row.extensions


async def test_exim(exim_server: Mailer) -> None:
    row = await probe(exim_server)
    assert row.banner is not None
    assert row.banner.startswith("220 mx.exim.example ESMTP Exim 4.")
    assert row.software == "Exim"
    assert row.software_version == row.banner.split()[4]
    assert (row.ehlo or "").startswith("250-mx.exim.example Hello census.example.org [127.0.0.1]")
    assert any(extension.startswith("SIZE ") for extension in row.extensions)
