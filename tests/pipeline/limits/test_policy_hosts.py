"""Manners towards policy hosts where they differ from those towards mail servers."""

import asyncio
from pathlib import Path

import pytest

from pipeline.limits import Caps, Limits, OptOutList, Polite
from schemas.outcomes import FetchOutcome
from stages.enrich.special import Scope
from stages.sts.fetch import Fetcher, FetchSettings, PolicyHost, client_context
from stages.sts.fetched import Fetched
from stages.sts.judgement import detail, outcome
from tests.stages.sts.peer import HOST, LEAVES, Play, context, playing
from tests.stages.sts.test_stage import GOOD, wait

CONTEXT = client_context()
LATER = b"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\n\r\n"


def polite(caps: Caps, opt_out: OptOutList | None = None) -> Polite[PolicyHost, Fetched]:
    fetcher = Fetcher(FetchSettings("test", Scope.LOOPBACK), CONTEXT)
    return Polite(fetcher, Limits(caps), opt_out or OptOutList(), Scope.LOOPBACK)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 429 Enough\r\n\r\n", LATER])
async def test_who_says_too_often_is_given_up_in_the_end(tmp_path: Path, answer: bytes) -> None:
    stage = polite(Caps(rate=1e6, spacing=0, pause=0.05, patience=2))
    async with playing(wait(answer), context(tmp_path, LEAVES["right"])) as peer:
        targets = [PolicyHost(HOST, "127.0.0.1", peer.port)] * 4
        found = [await stage(target) for target in targets]
    assert len(peer.heard) == 2
    assert [outcome(each) for each in found] == [FetchOutcome.BLOCKED] * 2 + [
        FetchOutcome.NOT_FETCHED
    ] * 2
    assert detail(found[-1]) == "127.0.0.0/24 blocked us 2 times in a row"


@pytest.mark.parametrize(
    "play", [GOOD, wait(b"HTTP/1.1 404 No\r\n\r\n"), wait(b"HTTP/1.1 503 \r\n\r\n")]
)
async def test_other_answers_are_no_reason_to_keep_away(tmp_path: Path, play: Play) -> None:
    stage = polite(Caps(rate=1e6, spacing=0, pause=3600, patience=1))
    async with playing(play, context(tmp_path, LEAVES["right"])) as peer:
        for _ in range(3):
            await asyncio.wait_for(stage(PolicyHost(HOST, "127.0.0.1", peer.port)), 20)
    assert len(peer.heard) == 3


async def test_rules_hold_for_aliases_and_for_the_domain_itself(tmp_path: Path) -> None:
    path = tmp_path / "opt-out"
    path.write_text("provider.com\nexample.net\n127.0.9.0/24\n")
    stage = polite(Caps(rate=1e6), OptOutList.open(path))
    for target, rule in (
        (PolicyHost(HOST, "127.0.0.1", 1, ("a.b.org", "policies.provider.com")), "provider.com"),
        (PolicyHost("mta-sts.example.net", "127.0.0.1", 1), "example.net"),
        (PolicyHost(HOST, "127.0.9.1", 1), "127.0.9.0/24"),
    ):
        found = await stage(target)
        assert (outcome(found), detail(found)) == ("not_fetched", f"opted out: {rule}")
