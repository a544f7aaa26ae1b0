"""Certificates as a TLS client and cryptography's verifier see them."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from scripts.world.ca import Authority
from scripts.world.model import CertificateSpec, CertificateState

SPECS = tuple(
    CertificateSpec(state.value, (f"{state.value}.example.net", "*.mx.example"), state)
    for state in CertificateState
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(SPECS, tmp_path)


def handshake(
    server: ssl.SSLContext, client: ssl.SSLContext, sni: str = "a.mx.example"
) -> ssl.SSLObject:
    """The client's end of a handshake through memory; raises as a client does."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname=sni)
    far = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(10):
        for end in (near, far):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
        if near.version() and near.getpeercert(binary_form=True):
            return near
    raise AssertionError("the handshake does not end")


@pytest.mark.parametrize(
    ("state", "code"),
    [  # codes of OpenSSL's x509_vfy.h
        (CertificateState.NO_INTERMEDIATE, 20),
        (CertificateState.EXPIRED, 10),
        (CertificateState.SELF_SIGNED, 18),
        (CertificateState.UNKNOWN_ISSUER, 19),
    ],
)
def test_openssl_says_what_is_wrong(
    authority: Authority, tmp_path: Path, state: CertificateState, code: int
) -> None:
    client = ssl.create_default_context(cafile=str(tmp_path / "roots.pem"))
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        handshake(authority.context(state.value), client)
    assert caught.value.verify_code == code


def test_openssl_trusts_the_trusted_whatever_the_sni(authority: Authority, tmp_path: Path) -> None:
    client = ssl.create_default_context(cafile=str(tmp_path / "roots.pem"))
    server = authority.context("trusted")
    leaf = handshake(server, client).getpeercert(binary_form=True)
    client.check_hostname = False
    assert leaf == handshake(server, client, sni="other.test").getpeercert(binary_form=True)
    assert x509.load_der_x509_certificate(leaf or b"") == authority.chain("trusted")[0]


def test_no_intermediate_is_cured_by_intermediates_pem(
    authority: Authority, tmp_path: Path
) -> None:
    client = ssl.create_default_context(cafile=str(tmp_path / "roots.pem"))
    client.load_verify_locations(str(tmp_path / "intermediates.pem"))
    handshake(authority.context("no_intermediate"), client)


@pytest.mark.parametrize("state", CertificateState)
def test_a_web_pki_verifier_trusts_only_the_trusted(
    authority: Authority, tmp_path: Path, state: CertificateState
) -> None:
    roots = x509.load_pem_x509_certificates((tmp_path / "roots.pem").read_bytes())
    verifier = (
        PolicyBuilder()
        .store(Store(roots))
        .extension_policies(
            ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
        )
        .build_client_verifier()
    )
    leaf, *rest = authority.chain(state.value)
    if state is CertificateState.TRUSTED:
        assert len(verifier.verify(leaf, rest).chain) == 3
    else:
        with pytest.raises(VerificationError):
            verifier.verify(leaf, rest)


def test_only_the_expired_has_expired(authority: Authority) -> None:
    now = datetime.now(UTC)
    expired = {spec.id for spec in SPECS if authority.chain(spec.id)[0].not_valid_after_utc < now}
    assert expired == {"expired"}


def test_names_go_into_common_name_and_alternative_names(authority: Authority) -> None:
    leaf = authority.chain("trusted")[0]
    assert common_names(leaf) == ["trusted.example.net"]
    assert alternative_names(leaf) == (["trusted.example.net", "*.mx.example"], False)


def test_a_name_over_64_characters_is_no_common_name() -> None:
    name = "a" * 60 + ".example.net"
    spec = CertificateSpec("long", (name, "b.example"), CertificateState.TRUSTED)
    leaf = Authority((spec,)).chain("long")[0]
    assert common_names(leaf) == []
    assert alternative_names(leaf) == ([name, "b.example"], True)


def test_the_same_seed_gives_the_same_bytes_and_each_spec_its_own() -> None:
    first, second, other = (
        [Authority(SPECS, seed).chain(spec.id) for spec in SPECS] for seed in (1, 1, 2)
    )
    assert first == second
    assert not {chain[0] for chain in first} & {chain[0] for chain in other}
    assert len({chain[0].serial_number for chain in first}) == len(SPECS)


def test_contexts_are_made_once(authority: Authority) -> None:
    assert authority.context("trusted") is authority.context("trusted")
    assert authority.context("trusted") is not authority.context("expired")


def test_an_unknown_spec_is_a_key_error_and_a_double_one_a_value_error() -> None:
    with pytest.raises(KeyError):
        Authority(SPECS).context("nobody")
    with pytest.raises(ValueError, match="same id"):
        Authority(SPECS + SPECS[:1])


def common_names(certificate: x509.Certificate) -> list[str | bytes]:
    return [name.value for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def alternative_names(certificate: x509.Certificate) -> tuple[list[str], bool]:
    """The dNSNames, and whether the extension is critical."""
    extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    assert isinstance(extension.value, x509.SubjectAlternativeName)
    return extension.value.get_values_for_type(x509.DNSName), extension.critical
