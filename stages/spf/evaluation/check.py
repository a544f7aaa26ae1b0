"""check_host() of RFC 7208, without IO: a generator that yields questions and is sent answers.

check = check_host(ip_address("192.0.2.1"), "example.com", "joe@example.com", "mx.example.com")
verdict = evaluate(check, source)                # a function from question to answer
verdict = await evaluate_live(check, resolver)
"""

from collections.abc import Callable, Generator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

from schemas.spf import TermKind
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.dns.name import InvalidName, to_wire
from stages.spf.evaluation.expansion import Address
from stages.spf.evaluation.explanation import explanation
from stages.spf.evaluation.inquiry import MAX_NAMES, Failure, Inquiry
from stages.spf.evaluation.verdict import BY_QUALIFIER, Result, Step, Verdict
from stages.spf.macro import MacroString
from stages.spf.record import ParsedTerm, Record, is_spf, parse

Check = Generator[Question, Answer, Verdict]


def check_host(  # noqa: PLR0913 - as section 4.1 has them, and what explanations may tell
    ip: Address,
    domain: str,
    sender: str,
    helo: str,
    *,
    receiver: str = "unknown",
    now: int = 0,
) -> Check:
    """Whether a host may use a domain, as a generator of questions (section 4).

    ``ip`` is the client's address, ``sender`` the MAIL FROM or HELO identity, ``domain`` what
    stands behind its "@"; ``receiver`` and ``now`` (unix seconds) only show in explanations.
    """
    inquiry = Inquiry(ip, sender, helo)
    evaluation = _Evaluation(inquiry)
    text = unasked = None
    try:
        found = yield from evaluation.record(domain.lower().removesuffix("."), 0)
        if found.result is Result.FAIL and found.exp is not None:
            text = yield from explanation(inquiry, found.exp, found.domain, receiver, now)
    except Failure as failure:
        found = _Found(failure.result, failure.reason)
        unasked = failure.unasked
    return Verdict(
        found.result,
        found.reason,
        text,
        tuple(evaluation.steps),
        inquiry.lookups,
        inquiry.voids,
        unasked,
    )


def evaluate(check: Check, source: Callable[[Question], Answer]) -> Verdict:
    """Run a check to its end with answers at hand."""
    try:
        question = next(check)
        while True:
            question = check.send(source(question))
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict


async def evaluate_live(check: Check, resolver: Resolver) -> Verdict:
    """Run a check to its end by asking the DNS."""
    try:
        question = next(check)
        while True:
            (answer,) = await resolver.ask([question])
            question = check.send(answer)
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict


class _Found(NamedTuple):
    """What a record says of the client."""

    result: Result
    reason: str
    domain: str = ""
    """Where the term that decided stands."""
    exp: MacroString | None = None


