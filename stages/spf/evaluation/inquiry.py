"""The questions of one evaluation: what they may cost, and what its macros stand for.

Each question of a term counts towards the two voids (RFC 7208 section 4.6.4), those for the hosts
of an mx among them; those for a record, or that only validate a name of the client, do not.
"""

from collections.abc import Generator, Sequence
from ipaddress import IPv4Address

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, Question, RRType
from stages.dns.name import InvalidName, to_wire
from stages.spf.evaluation.expansion import Address, dotted, expand_name, family
from stages.spf.evaluation.verdict import Result
from stages.spf.macro import MacroString

MAX_LOOKUPS = 10
"""Terms that ask the DNS."""
MAX_VOIDS = 2
"""Questions of theirs that give no record."""
MAX_NAMES = 10
"""Hosts of one mx, and names of the client that are validated."""


class Failure(Exception):  # noqa: N818 - an end that the RFC foresees, not an error of ours
    """The evaluation as a whole ends with an error."""

    def __init__(self, result: Result, reason: str, unasked: Question | None = None) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason
        self.unasked = unasked


class Inquiry:
    """One message, and what was asked for it."""

    def __init__(self, ip: Address, sender: str, helo: str) -> None:
        mapped = None if isinstance(ip, IPv4Address) else ip.ipv4_mapped
        self.ip: Address = mapped or ip
        self.type = RRType.A if isinstance(self.ip, IPv4Address) else RRType.AAAA
        """Of the addresses that it can be compared with."""
        local, _, domain = sender.rpartition("@")
        self._values = {
            "s": f"{local or 'postmaster'}@{domain}",
            "l": local or "postmaster",
            "o": domain,
            "i": dotted(self.ip),
            "v": family(self.ip),
            "h": helo,
            "c": str(self.ip),
        }
        self.lookups = 0
        self.voids = 0

    def begin_term(self) -> None:
        """Count a term that asks the DNS."""
        self.lookups += 1
        if self.lookups > MAX_LOOKUPS:
            raise Failure(Result.PERMERROR, f"more than {MAX_LOOKUPS} terms that ask the DNS")

    def ask(
        self, name: str, type_: RRType, *, counts: bool = True
    ) -> Generator[Question, Answer, Answer]:
        """An answer, perhaps without records; a temperror if there is none.

        A name that the DNS cannot hold has no records (section 4.8).
        """
        question = Question(name, type_)
        answer = (yield question) if _fits(name) else _unaskable(question)
        outcome = answer.outcome
        if outcome is Outcome.NOT_ASKED:
            reason = f"{type_.name} of {name} was never asked"
            raise Failure(Result.TEMPERROR, reason, unasked=question)
        if not outcome.answered and outcome is not Outcome.INVALID_NAME:
            raise Failure(Result.TEMPERROR, f"{type_.name} of {name}: {outcome}")
        if counts and outcome in (Outcome.NODATA, Outcome.NXDOMAIN):
            self.voids += 1
            if self.voids > MAX_VOIDS:
                raise Failure(Result.PERMERROR, f"more than {MAX_VOIDS} questions in vain")
        return answer

    def names(self, *, counts: bool) -> Generator[Question, Answer, list[str]]:
        """Names of the client's address that lead back to it; failures count as none."""
        try:
            answer = yield from self.ask(self.ip.reverse_pointer, RRType.PTR, counts=counts)
        except Failure as failure:
            if failure.result is Result.PERMERROR or failure.unasked:
                raise
            return []
        validated = []
        for name in answer.texts()[:MAX_NAMES]:
            try:
                addresses = yield from self.ask(name, self.type, counts=False)
            except Failure as failure:
                if failure.unasked:
                    raise
                continue
            if str(self.ip) in addresses.texts():
                validated.append(name)
        return validated

    def target(self, string: MacroString | None, domain: str) -> Generator[Question, Answer, str]:
        """The name a term points to, the current domain if it has none."""
        if string is None:
            return domain
        return expand_name(string, (yield from self.values([string], domain)))

    def values(
        self, strings: Sequence[MacroString], domain: str
    ) -> Generator[Question, Answer, dict[str, str]]:
        """What the macros of some strings stand for where ``domain`` is current.

        Of the client's names p is the domain itself, else one below it, else any.
        """
        values = self._values | {"d": domain}
        if any(macro.letter == "p" for string in strings for macro in string.macros):
            names = yield from self.names(counts=False)
            values["p"] = min(names, key=lambda n: _distance(n, domain), default="unknown")
        return values


def _distance(name: str, domain: str) -> int:
    if name == domain:
        return 0
    return 1 if name.endswith("." + domain) else 2


def _fits(name: str) -> bool:
    try:
        to_wire(name)
    except InvalidName:
        return False
    return True


def _unaskable(question: Question) -> Answer:
    return Answer(question, 0, Query(Outcome.INVALID_NAME, None, None, None, None, 0, tcp=False))
