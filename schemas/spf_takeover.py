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


class Holder(Vocabulary):
    """Who may come to hold a name that does not exist."""

    ANYBODY = "anybody", "its registered domain does not exist, either: a registry sells it"
    CUSTOMERS = (
        "customers",
        "the same below a suffix of the list's private section: whose suffix it is hands it out",
    )
    OWNER = "owner", "its registered domain exists: only who holds that can make the name"
    UNKNOWN = "unknown", "the DNS did not say whether it exists, or was not asked"
    NOBODY = "nobody", "it is under no suffix of the list"


class SpfTakeover(NamedTuple):
    """A name that does not exist: who comes to hold it may send for the domains.

    A record of the same registered domain hands nothing over: its holder would make the name.
    """

    name: Annotated[str, "the name; its question gave NXDOMAIN"]
    reliance: Annotated[Reliance, "how records rely on it"]
    registered_domain: Annotated[
        str | None,
        "of the name, or of the last that it is an alias for, by the Public Suffix List; null "
        "below no suffix",
    ]
    registered: Annotated[
        bool | None,
        "whether that domain exists; null if not asked, or without an answer",
    ]
    records: Annotated[Int64, "records that rely on it"]
    domains: Annotated[
        Int64,
        "seeds that would be handed over, by their own record or others that are of another "
        "registered domain; 0: a slip that is nobody else's gain",
    ]
    direct: Annotated[Int64, "of these, those whose own record relies on it"]
    holder: Annotated[Holder, "who may come to hold it"]


SPF_TAKEOVER = Table(
    "spf_takeover",
    SpfTakeover,
    ("name", "reliance"),
    "inference",
    "a name that records rely on and that does not exist, and how they do",
)