class _Evaluation:
    """Records and their terms."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self.steps: list[Step] = []

    def record(self, domain: str, depth: int) -> Generator[Question, Answer, _Found]:
        """What a domain's record says (sections 4.3 to 4.5)."""
        if not _can_hold_record(domain):
            return _Found(Result.NONE, f"{domain!r} is no name that holds a record")
        answer = yield from self._inquiry.ask(domain, RRType.TXT, counts=False)
        texts = [raw for raw in answer.raw() if is_spf(raw)]
        if not texts:
            return _Found(Result.NONE, f"no SPF record at {domain}")
        if len(texts) > 1:
            raise Failure(Result.PERMERROR, f"{len(texts)} SPF records at {domain}")
        record = parse(texts[0])
        if record.faults:
            fault = record.faults[0]
            raise Failure(Result.PERMERROR, f"{fault.error} in {fault.term} at {domain}")
        return (yield from self._terms(record, domain, depth))

    def _terms(
        self, record: Record, domain: str, depth: int
    ) -> Generator[Question, Answer, _Found]:
        """The first mechanism that matches, else the redirect (sections 4.6.2 and 4.7)."""
        named = {parsed.term.name: parsed for parsed in record.terms}
        for parsed in record.terms:
            term = parsed.term
            if term.kind is TermKind.MODIFIER:
                continue
            place = len(self.steps)
            self.steps.append(Step(depth, domain, term.text, matched=False))
            if (yield from self._matches(parsed, domain, depth)):
                self.steps[place] = self.steps[place]._replace(matched=True)
                exp = named["exp"].target if "exp" in named else None
                result = BY_QUALIFIER[term.qualifier or "+"]
                return _Found(result, f"{term.text} at {domain} matches", domain, exp)
        if "redirect" in named:
            self.steps.append(Step(depth, domain, named["redirect"].term.text, matched=True))
            self._inquiry.begin_term()
            return (yield from self._lead(named["redirect"], domain, depth))
        return _Found(Result.NEUTRAL, f"no term at {domain} matches", domain)

    def _lead(
        self, parsed: ParsedTerm, domain: str, depth: int
    ) -> Generator[Question, Answer, _Found]:
        """What the target's record says; to lead nowhere is an error (sections 5.2 and 6.1)."""
        target = yield from self._inquiry.target(parsed.target, domain)
        found = yield from self.record(target, depth + 1)
        if found.result is Result.NONE:
            raise Failure(Result.PERMERROR, f"{parsed.term.text} at {domain}: {found.reason}")
        return found

    def _matches(
        self, parsed: ParsedTerm, domain: str, depth: int
    ) -> Generator[Question, Answer, bool]:
        """Whether a mechanism matches (section 5)."""
        name = parsed.term.name
        if name == "all":
            return True
        if parsed.network is not None:
            return self._inquiry.ip in parsed.network
        self._inquiry.begin_term()
        if name == "include":
            return (yield from self._include(parsed, domain, depth))
        target = yield from self._inquiry.target(parsed.target, domain)
        return (yield from self._looked_up(parsed, target))

    def _looked_up(self, parsed: ParsedTerm, target: str) -> Generator[Question, Answer, bool]:
        """Whether what the DNS says of the target makes the term match."""
        match parsed.term.name:
            case "a":
                return (yield from self._has_address(target, parsed))
            case "mx":
                return (yield from self._mx(target, parsed))
            case "exists":
                return bool((yield from self._inquiry.ask(target, RRType.A)).records)
            case _:
                names = yield from self._inquiry.names(counts=True)
                return any(name == target or name.endswith("." + target) for name in names)

    def _include(
        self, parsed: ParsedTerm, domain: str, depth: int
    ) -> Generator[Question, Answer, bool]:
        first = len(self.steps)
        found = yield from self._lead(parsed, domain, depth)
        if found.result is Result.PASS:
            return True
        # What matched in there decides nothing out here.
        self.steps[first:] = [step._replace(matched=False) for step in self.steps[first:]]
        return False

    def _mx(self, target: str, parsed: ParsedTerm) -> Generator[Question, Answer, bool]:
        answer = yield from self._inquiry.ask(target, RRType.MX)
        records = sorted(answer.mx())
        if len(records) > MAX_NAMES:
            raise Failure(Result.PERMERROR, f"{len(records)} MX at {target}")
        for record in records:
            if (yield from self._has_address(record.exchange, parsed)):
                return True
        return False

    def _has_address(self, name: str, parsed: ParsedTerm) -> Generator[Question, Answer, bool]:
        """Whether the client is as near to an address of a name as the prefix says."""
        answer = yield from self._inquiry.ask(name, self._inquiry.type)
        ip = self._inquiry.ip
        return any(ip in self._around(text, parsed) for text in answer.texts())

    def _around(self, address: str, parsed: ParsedTerm) -> IPv4Network | IPv6Network:
        ip, term = self._inquiry.ip, parsed.term
        prefix = term.prefix4 if self._inquiry.type is RRType.A else term.prefix6
        length = ip.max_prefixlen if prefix is None else prefix
        return ip_network(f"{address}/{length}", strict=False)


def _can_hold_record(domain: str) -> bool:
    """Whether it is a name of several labels, and no address literal (section 4.3)."""
    try:
        to_wire(domain)
    except InvalidName:
        return False
    return "." in domain.strip(".") and not domain.startswith("[")
