"""A real NSD for tests: skips where it is not installed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.world.nsd import Nsd, NsdMissingError, free_port
from scripts.world.nsd import nsd as real

__all__ = ["Nsd", "free_port", "nsd"]


@contextmanager
def nsd(
    zones: Mapping[str, str | Path], *, processes: int = 1, include: Path | None = None
) -> Iterator[Nsd]:
    """Serve zones, each a zone file's text or its path, by zone name."""
    try:
        with real(zones, processes=processes, include=include) as server:
            yield server
    except NsdMissingError as missing:
        pytest.skip(str(missing))
