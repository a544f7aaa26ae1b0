"""Mailboxes behind gateways and forwarders: right, wrong, unknown, by what the DNS tells of them.

A domain counts if it is live and truth has it behind a gateway or forwarder. Of those with signals
`none` and `marketing` there is nothing to find: unknown is right there. All others are findable;
unknown is not right among them. One said to be with an operator that is no gateway is wrong.
"""

from typing import NamedTuple

import duckdb

from scripts.accuracy.finished import Finished

NOTHING = ("none", "marketing")
_QUERY = """
    SELECT signals, mailbox_probability,
        CASE WHEN p.mailbox = 'unknown' THEN 'unknown'
             WHEN p.mailbox = 'own' AND t.mailbox_id = domain THEN 'right'
             WHEN p.mailbox = 'behind' AND (p.mailbox_company = t.mailbox_company
                  OR p.mailbox_id = t.mailbox_id) THEN 'right'
             ELSE 'wrong' END AS verdict
    FROM read_parquet($truth) AS t JOIN read_parquet($found) AS p USING (domain)
    WHERE live AND signals IS NOT NULL ORDER BY signals, domain
"""


class Mailbox(NamedTuple):
    """One domain behind a gateway or forwarder."""

    signals: str
    probability: float | None
    verdict: str
    """right, wrong or unknown."""


def mailboxes(finished: Finished) -> list[Mailbox]:
    """All domains that count."""
    given = {"truth": str(finished.truth), "found": finished.table("providers")}
    return [Mailbox(*row) for row in duckdb.execute(_QUERY, given).fetchall()]


def right_of_findable(found: list[Mailbox]) -> float:
    """The share that is right of those with something to find."""
    findable = [one for one in found if one.signals not in NOTHING]
    return sum(one.verdict == "right" for one in findable) / len(findable)


def text(found: list[Mailbox]) -> str:
    """The table by signals."""
    head = f"{'mailboxes by signals':26}{'domains':>9}{'right':>8}{'wrong':>8}"
    head += f"{'unknown':>9}{'right':>9}"
    findable = sorted({one.signals for one in found} - {*NOTHING})
    lines = [
        head,
        *(_row(kind, [one for one in found if one.signals == kind]) for kind in findable),
    ]
    lines.append(_row("all findable", [one for one in found if one.signals not in NOTHING]))
    lines += ["", "nothing to find (a guess may still happen to be right):"]
    lines += [_row(kind, [one for one in found if one.signals == kind]) for kind in NOTHING]
    return "\n".join(lines)


def _row(name: str, found: list[Mailbox]) -> str:
    right, wrong, unknown = (
        sum(one.verdict == verdict for one in found) for verdict in ("right", "wrong", "unknown")
    )
    share = right / len(found) if found else 0.0
    return f"{name:26}{len(found):9,}{right:8,}{wrong:8,}{unknown:9,}{share:9.1%}"
