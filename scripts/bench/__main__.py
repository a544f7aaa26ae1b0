"""All benchmarks, one after the other, each with its command, machine and versions.

    python -m scripts.bench [--quick] [--world DIR]

The whole set takes about two hours on two quiet cores, the quick one a few minutes; none takes
longer than its limit. A benchmark that fails does not keep the others from running; the exit
status says so.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

_QUICK_COUNT = 40_000
_GRACE = 60.0
"""Seconds in which a benchmark ends when told so."""


class Part(NamedTuple):
    """One benchmark."""

    module: str
    full: str
    """Its options."""
    quick: str
    minutes: int
    """After which it is ended."""
    world: bool = False
    """Whether it crawls a written world."""


PARTS = (
    Part("dns_client", "--mix mx --runs 5", "--mix mx --domains 5000 --runs 3", 10),
    Part("dns_client", "--mix domain --runs 5", "--mix domain --domains 4000 --runs 3", 10),
    Part(
        "dns_client",
        "--delay 0.03 --loss 0.01 --domains 60000 --runs 5",
        "--delay 0.03 --loss 0.01 --domains 20000 --runs 1",
        10,
    ),
    Part("crawl", "", "--size 10000 --size 40000", 120, world=True),
    Part("crawl", "--size 350000 --kill", "--size 20000 --kill", 40, world=True),
    Part(
        "crawl",
        "--size 200000 --delay 0.03 --loss 0.01",
        "--size 20000 --delay 0.03 --loss 0.01 --runs 1",
        20,
        world=True,
    ),
    Part("smtp_probe", "--probes 5000 --runs 5", "--probes 1000 --runs 1", 10),
    Part("provider_inference", "", "--domains 100000 --runs 1", 20),
    Part("spf_trust", "1390000", "50000", 20),
    Part("snowshoe_features", "--runs 5", "--domains 20000 --runs 1", 10),
)


def command(part: Part, world: Path, *, quick: bool) -> list[str]:
    """Words of a benchmark."""
    options = (part.quick if quick else part.full).split()
    if part.world:
        options += ["--world", str(world)]
        options += ["--count", str(_QUICK_COUNT)] if quick else []
    return [sys.executable, "-m", f"{__package__}.{part.module}", *options]


def run(words: list[str], minutes: int) -> bool:
    """Whether it ended well and in time."""
    print(f"\n== {' '.join(words[1:])}", flush=True)
    with subprocess.Popen(words) as process:  # noqa: S603
        try:
            return process.wait(60 * minutes) == 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # so that it ends what it began
        process.wait(_GRACE)
    print(f"ended: it took more than {minutes} minutes", flush=True)
    return False


def main() -> int:
    """Run them all; 1 if any failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, a few minutes")
    parser.add_argument("--world", type=Path, help="where the crawls' world is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        world = options.world or Path(place, "world")
        ended = {
            " ".join(words[2:]): run(words, part.minutes)
            for part in PARTS
            for words in [command(part, world, quick=options.quick)]
        }
    failed = [name for name, well in ended.items() if not well]
    print(f"\n{len(ended) - len(failed)} of {len(ended)} benchmarks ended well", *failed, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
