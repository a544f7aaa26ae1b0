"""DKIM key records."""

from base64 import b64encode
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from schemas.policy_class import PolicyClass
from stages.policy.dkim import is_key, parse

SPKI = PublicFormat.SubjectPublicKeyInfo


@cache
def rsa_key(bits: int, form: PublicFormat = SPKI) -> str:
    """A fresh key, as p has it."""
    key = rsa.generate_private_key(65537, bits).public_key()
    return b64encode(key.public_bytes(Encoding.DER, form)).decode()


def findings(record: str) -> set[str]:
    return {str(each.finding) for each in parse(record.encode()).faults}


def test_good_keys() -> None:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for record, kind, bits in (
        (f"v=DKIM1; k=rsa; p={rsa_key(2048)}", "rsa", 2048),
        (f"p={rsa_key(2048)}", "rsa", 2048),
        (f"v=DKIM1; k=rsa; p={rsa_key(2048, PublicFormat.PKCS1)}", "rsa", 2048),
        (f"v=DKIM1; h=sha1:sha256; s=email; t=s; n=a note; p={rsa_key(2048)};", "rsa", 2048),
        (f"v=DKIM1; k=ed25519; p={b64encode(raw).decode()}", "ed25519", 256),
    ):
        key = parse(record.encode())
        assert is_key(record.encode())
        assert (key.key_type, key.bits, key.usable, key.faults) == (kind, bits, True, ())


def test_blanks_inside_a_key_do_not_count() -> None:
    text = rsa_key(2048)
    assert parse(f"v=DKIM1; p={text[:64]} {text[64:99]}\t{text[99:]}".encode()).bits == 2048


def test_weak_and_short_keys() -> None:
    short = parse(f"v=DKIM1; p={rsa_key(1024)}".encode())
    assert (short.bits, short.usable) == (1024, True)
    assert findings(f"v=DKIM1; p={rsa_key(1024)}") == {"short_key"}
    numbers = rsa.RSAPublicNumbers(65537, (1 << 511) + 12345)  # nobody makes them any more
    weak = b64encode(numbers.public_key().public_bytes(Encoding.DER, SPKI)).decode()
    assert not parse(f"v=DKIM1; p={weak}".encode()).usable
    assert findings(f"v=DKIM1; p={weak}") == {"weak_key"}


@pytest.mark.parametrize(
    ("record", "finding"),
    [
        ("v=DKIM1; p=", "revoked_key"),
        ("v=DKIM1; k=rsa", "missing_tag"),
        ("v=DKIM1; t=y; p={key}", "testing_key"),
        ("v=DKIM1; h=sha1; p={key}", "weak_hash"),
        ("v=DKIM1; s=tlsrpt; p={key}", "foreign_service"),
        ("v=DKIM1; k=dsa; p={key}", "unknown_key_type"),
        ("v=DKIM1; k=ed25519; p={key}", "bad_key"),
        ("v=DKIM1; p={key}!", "bad_key"),
        ("v=DKIM1; p=AAAA", "bad_key"),
        ("v=DKIM1; p={ec}", "bad_key"),
        ("v=DKIM2; p={key}", "bad_version"),
        ("k=rsa; v=DKIM1; p={key}", "bad_version"),
        ("v=DKIM1; q=dns; p={key}", "unknown_tag"),
        ("v=DKIM1; p={key}; p={key}", "duplicate_tag"),
    ],
)
def test_what_is_wrong_with_a_key(record: str, finding: str) -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, SPKI)
    text = record.format(key=rsa_key(2048), ec=b64encode(curve).decode())
    assert finding in findings(text)


def test_what_is_a_key_and_what_is_not() -> None:
    assert parse(b"v=DKIM1; p=").revoked
    assert not parse(b"v=DKIM1; p=").usable
    assert is_key(b"v=DKIM1;")
    for other in (b"v=spf1 -all", b"some text", b"", b"sp=none", b"v=DMARC1; sp=reject"):
        assert not is_key(other)


PIECES = st.sampled_from(["v=DKIM1", "k=rsa", "k=ed25519", "p=", "t=y:s", "h=", "s=*"])
TAGS = st.lists(PIECES | st.text(max_size=20)).map(";".join)


@given(
    st.binary(max_size=200)
    | TAGS.map(lambda text: text.encode("utf-8", "replace"))
    | st.binary(max_size=90).map(lambda raw: b"v=DKIM1; p=" + b64encode(raw))
)
def test_any_bytes_are_read(record: bytes) -> None:
    key = parse(record)
    is_key(record)
    assert key.usable <= (key.bits is not None)
    if key.bits is None:
        assert key.faults
    assert all(each.finding in PolicyClass for each in key.faults)
