"""The main job against the world: what `make demo` runs.

Serves a small Internet on loopback, crawls and infers it with the real command, and leaves the
warehouse and a report to look at. Usage: python -m scripts.demo DIR
"""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DOMAINS = 3000
_SEED = 1
_RUN = "demo"
_STOP_SECONDS = 10


def main(folder: Path) -> int:
    """Run the demo in a folder; the first exit status that is not 0, else 0."""
    world, warehouse = folder / "world", folder / "warehouse"
    print(f"Starting a small Internet of {_DOMAINS:,} domains on loopback …", flush=True)
    with serving("serve", world, "--domains", _DOMAINS, "--seed", _SEED):
        status = mailcensus(
            "crawl", world / "seeds.csv", "--warehouse", warehouse, "--run", _RUN,
            "--config", world / "mailcensus.toml", "--plan", "policy", "--mta-sts-policies",
        )  # fmt: skip
    status = status or mailcensus("infer", warehouse, _RUN)
    return status or mailcensus("report", warehouse, _RUN, "--out", folder / "report")


@contextmanager
def serving(*words: object) -> Iterator[None]:
    """A world on loopback while the block runs; words: what scripts.world is to do."""
    command = [sys.executable, "-m", "scripts.world", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            assert server.stdout is not None
            if not any(line.strip() == "ready" for line in server.stdout):
                raise SystemExit("the world did not start")
            yield
        finally:
            server.terminate()
            server.wait(_STOP_SECONDS)


def mailcensus(*words: object) -> int:
    """Run the real command, shown as it is typed; its exit status."""
    arguments = [str(word) for word in words]
    print(f"\n$ mailcensus {shlex.join(arguments)}", flush=True)
    program = Path(sys.executable).with_name("mailcensus")
    return subprocess.run([program, *arguments], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
