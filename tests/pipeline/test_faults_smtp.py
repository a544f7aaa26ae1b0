"""Mail servers that hold on, flood and lie: none holds a slot longer than its limit, none takes
the crawl down, and every row tells what truly befell."""

from collections import Counter
from pathlib import Path

import pytest

from certs.verdict import MAX_SENT
from tests.pipeline.trials import Trials, check, crawled
from tests.servers.manners import LARGE_CHAIN, Manner, manners


@pytest.fixture(scope="module")
def trying(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Manner]:
    return manners(tmp_path_factory.mktemp("certificates"))


def test_each_trial_is_told_for_what_it_is(trying: dict[str, Manner], tmp_path: Path) -> None:
    trials = Trials(trying)
    outcome = crawled(trials, tmp_path, seconds=90)
    check(trials, outcome)
    rows = outcome.crawl.select("address, len(chain), tls_version", "smtp")
    shown = {trials.servers[row[0]]: row[1:] for row in rows}
    assert shown["large-chain"] == (1 + LARGE_CHAIN, "TLSv1.3")
    assert shown["too-large-chain"] == shown["unreadable-cert"] == (0, None)
    assert shown["tls10"] == (1, "TLSv1")
    verdicts = Counter(row[0] for row in outcome.crawl.select("verdict", "certificates"))
    judged = MAX_SENT - 1  # the leaf is one of them
    assert verdicts == {
        "self_signed": 1 + judged, "not_judged": LARGE_CHAIN - judged,
        "unknown_issuer": 1, "unparsable": 1,
    }  # fmt: skip


def test_the_slow_hold_a_slot_for_their_time_and_no_longer(
    trying: dict[str, Manner], tmp_path: Path
) -> None:
    """Twelve that stall, four slots, two tries each: the polite are all reached, in time."""
    few = {label: trying[label] for label in ("silence", "drip-banner", "no-crlf", "polite")}
    trials = Trials(few, each=4, limit=1.0, slots=4)
    outcome = crawled(trials, tmp_path, seconds=60)
    check(trials, outcome)
    assert outcome.done.seconds < 12 * 2 * trials.limit / trials.slots + 20
