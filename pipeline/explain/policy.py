"""Whom a domain trusts to send its mail: the tree of its SPF record."""

from collections import deque
from itertools import groupby

from rich.text import Text
from rich.tree import Tree

from pipeline.explain.evidence import Evidence
from pipeline.explain.wording import account, faint, line, listed, meant, strong, warned
from schemas.spf import Spf, Term
from schemas.spf_trust import SpfTrust, SpfVerdict
from stages.spf.macro import parse

_DEEPEST = 12
"""Levels that are drawn inside each other; includes below them go on at the margin."""


def add_spf(tree: Tree, evidence: Evidence) -> None:
    """The terms of the domain's record, and the records that it includes."""
    name = evidence.domain.domain
    branch = tree.add(line(strong("SPF:"), _state(evidence.spf.get(name))))
    if evidence.spf_trust and evidence.spf_trust.verdict is not SpfVerdict.NOT_ASKED:
        _add_trust(branch, evidence.spf_trust)
    walk = _Walk(evidence)
    walk.expand(branch, name, depth=1)
    while walk.further:
        name = walk.further.popleft()
        below = branch.add(line(strong(name), faint("(from above)")))
        walk.expand(below, name, depth=2)


def _add_trust(tree: Tree, trust: SpfTrust) -> None:
    """What it all comes to."""
    asked = f"{trust.lookups} look-ups"
    tree.add(line("comes to:", line(meant(trust.verdict), asked, between="; ")))
    for finding in trust.findings:
        tree.add(line(meant(finding.finding), finding.term, faint(f"at {finding.name}")))
    if trust.ipv4 or trust.ipv6:
        own = f"{trust.ipv4:,} IPv4 addresses, {trust.ipv4_literal:,} by its own terms"
        largest = f"largest /{trust.largest_ipv4}" if trust.largest_ipv4 is not None else None
        tree.add(line("passes:", line(own, largest, _rounded(int(trust.ipv6)), between=", ")))
    for cloud in trust.clouds:
        counts = f"{cloud.ipv4:,} IPv4 addresses"
        tree.add(
            line(
                "rented out by",
                cloud.provider + ":",
                line(counts, _rounded(int(cloud.ipv6)), between=", "),
            )
        )


def _rounded(ipv6: int) -> str | None:
    return f"{ipv6:.1e} IPv6 addresses" if ipv6 else None


class _Walk:
    """Expands every name once, where it is met first."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._seen: set[str] = set()
        self.further: deque[str] = deque()

    def expand(self, tree: Tree, name: str, depth: int) -> None:
        """The terms of a name's record; literal ones share a line."""
        self._seen.add(name)
        row = self._evidence.spf.get(name)
        if row is None:
            return
        for fault in row.faults:
            tree.add(line(meant(fault.error), fault.term))
        for followed, terms in groupby(row.terms, key=_leads_on):
            if not followed:
                tree.add(line(*(term.text for term in terms)))
                continue
            for term in terms:
                self._add(tree, name, term, depth)

    def _add(self, tree: Tree, current: str, term: Term, depth: int) -> None:
        target = _target(term, current)
        if target is None:
            tree.add(line(term.text, faint("depends on the message: not followed")))
        elif term.name == "a":
            tree.add(line(term.text, faint("->"), self._addresses(target)))
        elif term.name == "mx":
            self._add_mx(tree, term, target)
        else:
            self._add_include(tree, term, target, depth)

    def _add_include(self, tree: Tree, term: Term, target: str, depth: int) -> None:
        if target in self._seen:
            tree.add(line(strong(term.text), faint("(seen above)")))
            return
        label = line(strong(term.text), _state(self._evidence.spf.get(target)))
        if depth < _DEEPEST:
            self.expand(tree.add(label), target, depth + 1)
        else:
            self._seen.add(target)
            self.further.append(target)
            tree.add(line(label, faint("(goes on below)")))

    def _add_mx(self, tree: Tree, term: Term, target: str) -> None:
        exchanges = self._evidence.mail_hosts.get(target)
        if exchanges is None:
            tree.add(line(term.text, faint("-> not asked yet")))
            return
        branch = tree.add(line(term.text, None if exchanges else faint("-> no exchange")))
        for exchange in exchanges:
            branch.add(line(exchange, faint("->"), self._addresses(exchange)))

    def _addresses(self, name: str) -> str:
        host = self._evidence.hosts.get(name)
        if host is None:
            return "not asked yet"
        return listed(host.a + host.aaaa) or host.status


def _leads_on(term: Term) -> bool:
    """Whether a term names something else to look up."""
    return term.name in ("include", "redirect", "a", "mx") or term.macro


def _target(term: Term, current: str) -> str | None:
    """The key that a term leads to; None where the message decides."""
    if term.domain_spec is None:
        return current
    name = parse(term.domain_spec).static
    return None if name is None else name.lower().removesuffix(".")


def _state(row: Spf | None) -> Text:
    """Whether a name has a record."""
    if row is None:
        return faint("not asked yet")
    if row.record is not None:
        return account(row.query)
    found = f"{len(row.records)} SPF records" if row.records else "no SPF record"
    texts = [faint(text.text) for text in row.records]
    return line(warned(found), account(row.query), *texts)
