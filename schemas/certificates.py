"""certificates: every distinct certificate that a mail server showed."""

from typing import Annotated, NamedTuple

from schemas.outcomes import Verdict
from schemas.table import Int32, Micros, Table


class Certificate(NamedTuple):
    """One X.509 certificate (RFC 5280); a field that does not parse is null and named in faults."""

    sha256: Annotated[str, "SHA-256 of the DER, lower-case hex"]
    der: Annotated[bytes, "the certificate as sent"]
    seen: Annotated[Micros, "when it was first seen in this run"]
    subject: Annotated[str | None, "subject as RFC 4514 text"]
    common_name: Annotated[str | None, "last common name of the subject"]
    dns_names: Annotated[tuple[str, ...], "dNSNames of the subject alternative name, as written"]
    names: Annotated[
        tuple[str, ...],
        "host names it speaks for: common name if it has a dot, and dNSNames, that have a "
        "registered domain; lower-case, distinct, sorted, wildcard labels kept",
    ]
    registered_domains: Annotated[tuple[str, ...], "registered domains of names, sorted"]
    issuer: Annotated[str | None, "issuer as RFC 4514 text"]
    serial: Annotated[str | None, "serial number, hex"]
    not_before: Annotated[Micros | None, "start of validity"]
    not_after: Annotated[Micros | None, "end of validity"]
    key_type: Annotated[str | None, "RSA, EC, Ed25519, …"]
    key_bits: Annotated[Int32 | None, "key size in bits"]
    signature_algorithm: Annotated[str | None, "name where known, else the dotted OID"]
    is_ca: Annotated[bool | None, "basicConstraints cA"]
    spki_sha256: Annotated[str | None, "SHA-256 of the SubjectPublicKeyInfo (TLSA selector 1)"]
    verdict: Annotated[Verdict, "whether it chains to a trusted root, at the time seen"]
    verdict_reason: Annotated[str | None, "what the verdict rests on, in words"]
    faults: Annotated[tuple[str, ...], "fields that could not be parsed, with the reason"]


CERTIFICATES = Table("certificates", Certificate, ("sha256",), "certs", "a distinct certificate")
