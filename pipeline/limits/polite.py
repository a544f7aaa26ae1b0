"""Contacting others within limits and the opt-out list: what mail and policy hosts share."""

from typing import Generic, Protocol, TypeVar

from pipeline.limits.limits import GivenUp, Limits, Reception, Visited
from pipeline.limits.optout import OptOutList
from stages.enrich.special import Scope

T = TypeVar("T", bound=Visited)
T_contra = TypeVar("T_contra", bound=Visited, contravariant=True)
R = TypeVar("R")


class Visitor(Protocol[T_contra, R]):
    """Contacts one target, once, and never one that its scope does not permit."""

    async def __call__(self, item: T_contra, /) -> R:
        """What came of it."""
        ...

    def left_alone(self, item: T_contra, why: str, /) -> R:
        """What is to be said of a target that is not contacted."""
        ...

    def outcome(self, result: R, /) -> Reception:
        """How the server took a visit."""
        ...


class Polite(Generic[T, R]):
    """Wraps a visitor. Many may call at once: those that must wait cost little."""

    def __init__(
        self, visitor: Visitor[T, R], limits: Limits, opt_out: OptOutList, scope: Scope
    ) -> None:
        self._visitor = visitor
        self._limits = limits
        self._opt_out = opt_out
        self._scope = scope

    async def __call__(self, item: T, /) -> R:
        """Visit once the limits allow it, or say why not."""
        if rule := self._rule(item):
            return self._visitor.left_alone(item, rule)
        if not self._scope.permits(item.address):
            return await self._visitor(item)  # contacts nobody, says so, and need not wait
        try:
            async with self._limits.turn(item) as turn:
                if rule := self._rule(item):  # the list may have changed meanwhile
                    return self._visitor.left_alone(item, rule)
                result = await self._visitor(item)
                turn.heard(self._visitor.outcome(result))
                return result
        except GivenUp as why:
            return self._visitor.left_alone(item, str(why))

    def let_go(self) -> None:
        """Cancel the calls that wait for their turn: nothing of theirs has begun."""
        self._limits.let_go()

    def _rule(self, item: T) -> str | None:
        """What of the opt-out list covers the address, or a name that led to it."""
        rules = self._opt_out.rules
        found = (rules.of_address(item.address), *map(rules.of_exchange, item.names))
        rule = next(filter(None, found), None)
        return rule and f"opted out: {rule}"
