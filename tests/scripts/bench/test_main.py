"""The whole set: each benchmark takes its options, a bad or slow one is told from a good one."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bench.__main__ import PARTS, Part, command, run

REPOSITORY = Path(__file__).parents[3]
MADE = REPOSITORY / "scripts" / "bench" / "made.py"
SLEEP = "import time; time.sleep(60)"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.module} {part.full}")
@pytest.mark.parametrize("quick", [False, True])
def test_a_command_names_a_module_and_options_that_it_has(part: Part, quick: bool) -> None:  # noqa: FBT001
    words = command(part, Path("world"), quick=quick)
    documented = importlib.import_module(words[2])
    assert documented.__doc__
    text = Path(str(documented.__file__)).read_text(encoding="utf-8")
    if "prepared" in text:  # its options are those of made.py
        text += MADE.read_text(encoding="utf-8")
    for option in (word for word in words[3:] if word.startswith("--")):
        assert f'"{option}"' in text, option


def test_a_failure_is_told_from_success() -> None:
    assert run([sys.executable, "-c", ""], minutes=1)
    assert not run([sys.executable, "-c", "raise SystemExit(3)"], minutes=1)


def test_what_takes_too_long_is_ended(capfd: pytest.CaptureFixture[str]) -> None:
    assert not run([sys.executable, "-c", SLEEP], minutes=0)
    assert "more than 0 minutes" in capfd.readouterr().out


def test_a_crawl_is_measured_and_checked(tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("".join(f"given-{number}.org\n" for number in range(120)))
    words = [sys.executable, "-m", "scripts.bench.crawl", "--names", str(names), "--count", "120"]
    done = subprocess.run(
        [*words, "--size", "100"], check=False, capture_output=True, text=True,
        cwd=REPOSITORY, timeout=600,
    )  # fmt: skip
    if "NSD is not installed" in done.stderr:
        pytest.skip("NSD is not installed: apt-get install nsd")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("$ ")
    seeds, questions, *others = (float(cell.replace(",", "")) for cell in lines[-1].split())
    assert seeds == 100
    assert 3 * seeds <= questions <= 20 * seeds
    assert all(figure >= 0 for figure in others)
