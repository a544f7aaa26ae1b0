"""A stage of seeds that leaves alone who asked for it."""

import time
from collections.abc import Callable
from typing import Any

from pipeline.limits.optout import OptOutList
from stages.dns.stage import Seed
from stages.stage import Emit, Stage


class Consent:
    """Wraps a stage of seeds or their names: who is on the list gets a row and no question."""

    def __init__(
        self,
        stage: Stage[Any],
        opt_out: OptOutList,
        not_asked: Callable[[Any, int], tuple[Any, ...]],
    ) -> None:
        """``not_asked`` makes the row of an item, given the microsecond at which it was left."""
        self._stage = stage
        self._opt_out = opt_out
        self._not_asked = not_asked

    async def __call__(self, item: Seed | str, /) -> Emit:
        """Ask, unless the seed or a domain above it is opted out."""
        domain = item if isinstance(item, str) else item.domain
        if self._opt_out.rules.of_domain(domain) is None:
            return await self._stage(item)
        return Emit((self._not_asked(item, time.time_ns() // 1000),))
