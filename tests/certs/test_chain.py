"""Chains made to keep a search busy: the work is counted, in signature checks and rules applied."""

from collections import Counter
from collections.abc import Sequence

import pytest

from certs.chain import MAX_STEPS
from certs.verdict import MAX_SENT, Judgement
from schemas.outcomes import Verdict
from tests.certs.authority import AT, Party, issue
from tests.certs.hostile import counted_work, ring, same
from tests.certs.judging import LEAF, MIDDLE, ROOT, judge, store


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    return counted_work(monkeypatch)


def judged(sent: Sequence[Party], root: Party = ROOT) -> list[Judgement]:
    """Every verdict on a chain, as the certificate stage asks for them."""
    ders = [party.der for party in sent]
    chain = store(root=root).chain(ders, AT)
    return [chain.judge(der) for der in dict.fromkeys(ders)]


@pytest.mark.parametrize("sent", [same(120), ring(3), ring(6), ring(12)], ids=len)
def test_a_hostile_chain_costs_no_more_than_its_budget(
    sent: list[Party], work: Counter[str]
) -> None:
    verdicts = {verdict for verdict, _ in judged(sent)}
    assert verdicts <= {Verdict.NOT_JUDGED, Verdict.UNKNOWN_ISSUER, Verdict.SELF_SIGNED}
    assert work["checks"] <= MAX_STEPS
    assert work["rules"] <= MAX_STEPS
    assert work["parses"] == min(len(sent), MAX_SENT) + 1  # and the root


def test_a_ring_below_an_expired_root_costs_no_more_than_its_budget(work: Counter[str]) -> None:
    """Every way round the ring ends at a root, and each breaks a rule."""
    sent = ring(5, ROOT)
    chain = store().chain([party.der for party in sent], AT + 10 * 365 * 86_400 * 1_000_000)
    verdicts = {chain.judge(party.der).verdict for party in sent}
    assert Verdict.NOT_JUDGED in verdicts
    assert Verdict.TRUSTED not in verdicts
    assert work["checks"] <= MAX_STEPS
    assert work["rules"] <= MAX_STEPS


def test_what_is_given_up_says_so_and_so_does_what_comes_after() -> None:
    leaf, *others = judged(ring(8))
    assert leaf == (Verdict.NOT_JUDGED, "too many possible issuers; search given up")
    assert {each.verdict for each in others} == {Verdict.NOT_JUDGED}
    sent = [LEAF, MIDDLE, *same(MAX_SENT)]
    assert judged(sent)[-1] == (Verdict.NOT_JUDGED, f"sent after {MAX_SENT} others")
    assert [each.verdict for each in judged(sent)[:2]] == [Verdict.TRUSTED] * 2


def test_a_verdict_does_not_depend_on_which_of_a_chain_is_asked_for() -> None:
    sent = [LEAF, *ring(5), MIDDLE]
    whole = judged(sent)
    assert [store().chain([p.der for p in sent], AT).judge(p.der) for p in sent] == whole
    assert {each.verdict for each in whole} == {Verdict.TRUSTED, Verdict.NOT_JUDGED}


def test_an_honest_chain_is_checked_once_for_all_its_certificates(work: Counter[str]) -> None:
    assert {each.verdict for each in judged([LEAF, MIDDLE, ROOT])} == {Verdict.TRUSTED}
    assert work["checks"] == 2


def test_a_chain_longer_than_any_honest_one(work: Counter[str]) -> None:
    ladder = [issue("CA 0", ROOT, ca=True)]
    for number in range(1, 20):
        ladder.append(issue(f"CA {number}", ladder[-1], ca=True))
    assert judge(issue("mx.example.com", ladder[-1]), *ladder).verdict is Verdict.UNKNOWN_ISSUER
    assert judge(issue("mx.example.com", ladder[5]), *ladder[:6]).verdict is Verdict.TRUSTED
    assert work["checks"] < 20
