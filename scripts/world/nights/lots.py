"""Draws that depend on what they are for and on nothing else: no order of events changes them."""

from random import Random

from pipeline.keys import key_hash

_RANGE = 1 << 64


def lot(*about: object) -> float:
    """A number in [0, 1) that belongs to these words."""
    return key_hash(" ".join(map(str, about))) / _RANGE


def lots(*about: object) -> Random:
    """A generator that belongs to these words."""
    return Random(key_hash(" ".join(map(str, about))))
