"""changes, movements: what differs from an earlier run."""

from typing import Annotated, NamedTuple

from schemas.mx_providers import Source
from schemas.providers import Category
from schemas.table import Int64, Table
from schemas.vocabulary import Vocabulary


class Change(Vocabulary):
    """In what a domain differs."""

    NEW = "new", "a seed of this run, not of the earlier one"
    GONE = "gone", "a seed of the earlier run, not of this one"
    MOVED = "moved", "another operator: another company, or another id where the map names none"
    GAINED = "gained", "an operator, where there was none"
    LOST = "lost", "no operator any more"
    MAILBOX = "mailbox", "the same operator, with the mailboxes elsewhere behind it"


class Doubt(Vocabulary):
    """Why a difference may be one of measurement."""

    UNMEASURED = "unmeasured", "one of the runs got no definite answer, or did not ask"
    SAME_EXCHANGES = (
        "same_exchanges",
        "the exchanges are the same: only what they, or the map, said of themselves differs",
    )


class Side(NamedTuple):
    """A domain in one of the two runs."""

    category: Annotated[Category | None, "how far the evidence went; null if it was no seed then"]
    operator_id: Annotated[str | None, "provider id of its operator"]
    operator_company: Annotated[str | None, "company that the map of that run gave for it"]
    source: Annotated[Source | None, "source of that id"]
    mailbox_company: Annotated[str | None, "company that kept the mailboxes"]
    exchanges: Annotated[tuple[str, ...], "exchanges that counted, sorted; keys of hosts"]


class DomainChange(NamedTuple):
    """A domain that differs from an earlier run."""

    domain: Annotated[str, "a seed of either run"]
    earlier: Annotated[str, "id of the earlier run"]
    change: Annotated[Change, "in what it differs; the first that holds of those documented"]
    then: Annotated[Side, "in the earlier run; all null for new"]
    now: Annotated[Side, "in this run; all null for gone"]
    doubt: Annotated[Doubt | None, "why it may be noise; null where nothing speaks for that"]


class Movement(NamedTuple):
    """Domains that went from one provider to another."""

    earlier: Annotated[str, "id of the earlier run"]
    provider_then: Annotated[
        str, "company, else provider id; `(self)` for a domain's own, `(none)` for none"
    ]
    provider_now: Annotated[str, "the same in this run"]
    domains: Annotated[Int64, "domains that moved, gained or lost so"]
    doubtful: Annotated[Int64, "of these: with a doubt"]


CHANGES = Table(
    "changes", DomainChange, ("domain", "earlier"), "inference", "a domain that differs"
)
MOVEMENTS = Table(
    "movements",
    Movement,
    ("earlier", "provider_then", "provider_now"),
    "inference",
    "a pair of providers that domains went from and to",
)
