"""How long the torture lasts, from the environment, and how the command is called.

TORTURE_KILLS=20 TORTURE_SOAK=120 make torture
"""

import os

from pipeline.plan import Plan

KILLS = int(os.environ.get("TORTURE_KILLS", "200"))
"""SIGKILLs in all."""
SOAK = float(os.environ.get("TORTURE_SOAK", "1200"))
"""Seconds at full rate."""
WAYS: tuple[tuple[Plan, tuple[str, ...]], ...] = (
    (Plan.MAIL, ()),
    (Plan.MAIL, ("--workers", "2")),
    (Plan.POLICY, ("--workers", "2")),
)
"""Plans and words added to the command: the kills are done with each."""
_PATIENCE = ("smtp_timeout = 3.0", "smtp_timeout = 12.0")
_FEW = "smtp_in_flight = 32\ndns_in_flight = 64\n"


def gently(config: str) -> str:
    """A world's settings, as TOML, with which it answers all in time on a crowded machine, too.

    Rows that are to be equal must not depend on how long the world was kept waiting.
    """
    assert _PATIENCE[0] in config
    return config.replace(*_PATIENCE) + _FEW
