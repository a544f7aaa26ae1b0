"""What docs/operating.md and the files beside it say is so."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from pipeline.cli import Exit
from pipeline.metrics import SnapshotCollector
from pipeline.progress import Snapshot
from pipeline.settings import Settings
from tests.pipeline.command import PROGRAM
from tests.pipeline.crawls import crawl_in
from tests.servers.nsd import nsd

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
FILES = ROOT / "docs" / "operating"
UNITS = FILES / "systemd"
NIGHT = UNITS / "mailcensus-night"


@pytest.mark.parametrize("page", ["README.md", "docs/operating.md"])
def test_every_exit_status_is_explained(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    section = re.split(r"^## ", text.partition("## Exit status")[2], flags=re.MULTILINE)[0]
    told = [int(number) for number in re.findall(r"^\| (\d) \|", section, re.MULTILINE)]
    assert told == sorted(Exit)


def test_the_settings_it_names_exist() -> None:
    known = set(Settings.model_fields)
    named = set(re.findall(r"`((?:smtp|dns|commit|worker|stop|log)_[a-z_]+)`", PAGE))
    assert len(named) > 10
    assert named <= known
    for name, default in re.findall(r"^\| `(smtp_\w+)` \| ([\d.]+) \|", PAGE, re.MULTILINE):
        assert float(default) == getattr(Settings(), name), name


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_contact_page_is_whole_plain_and_says_the_default_figures() -> None:
    page = _Text()
    page.feed((FILES / "contact.html").read_text(encoding="utf-8"))
    page.close()
    assert not page.open
    assert all(link.startswith("mailto:") for link in page.links)
    words, default = " ".join(page.text.split()), Settings()
    assert (default.smtp_retry_after, default.smtp_block_pause) == (300, 600)
    assert "once more after five minutes" in words
    assert f"A visit takes {default.smtp_timeout:.0f} seconds at most" in words
    assert (default.smtp_per_network, default.smtp_block_patience) == (2, 4)
    assert "two to a network of 256 addresses" in words
    assert "left alone for ten minutes or longer, and after four of these for the night" in words


def test_alarms_and_page_speak_of_metrics_that_exist() -> None:
    groups = yaml.safe_load((FILES / "alarms.yml").read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    used = {name for rule in rules for name in re.findall(r"mailcensus_[a-z_]+", rule["expr"])}
    assert len(rules) >= 6
    empty = Snapshot(
        run="", state="", updated=0, elapsed=0, seeds=0, done=0, rate=0, eta=None, uncommitted=0,
        bugs=0, retries=0, lanes=(), resolvers=(),
    )  # fmt: skip
    served = {family.name for family in SnapshotCollector(lambda: empty).collect()}
    assert used <= served
    watching = PAGE.partition("## Watching a run")[2].partition("\n## ")[0]
    told = re.findall(r"`(?:mailcensus)?(_[a-z_]+)`", watching.partition("serves")[2])
    assert len(told) > 10
    assert all(any(family.endswith(name) for family in served) for name in told)
    assert all(rule["annotations"]["summary"] for rule in rules)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.timer")):
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/mailcensus/mailcensus-night", str(NIGHT))
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/systemctl", "/bin/true"))
    for unit in sorted(tmp_path.iterdir()):
        done = subprocess.run(
            [analyze, "verify", "--recursive-errors=no", str(unit)],
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr.replace(str(tmp_path), "")) == (0, "")


def test_systemd_restarts_what_may_be_resumed_and_nothing_else() -> None:
    unit = (UNITS / "mailcensus.service").read_text(encoding="utf-8")
    (prevented,) = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)
    assert {int(status) for status in prevented.split()} == {
        Exit.BUGS, Exit.WRONG_USE, Exit.FAILED,
    }  # fmt: skip


def _night(place: Path, program: str | Path, **more: object) -> "subprocess.Popen[str]":
    values = {
        "PROGRAM": program, "STATE_DIRECTORY": place, "SEEDS": "seeds", "WAREHOUSE": "w",
        "CONFIG": "c", **more,
    }  # fmt: skip
    return subprocess.Popen(
        [NIGHT], env={**os.environ, **{name: str(value) for name, value in values.items()}},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def _program(place: Path, statuses: dict[str, int]) -> Path:
    """One that notes what it is called with and ends as it is told."""
    lines = [f'echo "$*" >>{place}/said']
    lines += [f'[ "$1" != {word} ] || exit {status}' for word, status in statuses.items()]
    program = place / "program"
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.mark.parametrize(
    ("statuses", "status", "over", "said"),
    [
        ({}, 0, True, ["crawl", "infer", "diff"]),
        ({"crawl": 1}, 1, True, ["crawl", "infer", "diff"]),
        ({"crawl": 2}, 2, False, ["crawl"]),
        ({"crawl": 3}, 3, False, ["crawl"]),
        ({"crawl": 4}, 4, True, ["crawl"]),
        ({"crawl": 5}, 5, False, ["crawl"]),
        ({"crawl": 137}, 137, False, ["crawl"]),
        ({"infer": 2}, 2, False, ["crawl", "infer"]),
        ({"diff": 3}, 3, False, ["crawl", "infer", "diff"]),
    ],
)
def test_a_night_by_what_its_commands_end_with(
    statuses: dict[str, int],
    status: int,
    over: bool,  # noqa: FBT001 - a column of the table above
    said: list[str],
    tmp_path: Path,
) -> None:
    (tmp_path / "before").write_text("2026-01-01\n")
    (tmp_path / "tonight").write_text("2026-01-02\n")
    night = _night(tmp_path, _program(tmp_path, statuses), SEEDS="a.csv b.csv")
    night.communicate(timeout=20)
    assert night.returncode == status
    calls = {
        "crawl": "crawl a.csv b.csv --warehouse w --run 2026-01-02 --config c",
        "infer": "infer w 2026-01-02 --config c",
        "diff": "diff w 2026-01-01 2026-01-02",
    }
    assert (tmp_path / "said").read_text().splitlines() == [calls[word] for word in said]
    assert (tmp_path / "tonight").exists() != over
    done = over and status != Exit.FAILED
    assert (tmp_path / "before").read_text() == ("2026-01-02\n" if done else "2026-01-01\n")


def test_a_new_night_is_named_after_today(tmp_path: Path) -> None:
    night = _night(tmp_path, _program(tmp_path, {"crawl": 3}))
    night.communicate(timeout=20)
    today = (tmp_path / "tonight").read_text().strip()
    assert abs(time.time() - time.mktime(time.strptime(today, "%Y-%m-%d"))) < 2 * 86400
    assert f"--run {today} " in (tmp_path / "said").read_text()


def test_a_night_that_is_stopped_goes_on_with_its_run(tmp_path: Path) -> None:
    """The real program: ^C to all while nobody answers, then once more with a resolver."""
    state = tmp_path / "state"
    state.mkdir()
    (state / "tonight").write_text("2026-01-02\n")
    with socket.socket(type=socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        crawl = crawl_in(
            tmp_path, ["example.com"], nameservers=[f"127.0.0.1:{mute.getsockname()[1]}"],
            dns_timeout=30, stop_grace=0.2,
        )  # fmt: skip
        config, seeds = tmp_path / "mailcensus.toml", tmp_path / "seeds.txt"
        where = {"WAREHOUSE": crawl.warehouse, "SEEDS": f"{seeds} --exact", "CONFIG": config}
        night = _night(state, PROGRAM, **where)
        mute.settimeout(30)
        mute.recv(512)
        os.killpg(night.pid, signal.SIGINT)
        said, _ = night.communicate(timeout=30)
    assert night.returncode == Exit.STOPPED, said
    assert (state / "tonight").read_text() == "2026-01-02\n"
    zone = ". 60 SOA ns. host. 1 2 3 4 60\n. 60 NS ns.\nexample.com. 60 MX 0 .\n"
    with nsd({".": zone}) as server:
        config.write_text(config.read_text().replace(
            re.findall(r"127\.0\.0\.1:\d+", config.read_text())[0], f"127.0.0.1:{server.port}"
        ))  # fmt: skip
        night = _night(state, PROGRAM, **where)
        said, _ = night.communicate(timeout=60)
    assert night.returncode == Exit.COMPLETE, said
    assert [path.name for path in (crawl.warehouse / "providers").iterdir()] == ["run=2026-01-02"]
    assert sorted(path.name for path in state.iterdir()) == ["before"]


def test_the_script_is_posix_shell() -> None:
    subprocess.run(["sh", "-n", NIGHT], check=True)
    assert os.access(NIGHT, os.X_OK)
