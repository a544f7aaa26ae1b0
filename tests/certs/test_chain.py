"""Chains made to keep a search busy."""

import time

from schemas.outcomes import Verdict
from tests.certs.authority import Party, issue, new_key
from tests.certs.judging import ROOT, judge


class TestHostileChains:
    """Each would take hours if every path were walked."""

    def seconds(self, leaf: Party, *sent: Party) -> float:
        begun = time.perf_counter()
        judgement = judge(leaf, *sent)
        assert judgement.verdict is Verdict.UNKNOWN_ISSUER
        return time.perf_counter() - begun

    def test_cas_that_all_sign_each_other(self) -> None:
        names = [f"CA {number}" for number in range(8)]
        keys = [new_key() for _ in names]
        heads = [issue(n, ca=True, key=key) for n, key in zip(names, keys, strict=True)]
        crossed = [
            issue(subject, head, ca=True, key=key)
            for subject, key in zip(names, keys, strict=True)
            for head in heads
        ]
        assert self.seconds(issue("mx.example.com", heads[0]), *crossed) < 3

    def test_a_thousand_of_one_name_and_key(self) -> None:
        key = new_key()
        head = issue("CA", ca=True, key=key)
        same = [issue("CA", head, ca=True, key=key) for _ in range(300)] * 4
        assert self.seconds(issue("mx.example.com", head), *same) < 3

    def test_a_chain_longer_than_any_honest_one(self) -> None:
        ladder = [issue("CA 0", ROOT, ca=True)]
        for number in range(1, 20):
            ladder.append(issue(f"CA {number}", ladder[-1], ca=True))
        assert self.seconds(issue("mx.example.com", ladder[-1]), *ladder) < 3
        assert judge(issue("mx.example.com", ladder[5]), *ladder[:6]).verdict is Verdict.TRUSTED
