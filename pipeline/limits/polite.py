"""A probing stage that keeps to limits and to the opt-out list."""

import time

from pipeline.limits.limits import GivenUp, Limits
from pipeline.limits.optout import OptOutList
from schemas.smtp import Smtp
from stages.enrich.special import Scope
from stages.smtp.dialogue import Dialogue
from stages.smtp.record import row_of
from stages.smtp.stage import Target
from stages.stage import Emit, Stage


class Polite:
    """Wraps a stage of targets. Many may call at once: those that must wait cost little."""

    def __init__(
        self, stage: Stage[Target], limits: Limits, opt_out: OptOutList, scope: Scope
    ) -> None:
        self._stage = stage
        self._limits = limits
        self._opt_out = opt_out
        self._scope = scope

    async def __call__(self, item: Target, /) -> Emit:
        """Probe once the limits allow it, or say in a row why not."""
        if rule := self._rule(item):
            return _left_alone(item, rule)
        if not self._scope.permits(item.address):
            return await self._stage(item)  # contacts nobody, says so, and need not wait
        try:
            async with self._limits.turn(item) as turn:
                if rule := self._rule(item):  # the list may have changed meanwhile
                    return _left_alone(item, rule)
                emit = await self._stage(item)
                row = emit.rows[0]
                assert isinstance(row, Smtp)
                turn.heard(row.outcome)
                return emit
        except GivenUp as why:
            return _left_alone(item, str(why))

    def let_go(self) -> None:
        """Cancel the calls that wait for their turn: nothing of theirs has begun."""
        self._limits.let_go()

    def _rule(self, item: Target) -> str | None:
        """What of the opt-out list covers the host that led to the address, or the address."""
        rules = self._opt_out.rules
        rule = rules.of_address(item.address)
        if rule is None and item.server_name:
            rule = rules.of_exchange(item.server_name)
        return rule and f"opted out: {rule}"


def _left_alone(item: Target, why: str) -> Emit:
    """The row of an address that is not contacted, and why."""
    return Emit((row_of(Dialogue(item, time.time_ns() // 1000, ()))._replace(detail=why),))
