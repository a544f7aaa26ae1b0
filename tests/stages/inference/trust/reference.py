"""SPF trust said plainly: recursion over records and sets of single addresses.

For small zones only; slow, and as near to the words of the schema as can be.
"""

from ipaddress import ip_network
from typing import NamedTuple

from schemas.outcomes import Outcome
from stages.dns.answer import Question, RRType
from stages.spf.record import ParsedTerm, is_spf, parse
from tests.stages.inference.trust.zone import Zone, addresses

_ASKING = {"include", "a", "mx", "ptr", "exists", "redirect"}
_VOID = {Outcome.NODATA, Outcome.NXDOMAIN}
MOST = 1000
WHOLE = {4: "0.0.0.0/0", 6: "::/0"}


class Hop(NamedTuple):
    """A term that leads to another record."""

    qualifier: str
    target: str
    redirect: bool


class Reference:
    """The zone's names, one by one. Sets hold "all" where everything passes."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._terms: dict[str, list[ParsedTerm]] = {}

    def alive(self, name: str) -> list[ParsedTerm]:
        """The terms of a name that count."""
        if name not in self._terms:
            self._terms[name] = self._alive(name)
        return self._terms[name]

    def _alive(self, name: str) -> list[ParsedTerm]:
        records = self._zone.txt.get(name, [])
        if isinstance(records, Outcome) or len(records) != 1 or not is_spf(records[0]):
            return []
        record = parse(records[0])
        if record.faults:
            return []
        names = [parsed.term.name for parsed in record.terms]
        if "all" in names:
            kept = record.terms[: names.index("all") + 1]
            return [parsed for parsed in kept if parsed.term.name != "redirect"]
        return list(record.terms)

    def hops(self, name: str) -> list[Hop]:
        """Includes and redirects that lead to a name of the zone."""
        return [
            Hop(p.term.qualifier or "+", p.target.text, p.term.name == "redirect")
            for p in self.alive(name)
            if p.term.name in ("include", "redirect") and p.target and not p.term.macro
        ]

    def reach(self, name: str, *, trusted: bool) -> set[str]:
        """Names that a name leads to; itself only by a loop."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for hop in self.hops(waiting.pop()):
                if hop.target not in found and (not trusted or hop.qualifier == "+"):
                    found.add(hop.target)
                    waiting.append(hop.target)
        return found

    def networks(self, name: str, version: int, signs: str) -> set[str]:
        """The networks that terms of the own record name."""
        found: set[str] = set()
        for parsed in self.alive(name):
            term = parsed.term
            if not term.qualifier or term.qualifier not in signs:
                continue
            if term.name == "all":
                found |= {WHOLE[version]} if "+" in signs else set()
            elif parsed.network is not None and parsed.network.version == version:
                found.add(str(parsed.network))
            elif term.name == "exists" and parsed.target and self._zone.a.get(parsed.target.text):
                found.add(WHOLE[version])
            elif term.name in ("a", "mx"):
                found |= self._hosts(parsed, name, version)
        return found

    def _hosts(self, parsed: ParsedTerm, name: str, version: int) -> set[str]:
        target = parsed.target.text if parsed.target else name
        hosts = [target] if parsed.term.name == "a" else self._zone.mx.get(target, [])
        kind = self._zone.a if version == 4 else self._zone.aaaa
        prefix = parsed.term.prefix4 if version == 4 else parsed.term.prefix6
        width = {4: 32, 6: 128}[version] if prefix is None else prefix
        found = [address for host in hosts for address in kind.get(host, [])]
        return {str(ip_network(f"{address}/{width}", strict=False)) for address in found}

    def literal(self, name: str, version: int, signs: str) -> set[int | str]:
        """The addresses that terms of the own record name."""
        found: set[int | str] = set()
        for network in self.networks(name, version, signs):
            found |= {"all"} if network == WHOLE[version] else addresses(network)
        return found

    def passing(self, name: str, version: int) -> set[int | str]:
        """All that passes."""
        found = self.literal(name, version, "+")
        return found.union(self.inherited(name, version))

    def inherited(self, name: str, version: int) -> set[int | str]:
        """What includes and redirect bring."""
        reach = self.reach(name, trusted=True)
        return set().union(*(self.literal(each, version, "+") for each in reach))

    def soft(self, name: str, version: int) -> set[int | str]:
        """What is neutral or a soft fail by a term."""
        found: set[int | str] = set()
        seen: set[str] = set()
        at: str | None = name
        while at is not None and at not in seen:
            seen.add(at)
            found |= self.literal(at, version, "?~")
            further = None
            for hop in self.hops(at):
                if hop.qualifier in "?~":
                    found |= self.passing(hop.target, version)
                if hop.redirect:
                    further = hop.target
            at = further
        return found

    def lookups(self, name: str, above: tuple[str, ...] = ()) -> int:
        """Terms that ask, on every path."""
        if name in above:
            return MOST
        total = sum(p.term.name in _ASKING for p in self.alive(name))
        total += sum(self.lookups(hop.target, (*above, name)) for hop in self.hops(name))
        return min(total, MOST)

    def voids(self, name: str, version: int) -> int | None:
        """Look-ups in vain, on every path; None where a loop makes that endless or none."""
        if name in self.reach(name, trusted=False):
            return None
        total = 0
        for parsed in self.alive(name):
            if parsed.term.name in ("a", "mx", "exists"):
                total += self._void(parsed, name, version)
        for hop in self.hops(name):
            below = self.voids(hop.target, version)
            if below is None:
                return None
            total += below
        return total

    def _void(self, parsed: ParsedTerm, name: str, version: int) -> int:
        target = parsed.target.text if parsed.target else name
        kind = RRType.AAAA if version == 6 and parsed.term.name != "exists" else RRType.A
        if parsed.term.name in ("a", "exists"):
            return self._zone(Question(target, kind)).outcome in _VOID
        hosts = self._zone.mx.get(target, [])
        return (not hosts) + sum(
            self._zone(Question(host, kind)).outcome in _VOID for host in hosts
        )
