"""What an evaluation says and how it came to that (RFC 7208 section 2.6)."""

from typing import NamedTuple

from schemas.vocabulary import Vocabulary
from stages.dns.answer import Question


class Result(Vocabulary):
    """The results of check_host()."""

    NONE = "none", "no record to go by, or no domain to ask"
    NEUTRAL = "neutral", "the domain says nothing about this address"
    PASS = "pass", "the address may send for the domain"
    FAIL = "fail", "it may not"
    SOFTFAIL = "softfail", "it probably may not"
    TEMPERROR = "temperror", "the DNS gave no definite answer"
    PERMERROR = "permerror", "the records cannot be understood"


BY_QUALIFIER = {
    "+": Result.PASS,
    "-": Result.FAIL,
    "~": Result.SOFTFAIL,
    "?": Result.NEUTRAL,
}
"""What a mechanism gives if it matches (section 4.6.2)."""


class Step(NamedTuple):
    """A term that was evaluated."""

    depth: int
    """How many includes and redirects lead to its record."""
    domain: str
    """Where its record stands."""
    term: str
    """As written."""
    matched: bool
    """Whether it decided its record; a redirect always does."""


class Verdict(NamedTuple):
    """The end of an evaluation."""

    result: Result
    reason: str
    """What decided, in a few words."""
    explanation: str | None
    """For a fail: what the domain has to say to the sender, if anything (section 6.2)."""
    steps: tuple[Step, ...]
    """Every term evaluated, in the order in which each was begun."""
    lookups: int
    """Terms that ask the DNS, evaluated (section 4.6.4)."""
    voids: int
    """Questions of theirs that gave no record."""
    unasked: Question | None = None
    """The question that ended it because the source of answers had never put it."""

    @property
    def path(self) -> tuple[Step, ...]:
        """The terms that gave the result, from the domain's own down to the one that matched."""
        return tuple(step for step in self.steps if step.matched)
