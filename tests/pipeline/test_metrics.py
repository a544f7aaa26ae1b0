import json
import logging
import urllib.request

import pytest

from pipeline.errors import ConfigError
from pipeline.logs import JsonFormatter
from pipeline.metrics import served
from pipeline.progress import LaneStatus, Snapshot
from stages.dns.server import ServerHealth
from tests.servers.nsd import free_port


def snapshot() -> Snapshot:
    lane = LaneStatus("hosts", waiting=3, busy=2, deferred=1, rows=40, outcomes={"resolved": 39})
    health = ServerHealth._make(
        {"server": "127.0.0.1:53", "benched": False, "rtt_ms": 1.5}.get(field, 7)
        for field in ServerHealth._fields
    )
    return Snapshot(
        run="night", state="crawling", updated=0.0, elapsed=1.0, seeds=100, done=40, rate=4.0,
        eta=15.0, uncommitted=5, bugs=0, retries=2, lanes=(lane,), resolvers=(health,),
    )  # fmt: skip


def scrape(port: int) -> list[str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text: str = answer.read().decode()
    return text.splitlines()


def test_prometheus_is_told_the_last_snapshot() -> None:
    port = free_port()
    current: list[Snapshot] = []
    with served(("127.0.0.1", port), lambda: current[-1] if current else None):
        assert scrape(port) == []
        current.append(snapshot())
        lines = scrape(port)
    assert "mailcensus_seeds_done 40.0" in lines
    assert 'mailcensus_table_waiting{table="hosts"} 3.0' in lines
    assert 'mailcensus_outcomes{outcome="resolved",table="hosts"} 39.0' in lines
    assert 'mailcensus_resolver_rtt_ms{server="127.0.0.1:53"} 1.5' in lines


def test_an_address_in_use_is_one_clear_line() -> None:
    port = free_port()
    with (
        served(("127.0.0.1", port), lambda: None),
        pytest.raises(ConfigError, match=f"port {port}: Address already in use"),
        served(("127.0.0.1", port), lambda: None),
    ):
        pass


def test_a_snapshot_reads_back_as_it_was_written() -> None:
    assert Snapshot.decode(snapshot().encode()) == snapshot()


def test_a_log_line_is_an_object() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    error = caught.value
    about = (type(error), error, error.__traceback__)
    values = ("a\nb",)
    record = logging.LogRecord("runner", logging.ERROR, "", 0, "bug at %r", values, about)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    fields = json.loads(line)
    assert fields["message"] == "bug at 'a\\nb'"
    assert fields["level"] == "ERROR"
    assert "ZeroDivisionError" in fields["traceback"]
