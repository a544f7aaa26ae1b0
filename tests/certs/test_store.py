"""Stores opened from files, and from none."""

import gzip
from datetime import datetime
from pathlib import Path

import certifi
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certs.trust import TrustStore
from schemas.outcomes import Verdict
from schemas.provenance import TableError
from tests.certs.judging import LEAF, MIDDLE, ROOT, judge, mozilla_roots


@pytest.mark.parametrize("ending", [".pem", ".pem.gz"])
def test_stores_are_opened_from_files(ending: str, tmp_path: Path) -> None:
    roots, known = tmp_path / f"roots{ending}", tmp_path / f"known{ending}"
    for path, party in ((roots, ROOT), (known, MIDDLE)):
        pem = b"# a comment\n" + party.pem + b"\n"
        path.write_bytes(gzip.compress(pem) if ending.endswith(".gz") else pem)
    trust = TrustStore.open(roots, [known])
    assert judge(LEAF, trust=trust).verdict is Verdict.TRUSTED
    assert [(p.name, p.source) for p in trust.provenance] == [
        ("roots", str(roots)),
        ("intermediates", str(known)),
    ]


def test_mozillas_roots_are_the_default() -> None:
    trust = TrustStore.open()
    (provenance,) = trust.provenance
    assert provenance.source == f"certifi {certifi.__version__}"
    assert datetime.fromisoformat(provenance.date).year > 2020
    for root in mozilla_roots()[:20]:
        der = root.public_bytes(Encoding.DER)
        middle = int(root.not_valid_after_utc.timestamp() - 86_400) * 1_000_000
        assert trust.judge(der, [der], middle).reason == "is a trusted root"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("empty.pem", b""),
        ("text.pem", b"no certificate\n"),
        ("plain.pem.gz", ROOT.pem),
        ("short.pem.gz", gzip.compress(ROOT.pem)[:-9]),
        ("broken.pem", ROOT.pem.replace(b"\nMII", b"\nM")),
    ],
)
def test_a_wrong_file_is_one_line_that_names_it(file: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(TableError, match=file) as raised:
        TrustStore.open(path)
    assert "\n" not in str(raised.value)
    for missing in (tmp_path, tmp_path / "missing.pem"):
        with pytest.raises(TableError, match=missing.name):
            TrustStore.open(None, [missing])
