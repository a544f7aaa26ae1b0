"""Plans: which questions a crawl asks, as the tables that it fills. A run keeps its plan."""

from schemas import APEX, CRAWLED, DMARC_CONSENTS, POLICIES
from schemas.table import Table
from schemas.vocabulary import Vocabulary


class Plan(Vocabulary):
    """A setting; what it costs is in docs/operating.md."""

    MAIL = (
        "mail",
        "MX, TXT and DMARC of every seed, and all that they lead to; TLSA of its mail hosts",
    )
    POLICY = (
        "policy",
        "the same, and further policies of seeds with mail: DKIM, MTA-STS, …; who takes reports",
    )
    FULL = (
        "full",
        "those of mail, and A, AAAA, NS and SOA of every seed: what snowshoe features rest on",
    )

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables it fills, in the order of the census."""
        return tuple(table for table in CRAWLED if table not in _LEFT_OUT[self])


_LEFT_OUT: dict[Plan, frozenset[Table]] = {
    Plan.MAIL: frozenset({APEX, POLICIES, DMARC_CONSENTS}),
    Plan.POLICY: frozenset({APEX}),
    Plan.FULL: frozenset({POLICIES, DMARC_CONSENTS}),
}
