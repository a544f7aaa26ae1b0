"""Chains made to keep a judge busy, and a count of the work that they make."""

from collections import Counter
from collections.abc import Callable

import pytest

from certs.chain import Link, signs
from certs.rules import breach
from tests.certs.authority import Party, issue, new_key


def counted_work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts what costs; the real functions are called."""
    counts: Counter[str] = Counter()

    def counted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            counts[name] += 1
            return real(*arguments)

        return call

    monkeypatch.setattr("certs.chain.signs", counted("checks", signs))
    monkeypatch.setattr("certs.verdict.breach", counted("rules", breach))
    monkeypatch.setattr(Link, "of", counted("parses", Link.of))
    return counts


def ring(names: int, root: Party | None = None) -> list[Party]:
    """A leaf, and CAs each of which has signed each other; the root has signed them too."""
    keys = [new_key() for _ in range(names)]
    heads = [issue(f"CA {number}", ca=True, key=key) for number, key in enumerate(keys)]
    signers = [root, *heads] if root else heads
    crossed = [
        issue(head.certificate.subject, signer, ca=True, key=head.key)
        for head in heads
        for signer in signers
        if signer is not head
    ]
    return [issue("mx.example.com", heads[0]), *crossed]


def same(size: int) -> list[Party]:
    """A leaf, and CAs of one name and key, any of which may have issued any."""
    key = new_key()
    head = issue("CA", ca=True, key=key)
    return [
        issue("mx.example.com", head),
        *(issue("CA", head, ca=True, key=key) for _ in range(size)),
    ]
