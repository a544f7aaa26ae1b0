"""Policies as domains publish them, right and wrong, each with what it comes to.

A kind has its records, {d} standing for the domain, and the truth that a census is to find.
"""

from base64 import b64encode
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALL_AGREE, SOME_AGREE, NOBODY_AGREES = (
    "dmarc-collector.net",
    "dmarc-agreement.net",
    "dmarc-stranger.net",
)
"""Who is to have reports: takes them of everybody, of those it names, of nobody."""


class DmarcKind(NamedTuple):
    """DMARC of a domain; ``below`` is what applies to its subdomains."""

    weight: int
    texts: tuple[str, ...]
    state: str = "valid"
    policy: str | None = None
    below: str | None = None
    findings: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    """Distinct and sorted, of all its reports."""
    suffix_of: bool = False
    """Says psd=y, so that by the tree walk names below it are organisations of their own."""


_RUA = "rua=mailto:dmarc@{d}"
PRESENT: Mapping[str, DmarcKind] = {
    f"v=DMARC1; p=none; {_RUA}": DmarcKind(
        0, (), policy="none", below="none", consents=("same",)
    ),
    "v=DMARC1; p=none": DmarcKind(
        0, (), policy="none", below="none", findings=("no_reports",)
    ),
    f"v=DMARC1; p=quarantine; {_RUA}; pct=100": DmarcKind(
        0, (), policy="quarantine", below="quarantine", findings=("obsolete_tag",),
        consents=("same",),
    ),
    f"v=DMARC1; p=reject; sp=reject; {_RUA}; ruf=mailto:dmarc@{{d}}; fo=1": DmarcKind(
        0, (), policy="reject", below="reject", consents=("same",)
    ),
    "v=DMARC1; p=reject; adkim=s; aspf=s": DmarcKind(0, (), policy="reject", below="reject"),
    "v=DMARC1;p=Reject;": DmarcKind(0, (), policy="reject", below="reject"),
    f"v=DMARC1; {_RUA}": DmarcKind(
        0, (), policy="none", below="none", findings=("missing_tag",), consents=("same",)
    ),
    "v=DMARC1 p=none": DmarcKind(0, (), state="absent", findings=("bad_version",)),
    "p=none; v=DMARC1": DmarcKind(0, (), state="absent", findings=("bad_version",)),
    "v=DMARC1; p=monitor": DmarcKind(0, (), state="void", findings=("bad_policy",)),
    "v=spf1 -all": DmarcKind(0, (), state="absent", findings=("foreign_text",)),
}  # fmt: skip
"""What ``policies`` publishes, by its text."""

DMARC = (
    DmarcKind(50, (), state="absent"),
    DmarcKind(
        8, (f"v=DMARC1; p=reject; rua=mailto:{{d}}@{ALL_AGREE}",),
        policy="reject", below="reject", consents=("given",),
    ),
    DmarcKind(
        8, (f"v=DMARC1; p=quarantine; sp=none; rua=mailto:a@{SOME_AGREE},mailto:b@{{d}}",),
        policy="quarantine", below="none", findings=("weaker_subdomains",),
        consents=("given", "same"),
    ),
    DmarcKind(
        8, (f"v=DMARC1; p=none; rua=mailto:a@{ALL_AGREE}; ruf=mailto:a@{NOBODY_AGREES}",),
        policy="none", below="none", findings=("unauthorised_reports",),
        consents=("given", "missing"),
    ),
    DmarcKind(
        4, (f"v=DMARC1; p=none; {_RUA}", "v=DMARC1; p=reject"),
        state="void", findings=("multiple_records",),
    ),
    DmarcKind(
        4, ("v=DMARC1; p=reject; sp=none; np=reject; t=y; psd=n", "spf2.0/pra -all"),
        policy="reject", below="none", findings=("foreign_text", "weaker_subdomains"),
    ),
    DmarcKind(4, ("v=DMARC1; p=reject; psd=y",), policy="reject", below="reject", suffix_of=True),
    DmarcKind(
        4, ("v=DMARC1; p=reject; pct=many; x=1; rua=dmarc@{d}; p=none; oops",),
        policy="reject", below="reject",
        findings=(
            "bad_uri", "bad_value", "duplicate_tag", "obsolete_tag", "syntax", "unknown_tag"
        ),
    ),
    DmarcKind(
        4, (f"v=DMARC1; p=reject; sp=all; {_RUA}!10m",), policy="none", below="none",
        findings=("bad_policy", "size_limit"), consents=("same",),
    ),
)  # fmt: skip
"""What a domain publishes that has none yet."""


