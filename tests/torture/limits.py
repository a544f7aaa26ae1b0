"""How long the torture lasts, from the environment, and how the command is called.

TORTURE_KILLS=20 TORTURE_SOAK=120 make torture
"""

import os

KILLS = int(os.environ.get("TORTURE_KILLS", "200"))
"""SIGKILLs in all."""
SOAK = float(os.environ.get("TORTURE_SOAK", "1200"))
"""Seconds at full rate."""
WORDS: tuple[tuple[str, ...], ...] = ((), ("--workers", "2"))
"""Words added to the command: the kills are done with each."""
