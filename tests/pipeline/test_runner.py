"""The runner over small graphs: stages here are functions that make rows, as stages do."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.frontier import committed
from pipeline.graph import Node, Reference, References
from pipeline.journal import Journal
from pipeline.keys import KeySet
from pipeline.runner import Runner
from pipeline.sink import Sink
from schemas import ADDRESSES, DOMAINS, HOSTS, SMTP, SPF
from schemas.bug import bug_row
from schemas.domains import Domain
from schemas.outcomes import Outcome, ProbeOutcome
from schemas.smtp import Smtp
from schemas.spf import Spf
from stages.dns.answer import Answer, Question, RRType
from stages.smtp.stage import Target
from stages.spf.stage import SpfStage
from stages.stage import Emit
from tests.pipeline.census import OK, host, run_in


class Names:
    """An SPF stage over a made-up tree of includes; counts what it is asked."""

    def __init__(self, includes: Callable[[str], tuple[str, ...]]) -> None:
        self.asked: Counter[str] = Counter()
        self._includes = includes

    async def __call__(self, name: str, /) -> Emit:
        self.asked[name] += 1
        await asyncio.sleep(0)
        row = bug_row(SPF, {"name": name})
        assert isinstance(row, Spf)
        return Emit((row._replace(includes=self._includes(name), query=OK),))


class Unasked:
    """A resolver for stages that have their answer already."""

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        raise AssertionError(questions)


def engine(journal: Journal, *nodes: Node) -> tuple[Runner, Sink]:
    sink = Sink(journal)
    references = References(KeySet(), smtp_port=25)
    return Runner(nodes, references, committed(journal), sink), sink


def spf(*names: str) -> list[Reference]:
    return [Reference(SPF, name, name) for name in names]


async def test_a_tree_that_feeds_itself_far_beyond_its_queue_is_asked_once_a_name(
    tmp_path: Path,
) -> None:
    # A bounded queue of 2 and 30 children a name: a cycle of bounded queues would lock up here.
    def includes(name: str) -> tuple[str, ...]:
        depth = name.count(".")
        return tuple(f"{child}.{name}" for child in range(30)) if depth < 3 else (name, "root.x")

    names = Names(includes)
    runner, sink = engine(Journal.load(run_in(tmp_path)), Node(SPF, names, workers=1))
    async with runner, asyncio.timeout(60):
        assert await runner.work_off(spf("root.x")) == 1

    assert len(names.asked) == 1 + 30 + 900
    assert set(names.asked.values()) == {1}
    assert sink.pending == len(names.asked)


async def test_a_bug_costs_its_row_and_the_run_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(name: str, /) -> Emit:
        if name == "b.example.net":
            raise ZeroDivisionError
        return Emit((host(name),))

    journal = Journal.load(run_in(tmp_path))
    runner, sink = engine(journal, Node(HOSTS, broken, workers=2))
    async with runner:
        keys = ("a.example.net", "b.example.net", "c.example.net")
        await runner.work_off([Reference(HOSTS, key, key) for key in keys])
    await sink.commit()

    assert journal.rows(HOSTS) == 3
    assert journal.count("bugs") == 1
    assert runner.lanes[HOSTS].outcomes == {"no_address": 2, "bug": 1}
    assert "ZeroDivisionError" in caplog.text


async def test_a_transient_failure_is_tried_once_more_before_its_row_is_written(
    tmp_path: Path,
) -> None:
    tries: Counter[str] = Counter()

    async def flaky(name: str, /) -> Emit:
        tries[name] += 1
        failing = name.startswith("dead") or (name.startswith("slow") and tries[name] == 1)
        query = OK._replace(outcome=Outcome.TIMEOUT) if failing else OK
        return Emit((host(name)._replace(a_query=query),))

    journal = Journal.load(run_in(tmp_path))
    runner, sink = engine(journal, Node(HOSTS, flaky, workers=2, retry_after=0.01))
    async with runner:
        keys = ("good.example.net", "slow.example.net", "dead.example.net")
        await runner.work_off([Reference(HOSTS, key, key) for key in keys])
    await sink.commit()

    assert tries == {"good.example.net": 1, "slow.example.net": 2, "dead.example.net": 2}
    assert journal.rows(HOSTS) == 3
    assert journal.count("retries") == 2


async def test_a_worse_second_try_does_not_undo_the_first(tmp_path: Path) -> None:
    tries = 0

    async def dying(name: str, /) -> Emit:
        nonlocal tries
        tries += 1
        failed = OK._replace(outcome=Outcome.TIMEOUT, attempts=3)
        if tries == 1:
            return Emit((host(name, "127.1.0.1")._replace(aaaa_query=failed),))
        return Emit((host(name)._replace(a_query=failed, aaaa_query=failed),))

    journal = Journal.load(run_in(tmp_path))
    runner, sink = engine(journal, Node(HOSTS, dying, workers=1, retry_after=0.01))
    async with runner:
        await runner.work_off([Reference(HOSTS, "a.example.net", "a.example.net")])
    await sink.commit()

    (row,) = pq.read_table(journal.parts(HOSTS)[0]).to_pylist()
    assert tries == 2
    assert row["a"] == ["127.1.0.1"]
    assert row["a_query"]["attempts"] == OK.attempts + 3
    assert row["aaaa_query"]["attempts"] == 3 + 3


@pytest.mark.parametrize("second", [Outcome.OK, Outcome.TIMEOUT])
async def test_both_tries_count_in_the_row_and_in_the_evidence_it_hands_on(
    tmp_path: Path, second: Outcome
) -> None:
    outcomes = [Outcome.TIMEOUT, second]

    async def domains(name: str, /) -> Emit:
        query = OK._replace(outcome=outcomes.pop(0), attempts=2)
        row = bug_row(DOMAINS, {"domain": name})
        assert isinstance(row, Domain)
        row = row._replace(mx_query=OK, txt_query=query, dmarc_query=OK)
        return Emit((row,), (Answer(Question(name, RRType.TXT), 0, query),))

    journal = Journal.load(run_in(tmp_path))
    runner, sink = engine(
        journal,
        Node(DOMAINS, domains, workers=1, retry_after=0.01),
        Node(SPF, SpfStage(Unasked()), 1, evidence=Answer, evidence_key=lambda a: a.question.name),
    )
    async with runner:
        await runner.work_off([Reference(DOMAINS, "a.example.net", "a.example.net")])
    await sink.commit()

    (row,) = pq.read_table(journal.parts(DOMAINS)[0]).to_pylist()
    (policy,) = pq.read_table(journal.parts(SPF)[0]).to_pylist()
    assert not outcomes
    assert (row["txt_query"]["outcome"], row["txt_query"]["attempts"]) == (second, 4)
    assert row["mx_query"]["attempts"] == 2 * OK.attempts
    assert policy["query"] == row["txt_query"]


@pytest.mark.parametrize(
    ("second", "outcome", "attempts"),
    [
        (ProbeOutcome.OK, "ok", 2),
        (ProbeOutcome.BANNER_4XX, "banner_4xx", 2),
        (ProbeOutcome.NOT_PROBED, "connect_timeout", 1),  # opted out meanwhile
    ],
)
async def test_a_second_probe_that_was_not_made_loses_nothing_of_the_first(
    tmp_path: Path, second: ProbeOutcome, outcome: str, attempts: int
) -> None:
    answers = [ProbeOutcome.CONNECT_TIMEOUT, second]

    async def probe(target: Target, /) -> Emit:
        answer = answers.pop(0)
        row = bug_row(SMTP, {"address": target.address, "port": target.port})
        assert isinstance(row, Smtp)
        made = 0 if answer is ProbeOutcome.NOT_PROBED else 1
        return Emit((row._replace(outcome=answer, attempts=made),))

    journal = Journal.load(run_in(tmp_path))
    runner, sink = engine(journal, Node(SMTP, probe, workers=1, retry_after=0.01))
    async with runner:
        target = Target("127.1.0.1", 25, None)
        await runner.work_off([Reference(SMTP, "127.1.0.1 25", target)])
    await sink.commit()

    (row,) = pq.read_table(journal.parts(SMTP)[0]).to_pylist()
    assert (row["outcome"], row["attempts"]) == (outcome, attempts)


async def test_a_crowded_lane_holds_up_no_retry_of_another(tmp_path: Path) -> None:
    free = asyncio.Event()
    tries: Counter[str] = Counter()

    async def hosts(name: str, /) -> Emit:
        tries[name] += 1
        failing = tries[name] == 1
        query = OK._replace(outcome=Outcome.TIMEOUT) if failing else OK
        if tries["last.example.net"] == 2:
            free.set()
        return Emit((host(name)._replace(a_query=query),))

    async def crowded(address: str, /) -> Emit:
        # Fails once, and then holds its lane until the other lane's retry has come through.
        tries[address] += 1
        if tries[address] > 1:
            await free.wait()
        query = OK._replace(outcome=Outcome.TIMEOUT)
        row = bug_row(ADDRESSES, {"address": address})
        return Emit((row._replace(ptr_query=query),))  # type: ignore[attr-defined]

    runner, _ = engine(
        Journal.load(run_in(tmp_path)),
        Node(HOSTS, hosts, workers=1, retry_after=0.5),
        Node(ADDRESSES, crowded, workers=1, retry_after=0.01),
    )
    async with runner, asyncio.timeout(20):
        keys = [f"127.1.0.{number}" for number in range(9)]
        references = [Reference(ADDRESSES, key, key) for key in keys]
        await runner.work_off(
            [*references, Reference(HOSTS, "last.example.net", "last.example.net")]
        )
    assert tries["last.example.net"] == 2


async def test_what_follows_streams_on_and_only_what_has_a_stage(tmp_path: Path) -> None:
    seen: list[str] = []

    async def hosts(name: str, /) -> Emit:
        return Emit((host(name, "127.1.0.1", "127.1.0.2"),))

    async def addresses(address: str, /) -> Emit:
        seen.append(address)
        return Emit((bug_row(ADDRESSES, {"address": address}),))

    runner, _ = engine(
        Journal.load(run_in(tmp_path)), Node(HOSTS, hosts, 3), Node(ADDRESSES, addresses, 1)
    )
    async with runner:
        keys = [f"{number}.example.net" for number in range(50)]
        await runner.work_off([Reference(HOSTS, key, key) for key in keys])

    assert sorted(seen) == ["127.1.0.1", "127.1.0.2"]


async def test_stopping_leaves_no_half_done_item(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def endless(name: str, /) -> Emit:
        if name == "0.example.net":
            return Emit((host(name),))
        started.set()
        await asyncio.sleep(3600)
        raise AssertionError

    runner, sink = engine(Journal.load(run_in(tmp_path)), Node(HOSTS, endless, workers=2))
    async with runner, asyncio.timeout(10):
        keys = [f"{number}.example.net" for number in range(100)]
        work = asyncio.create_task(runner.work_off([Reference(HOSTS, key, key) for key in keys]))
        await started.wait()
        await runner.stop(grace=0.1)
        await work

    assert sink.pending == 1
    assert runner.lanes[HOSTS].outcomes.total() == 1


async def test_at_a_stop_who_only_waits_is_not_waited_for(tmp_path: Path) -> None:
    """Neither calls that wait to begin, nor rows already stored whose references find no room."""
    parked: list[asyncio.Task[object]] = []

    async def hosts(name: str, /) -> Emit:
        return Emit((host(name, f"127.1.0.{len(name)}", f"127.1.1.{len(name)}"),))

    async def waits(_: str, /) -> Emit:
        task = asyncio.current_task()
        assert task
        parked.append(task)
        await asyncio.sleep(3600)
        raise AssertionError

    def let_go() -> None:
        for task in parked:
            task.cancel()

    runner, sink = engine(
        Journal.load(run_in(tmp_path)),
        Node(HOSTS, hosts, workers=3), Node(ADDRESSES, waits, workers=1, let_go=let_go),
    )  # fmt: skip
    async with runner, asyncio.timeout(10):
        keys = ["x" * number for number in range(1, 60)]
        work = asyncio.create_task(runner.work_off([Reference(HOSTS, key, key) for key in keys]))
        while not (runner.lanes[HOSTS].busy == 3 and runner.lanes[ADDRESSES].queue.full):
            await asyncio.sleep(0.01)
        await runner.stop(grace=3600)
        await work

    assert runner.lanes[HOSTS].outcomes.total() == sink.pending > 0
    assert len(parked) == 1


async def test_a_worker_that_dies_ends_the_run_instead_of_hanging_it(tmp_path: Path) -> None:
    async def strange(_: str, /) -> Emit:
        return Emit((("no", "record"),))

    runner, _ = engine(Journal.load(run_in(tmp_path)), Node(HOSTS, strange, workers=2))
    with pytest.raises(KeyError):
        async with runner, asyncio.timeout(10):
            await runner.work_off([Reference(HOSTS, "x", "x")])