class ServiceKind(NamedTuple):
    """What stands at one name below a domain."""

    weight: int
    texts: tuple[str, ...]
    state: str
    value: str | None = None
    findings: tuple[str, ...] = ()


MTA_STS = (
    ServiceKind(44, (), "absent"),
    ServiceKind(40, ("v=STSv1; id=20260101000000;",), "valid", "20260101000000"),
    ServiceKind(4, ("v=STSv1; id=2026-01-01;",), "void", None, ("bad_id",)),
    ServiceKind(4, ("v=STSv1;",), "void", None, ("missing_tag",)),
    ServiceKind(4, ("v=STSv1; id=1", "v=STSv1; id=2"), "void", None, ("multiple_records",)),
    ServiceKind(4, ("v=STSv2; id=1",), "void", None, ("bad_version",)),
)
TLS_RPT = (
    ServiceKind(75, (), "absent"),
    ServiceKind(13, ("v=TLSRPTv1; rua=mailto:tls@{d}",), "valid", "mailto:tls@{d}"),
    ServiceKind(4, ("v=TLSRPTv1;rua=https://r.{d}/x",), "valid", "https://r.{d}/x"),
    ServiceKind(4, ("v=TLSRPTv1; rua=tls@{d}",), "void", None, ("bad_uri", "missing_tag")),
    ServiceKind(4, ("v=TLSRPTv1 rua=mailto:tls@{d}",), "void", None, ("bad_version",)),
)
BIMI = (
    ServiceKind(80, (), "absent"),
    ServiceKind(8, ("v=BIMI1; l=https://{d}/logo.svg; a=",), "valid", "https://{d}/logo.svg"),
    ServiceKind(4, ("v=BIMI1; l=; a=",), "declined"),
    ServiceKind(4, ("v=BIMI1; l=http://{d}/logo.svg",), "void", None, ("not_https",)),
    ServiceKind(4, ("v=BIMI1; a=https://{d}/c.pem",), "void", None, ("missing_tag",)),
)


class KeyKind(NamedTuple):
    """What stands at a DKIM selector; {key} is a key as ``keys`` makes it."""

    weight: int
    texts: tuple[str, ...]
    state: str | None
    """None: nothing."""
    key: str = ""
    """Name of the key: type and bits."""
    findings: tuple[str, ...] = ()
    alias: bool = False
    """An alias for a name that is not there."""


KEYS = (
    KeyKind(30, (), None),
    KeyKind(20, ("v=DKIM1; k=rsa; p={key}",), "usable", "rsa 2048"),
    KeyKind(8, ("k=rsa; p={key}",), "usable", "rsa 1024", ("short_key",)),
    KeyKind(6, ("v=DKIM1; k=ed25519; p={key}",), "usable", "ed25519 256"),
    KeyKind(6, ("v=DKIM1; p={key}",), "bad", "rsa 512", ("weak_key",)),
    KeyKind(6, ("v=DKIM1; k=rsa; p=",), "revoked", "rsa", ("revoked_key",)),
    KeyKind(6, ("v=DKIM1; t=y; p={key}",), "testing", "rsa 2048", ("testing_key",)),
    KeyKind(6, ("v=DKIM1; p=not base64 at all",), "bad", "rsa", ("bad_key",)),
    KeyKind(6, ("v=DKIM1; h=sha1; p={key}",), "bad", "rsa 2048", ("weak_hash",)),
    KeyKind(6, ("v=DKIM1; p=", "v=DKIM1; k=rsa"), "bad", "", ("multiple_records",)),
    KeyKind(6, (), "dangling", "", ("dangling_key",), alias=True),
)


def key(kind: str, random: Random) -> str:
    """A public key of a kind, base64: nobody has the private one."""
    name, _, size = kind.partition(" ")
    if name == "ed25519":
        private = ed25519.Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        return b64encode(private.public_key().public_bytes_raw()).decode()
    if not size:
        return ""
    modulus = random.getrandbits(int(size)) | 1 << int(size) - 1 | 1
    public = rsa.RSAPublicNumbers(65537, modulus).public_key()
    form = PublicFormat.SubjectPublicKeyInfo
    return b64encode(public.public_bytes(Encoding.DER, form)).decode()
