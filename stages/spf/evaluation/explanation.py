"""What a domain that says fail has to say to the sender (RFC 7208 section 6.2)."""

from collections.abc import Generator

from stages.dns.answer import Answer, Question, RRType
from stages.spf.evaluation.expansion import expand
from stages.spf.evaluation.inquiry import Failure, Inquiry
from stages.spf.macro import MacroError, MacroString, parse


def explanation(
    inquiry: Inquiry, exp: MacroString, domain: str, receiver: str, now: int
) -> Generator[Question, Answer, str | None]:
    """The text that ``exp``, standing at ``domain``, leads to; None if anything is wrong."""
    try:
        name = yield from inquiry.target(exp, domain)
        answer = yield from inquiry.ask(name, RRType.TXT, counts=False)
        (raw,) = answer.raw()
        words = [parse(word) for word in raw.decode("ascii").split(" ")]
        values = yield from inquiry.values(words, domain)
    except (Failure, MacroError, ValueError):
        return None
    values |= {"r": receiver, "t": str(now)}
    return " ".join(expand(word, values) for word in words)
