"""spf_takeover: names that SPF records rely on and that do not exist."""

from typing import Annotated, NamedTuple

from schemas.table import Int64, Table
from schemas.vocabulary import Vocabulary


class Reliance(Vocabulary):
    """How a record relies on a name."""

    INCLUDE = "include", "its record would be included"
    REDIRECT = "redirect", "its record would decide"
    A = "a", "its addresses would pass"
    MX = "mx", "the addresses of its mail hosts would pass"
    MX_HOST = "mx_host", "it is a mail host of an mx term's name: its addresses would pass"
    EXISTS = "exists", "that it exists would let everybody pass"


class SpfTakeover(NamedTuple):
    """A name that does not exist: who comes to hold it may send for the domains."""

    name: Annotated[str, "the name; its question gave NXDOMAIN"]
    reliance: Annotated[Reliance, "how records rely on it"]
    registered_domain: Annotated[str | None, "of the name, by the Public Suffix List"]
    registered: Annotated[
        bool | None,
        "whether that domain exists; if not, anybody may register it; null if not asked",
    ]
    records: Annotated[Int64, "records that rely on it"]
    domains: Annotated[Int64, "seeds that would be handed over, by their own record or others"]
    direct: Annotated[Int64, "of these, those whose own record relies on it"]


SPF_TAKEOVER = Table(
    "spf_takeover",
    SpfTakeover,
    ("name", "reliance"),
    "inference",
    "a name that records rely on and that does not exist, and how they do",
)
