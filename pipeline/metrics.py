"""A Prometheus endpoint on request: the last snapshot, as metrics."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.errors import ConfigError
from pipeline.progress import Snapshot


class SnapshotCollector(Collector):
    """Makes metrics of whatever the last snapshot is when Prometheus asks."""

    def __init__(self, last: Callable[[], Snapshot | None]) -> None:
        self._last = last

    def collect(self) -> Iterator[Metric]:
        """Gauges of the run, its tables and its resolvers; none before the first snapshot."""
        snapshot = self._last()
        if snapshot is None:
            return
        yield _gauge("seeds", "seeds of the run", snapshot.seeds)
        yield _gauge("seeds_done", "seeds that have a row", snapshot.done)
        yield _gauge("uncommitted_rows", "rows that a crash would lose", snapshot.uncommitted)
        yield _gauge("bugs", "rows that record a bug of ours", snapshot.bugs)
        yield _gauge("retries", "items tried once more", snapshot.retries)
        yield from _of_tables(snapshot)
        yield from _of_resolvers(snapshot)


@contextmanager
def served(address: tuple[str, int], last: Callable[[], Snapshot | None]) -> Iterator[None]:
    """Serve metrics at (address, port) for as long as the block lasts."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SnapshotCollector(last))
    host, port = address
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise ConfigError(f"metrics at {host} port {port}: {error.strerror}") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"mailcensus_{name}", text, value=value)


def _of_tables(snapshot: Snapshot) -> Iterator[Metric]:
    for name, text in (
        ("rows", "rows of the run"),
        ("waiting", "items in the stage's queues"),
        ("busy", "items at work"),
        ("deferred", "items that wait for their second try"),
    ):
        family = GaugeMetricFamily(f"mailcensus_table_{name}", text, labels=["table"])
        for lane in snapshot.lanes:
            family.add_metric([lane.table], getattr(lane, name))
        yield family
    outcomes = GaugeMetricFamily(
        "mailcensus_outcomes", "rows of this command by outcome", labels=["table", "outcome"]
    )
    for lane in snapshot.lanes:
        for outcome, count in lane.outcomes.items():
            outcomes.add_metric([lane.table, outcome], count)
    yield outcomes


def _of_resolvers(snapshot: Snapshot) -> Iterator[Metric]:
    for name, text in (
        ("sent", "datagrams sent"),
        ("answers", "answers to a question in flight"),
        ("losses", "questions without an answer in time"),
        ("in_flight", "questions in flight"),
        ("rtt_ms", "smoothed round trip, milliseconds"),
        ("benched", "1 while it is left alone after failures"),
    ):
        family = GaugeMetricFamily(f"mailcensus_resolver_{name}", text, labels=["server"])
        for health in snapshot.resolvers:
            value = getattr(health, name)
            if value is not None:
                family.add_metric([health.server], value)
        yield family
