"""snowshoe_scores: how much each seed looks like snowshoe spam, by one model."""

from typing import Annotated, NamedTuple

from schemas.table import Day, Float64, Int64, Table
from schemas.vocabulary import Vocabulary


class Tier(Vocabulary):
    """How sure the model is; the limits of each are the model's."""

    NONE = "none", "not a suspect"
    LOW = "low", "worth a look"
    MEDIUM = "medium", "likely"
    HIGH = "high", "as sure as the model gets"


class Reason(NamedTuple):
    """A feature that speaks for the score."""

    feature: Annotated[str, "column of snowshoe"]
    value: Annotated[Float64 | None, "its value; null where it was not known"]
    weight: Annotated[Float64, "by how much it raises the log-odds, the others as they are"]


class SnowshoeScore(NamedTuple):
    """A seed and what the model says of it."""

    domain: Annotated[str, "the seed"]
    candidate: Annotated[bool, "in the long tail of any count, and not filtered"]
    beyond: Annotated[tuple[str, ...], "counts beyond their cut-off, by the order of features"]
    filtered: Annotated[
        str | None, "why it is left out although its counts are large: `shared`, `popular`"
    ]
    probability: Annotated[Float64 | None, "calibrated probability; null for those not scored"]
    tier: Annotated[Tier, "how sure that is"]
    reasons: Annotated[tuple[Reason, ...], "features that raised it most, strongest first"]
    missing: Annotated[Int64, "features of the 37 that are null"]
    listed: Annotated[tuple[str, ...], "imported blacklists that name it on the day of the run"]
    listed_since: Annotated[Day | None, "first day that any of them did"]


SNOWSHOE_SCORES = Table("snowshoe_scores", SnowshoeScore, ("domain",), "snowshoe score", "a seed")
