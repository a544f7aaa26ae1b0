"""Plans: which questions a crawl asks, as the tables that it fills. A run keeps its plan."""

from schemas import APEX, CRAWLED, DMARC_CONSENTS, POLICIES, STS_POLICIES
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
        """The tables it fills, in the order of the census, MTA-STS policies among them."""
        return tuple(table for table in CRAWLED if table not in _LEFT_OUT[self])

    def filled(self, *, sts_policies: bool) -> tuple[Table, ...]:
        """Those of a crawl that fetches MTA-STS policies, or does not."""
        return tuple(each for each in self.tables if sts_policies or each is not STS_POLICIES)


_LEFT_OUT: dict[Plan, frozenset[Table]] = {
    Plan.MAIL: frozenset({APEX, POLICIES, DMARC_CONSENTS, STS_POLICIES}),
    Plan.POLICY: frozenset({APEX}),
    Plan.FULL: frozenset({POLICIES, DMARC_CONSENTS, STS_POLICIES}),
}
