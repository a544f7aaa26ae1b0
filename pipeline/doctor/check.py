"""What a check finds, and what to do about it."""

import enum
from typing import NamedTuple


class State(enum.StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    """A crawl runs, but not as well as it could."""
    FAIL = "fail"
    """A crawl would not run, or its results would be wrong."""
    UNCHECKED = "not checked"


class Check(NamedTuple):
    """One finding."""

    name: str
    state: State
    found: str
    """What was seen; why, if nothing was looked at."""
    advice: str = ""
    """What to do; empty if nothing."""
