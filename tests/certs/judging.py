"""A root, an intermediate and a leaf, and the verdict on whatever else."""

import warnings
from pathlib import Path

import certifi
from cryptography import x509

from certs.chain import Link
from certs.trust import TrustStore
from certs.verdict import Judgement
from tests.certs.authority import AT, Party, issue

ROOT = issue("Root", ca=True)
MIDDLE = issue("Intermediate", ROOT, ca=True)
LEAF = issue("mx.example.com", MIDDLE, dns=["mx.example.com"])


def store(*known: Party, root: Party = ROOT) -> TrustStore:
    links = [Link.of(party.der) for party in known]
    trusted = Link.of(root.der)
    assert trusted
    return TrustStore([trusted], [link for link in links if link])


def judge(leaf: Party, *sent: Party, trust: TrustStore | None = None, at: int = AT) -> Judgement:
    chain = [leaf.der, *(party.der for party in sent)]
    return (trust or store()).judge(leaf.der, chain, at)


def mozilla_roots() -> list[x509.Certificate]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one has the serial number 0
        return x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
