"""A finding of a parser: its class, and the words of the record that it is about."""

from typing import NamedTuple

from schemas.policy_class import PolicyClass


class Fault(NamedTuple):
    """What is wrong or unwise; ``term`` is as written, empty for the record as a whole."""

    finding: PolicyClass
    term: str = ""

    @property
    def fatal(self) -> bool:
        """Whether it makes the record void."""
        return self.finding.severity == "error"


LONGEST_TERM = 100
"""Characters of a record that a fault repeats."""


def fault(finding: PolicyClass, term: str = "") -> Fault:
    """A fault, its term cut to what helps."""
    return Fault(finding, term if len(term) <= LONGEST_TERM else term[: LONGEST_TERM - 1] + "…")
