"""Plans: which questions a crawl asks, as the tables that it fills. A run keeps its plan."""

from schemas import CRAWLED, POLICIES
from schemas.table import Table
from schemas.vocabulary import Vocabulary


class Plan(Vocabulary):
    """A setting, from the fewest questions to the most."""

    MAIL = "mail", "MX, TXT and DMARC of every seed, and all that they lead to"
    POLICY = (
        "policy",
        "the same, and further policies of seeds with mail: DKIM, autodiscover, …",
    )

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables it fills, in the order of the census."""
        return tuple(table for table in CRAWLED if table not in _LEFT_OUT[self])


_LEFT_OUT: dict[Plan, frozenset[Table]] = {
    Plan.MAIL: frozenset({POLICIES}),
    Plan.POLICY: frozenset(),
}
