"""blacklist: the suspects of a run as they were published, or why they were not."""

from typing import Annotated, NamedTuple

from schemas.snowshoe_scores import Reason, Tier
from schemas.table import Day, Float64, Table
from schemas.vocabulary import Vocabulary


class Withheld(Vocabulary):
    """Why a suspect is not published."""

    SUFFIX = "suffix", "a public suffix, or no name that anybody can register"
    DELISTED = "delisted", "it was delisted by hand, or a domain above it"
    ALLOWED = "allowed", "an allowlist names it, or a domain above it"
    POPULAR = "popular", "its rank in a seed list of the run is high"
    SHARED = "shared", "many domains include its SPF record or have it for their mail"
    TOO_LONG = "too_long", "with the zone's name it is no domain name"


class BlacklistEntry(NamedTuple):
    """A suspect and what became of it."""

    domain: Annotated[str, "the suspect"]
    zone: Annotated[str, "zone of the blacklist"]
    published: Annotated[bool, "whether the blacklist names it, and all below it"]
    withheld: Annotated[Withheld | None, "why not; null if it does"]
    tier: Annotated[Tier, "how sure the model was when it last was a suspect"]
    code: Annotated[str, "address that a query gets: the tier's"]
    probability: Annotated[Float64, "by the model, then"]
    reasons: Annotated[tuple[Reason, ...], "features that raised it most, strongest first"]
    first_found: Annotated[Day, "day of the first run in which it was one, without expiring since"]
    last_found: Annotated[Day, "day of the last one; long ago, and the entry expires"]


BLACKLIST = Table(
    "blacklist", BlacklistEntry, ("domain", "zone"), "snowshoe export", "a suspect, and a zone"
)
