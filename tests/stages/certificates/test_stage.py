import pytest

from certs.chain import MAX_STEPS, Link
from certs.trust import TrustStore
from schemas.certificates import CERTIFICATES, Certificate
from schemas.outcomes import Verdict
from stages.certificates.shown import ShownCertificate
from stages.certificates.stage import CertificateStage
from tests.certs.authority import AT, issue
from tests.certs.hostile import counted_work, ring
from tests.certs.judging import store

ROOT = issue("Root", ca=True)
MIDDLE = issue("Intermediate", ROOT, ca=True)
LEAF = issue("mx.example.com", MIDDLE, dns=["mx.example.com"])


async def shown(der: bytes, *chain: bytes) -> Certificate:
    root = Link.of(ROOT.der)
    assert root
    item = ShownCertificate(der, chain, AT)
    (row,), further = await CertificateStage(TrustStore([root]))(item)
    assert further == ()
    assert isinstance(row, Certificate)
    assert CERTIFICATES.batch([row]).num_rows == 1
    assert row.sha256 == item.sha256
    assert row.seen == AT
    return row


async def test_every_certificate_of_a_chain_has_its_row() -> None:
    chain = (LEAF.der, MIDDLE.der, ROOT.der)
    rows = [await shown(der, *chain) for der in chain]
    assert [row.verdict for row in rows] == [Verdict.TRUSTED] * 3
    assert [row.is_ca for row in rows] == [False, True, True]
    assert rows[0].names == ("mx.example.com",)
    assert rows[0].verdict_reason == "chains to Root by Intermediate"


async def test_certificates_of_one_chain_share_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tuple(party.der for party in ring(8))
    stage, work = CertificateStage(store()), counted_work(monkeypatch)
    rows = [(await stage(ShownCertificate(der, sent, AT))).rows[0] for der in sent]
    assert {row.verdict for row in rows if isinstance(row, Certificate)} == {Verdict.NOT_JUDGED}
    assert work["checks"] <= MAX_STEPS
    row = (await stage(ShownCertificate(LEAF.der, (LEAF.der, MIDDLE.der), AT))).rows[0]
    assert isinstance(row, Certificate)
    assert row.verdict is Verdict.BAD_SIGNATURE  # this store's root is another of that name


async def test_a_leaf_without_its_chain_is_of_unknown_issuer() -> None:
    assert (await shown(LEAF.der, LEAF.der)).verdict is Verdict.UNKNOWN_ISSUER


async def test_any_bytes_have_their_row() -> None:
    row = await shown(b"nonsense", b"nonsense")
    assert row.verdict is Verdict.UNPARSABLE
    assert row.faults
