"""When a run measured next to nothing, and what is then to be looked at.

A crawl whose resolver is dead, or whose port 25 is closed, has a row for every key and ends. Its
rows are true, and worthless: whoever reads them must know.
"""

from collections.abc import Mapping
from typing import NamedTuple

SHARE = 0.9
"""Of what was asked: if that much failed, the trouble is ours."""
_LIVE = 200
"""Rows before a crawl under way is judged."""


class _Rule(NamedTuple):
    table: str
    failed: frozenset[str]
    not_asked: frozenset[str]
    words: str
    advice: str
    least: int = 1
    """Rows that were asked for, below which nothing is judged."""


_RULES = (
    _Rule(
        "domains", frozenset({"failed"}), frozenset({"opted_out", "bug"}),
        "domains have no answer to their MX question",
        "check the resolvers and the line (mailcensus doctor)",
    ),
    _Rule(
        "hosts", frozenset({"failed"}), frozenset({"bug"}),
        "hosts have no answer to the question for their address",
        "check the resolvers and the line (mailcensus doctor)",
    ),
    _Rule(
        "smtp", frozenset({"connect_timeout", "unreachable", "refused"}),
        frozenset({"not_probed", "bug"}),
        "mail servers could not be connected to",
        "check that port 25 is open outwards: many networks close it",
    ),
    _Rule(
        "smtp", frozenset({"blocked"}), frozenset({"not_probed", "bug"}),
        "mail servers refused our address",
        "check whether blocklists have it, and its reverse name",
    ),
    _Rule(
        "sts_policies", frozenset({"connect_timeout", "unreachable", "refused"}),
        frozenset({"not_fetched", "no_address", "reserved", "dns_failed", "bug"}),
        "policy hosts could not be connected to",
        "check that port 443 is open outwards",
        least=20,  # a domain in a hundred has one: a few say nothing of the line
    ),
)  # fmt: skip


def alarms(outcomes: Mapping[str, Mapping[str, int]], *, live: bool = False) -> tuple[str, ...]:
    """Sentences on what nearly always failed, from the numbers of rows by table and outcome.

    Live: of a crawl under way, which is judged only once it has got somewhere.
    """
    return tuple(
        f"{failed:,} of {asked:,} {rule.words}: {rule.advice}"
        for rule in _RULES
        for failed, asked in [_count(rule, outcomes.get(rule.table, {}))]
        if asked >= max(rule.least, _LIVE + 1 if live else 1) and failed >= SHARE * asked
    )


def _count(rule: _Rule, outcomes: Mapping[str, int]) -> tuple[int, int]:
    failed = sum(outcomes.get(word, 0) for word in rule.failed)
    return failed, sum(n for word, n in outcomes.items() if word not in rule.not_asked)
