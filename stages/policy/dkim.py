"""DKIM key records (RFC 6376 section 3.6.1, RFC 8301, RFC 8463). Sans IO.

is_key(bytes)    whether a TXT record is one: it says v=DKIM1 or has a p
parse(bytes)     -> DkimKey: kind and size of the key, and what is wrong
"""

import binascii
import re
from base64 import b64decode
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from schemas.policy_class import PolicyClass
from stages.policy.fault import Fault
from stages.policy.tags import TagList, read_tags

_VERSION = re.compile(rb"[ \t]*v[ \t]*=[ \t]*DKIM1[ \t]*(?:;|$)")
_KEY = re.compile(rb"(?:^|;)[ \t\r\n]*p[ \t\r\n]*=")
_KNOWN = frozenset("vghknpst")  # g is of DomainKeys, long ago
_BLANKS = re.compile(r"[ \t\r\n]+")
_ED25519_BITS = 256
_REFUSED, _RECOMMENDED = 1024, 2048


class DkimKey(NamedTuple):
    """A key as it is to be read."""

    key_type: str
    """rsa, ed25519, or whatever k says."""
    bits: int | None
    """None where it is no key."""
    revoked: bool
    testing: bool
    """t=y."""
    strict: bool
    """t=s: not for subdomains."""
    faults: tuple[Fault, ...]

    @property
    def usable(self) -> bool:
        """Whether a verifier may take a signature by it."""
        return self.bits is not None and not any(fault.fatal for fault in self.faults)


def is_key(record: bytes) -> bool:
    """Whether a TXT record is meant as a key; v is not required (section 3.6.1)."""
    return _VERSION.match(record) is not None or _KEY.search(record) is not None


def parse(record: bytes) -> DkimKey:
    """A key record; one that is none is read as well as it can be."""
    found = read_tags(record, fold=False)
    found.known(_KNOWN)
    _check_version(found)
    flags = _words(found.tags.get("t", ""))
    hashes, services = _words(found.tags.get("h", "")), _words(found.tags.get("s", "*"))
    if hashes and "sha256" not in hashes:
        found.complain(PolicyClass.WEAK_HASH, f"h={found.tags['h']}")
    if not services & {"*", "email"}:
        found.complain(PolicyClass.FOREIGN_SERVICE, f"s={found.tags['s']}")
    if "y" in flags:
        found.complain(PolicyClass.TESTING_KEY)
    kind = found.tags.get("k", "rsa").lower() or "rsa"
    return DkimKey(
        key_type=kind,
        bits=_bits(found, kind),
        revoked=found.tags.get("p") == "",
        testing="y" in flags,
        strict="s" in flags,
        faults=tuple(found.faults),
    )


def _check_version(found: TagList) -> None:
    version = found.tags.get("v")
    if version is None:
        return
    if version != "DKIM1":
        found.complain(PolicyClass.BAD_VERSION, f"v={version}")
    elif next(iter(found.tags)) != "v":
        found.complain(PolicyClass.BAD_VERSION, "v is not the first tag")


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(":")} - {""}


def _bits(found: TagList, kind: str) -> int | None:
    """The size of the key; None, with a fault, where there is none."""
    text = found.tags.get("p")
    if text is None:
        found.complain(PolicyClass.MISSING_TAG, "p")
        return None
    if not text:
        found.complain(PolicyClass.REVOKED_KEY)
        return None
    if kind not in ("rsa", "ed25519"):
        found.complain(PolicyClass.UNKNOWN_KEY_TYPE, f"k={kind}")
        return None
    try:
        data = b64decode(_BLANKS.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        found.complain(PolicyClass.BAD_KEY, "p is not base64")
        return None
    return _rsa(found, data) if kind == "rsa" else _ed25519(found, data)


def _rsa(found: TagList, data: bytes) -> int | None:
    """SubjectPublicKeyInfo, or the bare RSAPublicKey that RFC 6376 names and some publish."""
    try:
        key = load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found.complain(PolicyClass.BAD_KEY, "p is no public key")
        return None
    if not isinstance(key, RSAPublicKey):
        found.complain(PolicyClass.BAD_KEY, "p is not an RSA key")
        return None
    if key.key_size < _REFUSED:
        found.complain(PolicyClass.WEAK_KEY, f"{key.key_size} bits")
    elif key.key_size < _RECOMMENDED:
        found.complain(PolicyClass.SHORT_KEY, f"{key.key_size} bits")
    return key.key_size


def _ed25519(found: TagList, data: bytes) -> int | None:
    """The 32 bytes of the key as they are (RFC 8463 section 4)."""
    try:
        Ed25519PublicKey.from_public_bytes(data)
    except ValueError:
        found.complain(PolicyClass.BAD_KEY, f"{len(data)} bytes are no ed25519 key")
        return None
    return _ED25519_BITS
