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
GENTLY = "smtp_in_flight = 32\ndns_in_flight = 64\n"
"""Settings for a world whose rows are compared: so few at once that it answers all in time."""
