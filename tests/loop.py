"""Snowshoe detection from end to end over nights of the world, as scripts.snowshoe does it."""

import subprocess
import sys
from pathlib import Path

from scripts.snowshoe import Loop
from scripts.world.nights.files import Parameters

_REPOSITORY = Path(__file__).parents[1]


def run(folder: Path, parameters: Parameters, *flags: str) -> Loop:
    """Runs it in a process of its own; its directory is left as it is then."""
    size, seed, count, rate, apart = map(str, parameters)
    words = ["--nights", count, "--size", size, "--seed", seed, "--rate", rate, "--apart", apart]
    command = [sys.executable, "-m", "scripts.snowshoe", str(folder), *words, *flags]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=_REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr
    return Loop(folder, parameters)
