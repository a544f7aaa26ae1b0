"""The resolver's configuration of docs/operating: a real Unbound, set so, serves a crawl well."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.bench.census import RUN
from scripts.bench.verdict import disagreements
from scripts.world import zones
from scripts.world.files import write_settings, write_world
from scripts.world.population import make
from tests.pipeline.command import mailcensus
from tests.servers.daemon import running, tail
from tests.servers.nsd import free_port, nsd

CONFIGURATION = Path(__file__).parents[2] / "docs" / "operating" / "unbound.conf"
_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin"
_OF_THE_TEST = """
include: "{configuration}"
server:
    port: {port}
    num-threads: 1
    username: ""
    chroot: ""
    directory: "{place}"
    pidfile: "{place}/unbound.pid"
    use-syslog: no
    logfile: "{place}/unbound.log"
    # The world's name server, and the addresses that it tells of, are on loopback.
    do-not-query-localhost: no
    local-zone: "127.in-addr.arpa." nodefault
    local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
remote-control:
    control-enable: no
stub-zone:
    name: "."
    stub-addr: 127.0.0.1@{authority}
"""


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=_PATH)
    if found is None:
        pytest.skip("Unbound is not installed: apt-get install unbound")
    return found


@contextmanager
def _unbound(place: Path, authority: int) -> Iterator[int]:
    """Unbound with a world's NSD as its only authority; its port."""
    port, configuration = free_port(), place / "unbound.conf"
    text = _OF_THE_TEST.format(
        configuration=CONFIGURATION, port=port, place=place, authority=authority
    )
    configuration.write_text(text)
    program, log = _program("unbound"), place / "unbound.log"
    with running([program, "-d", "-p", "-c", str(configuration)], port, lambda: tail(log)):
        yield port


def _without_roots(settings: Path) -> None:
    """No certificate is looked at here, and the world's own authority is slow to make."""
    lines = settings.read_text().splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if not line.startswith("roots")))


def test_unbound_takes_the_configuration_as_it_is() -> None:
    done = subprocess.run(
        [_program("unbound-checkconf"), CONFIGURATION],
        check=False, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warn" not in done.stdout + done.stderr


def test_a_crawl_through_it_agrees_with_the_truth_of_the_world(tmp_path: Path) -> None:
    world = make(400, seed=5)
    write_world(world, tmp_path)
    zones.write(world, tmp_path, port=0)
    with (
        nsd({".": tmp_path / zones.ZONE_FILE}, include=tmp_path / zones.OTHERS_FILE) as server,
        _unbound(tmp_path, server.port) as port,
    ):
        write_settings(tmp_path, port, smtp_port=25)
        _without_roots(tmp_path / "mailcensus.toml")
        crawled = mailcensus(
            "crawl", tmp_path / "seeds.csv", "--warehouse", tmp_path / "warehouse", "--run", RUN,
            "--config", tmp_path / "mailcensus.toml", "--no-smtp", seconds=120,
        )  # fmt: skip
        assert crawled.returncode == 0, crawled.stdout + crawled.stderr
        assert server.queries() > 1000
        wrong = disagreements(tmp_path / "warehouse", tmp_path, (server.address, server.port))
    assert not wrong
