"""SPF records of single domains as trees that open up."""

from dataclasses import dataclass

from pipeline.site.census import CHOSEN, Census
from pipeline.site.exhibit import Filled, Page
from pipeline.spf.tree import NEEDS, trees


@dataclass(frozen=True)
class Trees:
    """The trees of the domains that a query names."""

    id: str
    title: str
    text: str
    query: str
    """One column: domains."""

    def fill(self, census: Census) -> Filled:
        """A tree each."""
        values: dict[str, object] = {"part": self}
        if lacking := census.lacking((*NEEDS, CHOSEN)):
            return Filled("empty.html", {**values, "why": lacking})
        domains = [name for (name,) in census.connection.execute(self.query).fetchall()]
        if not domains:
            return Filled("empty.html", {**values, "why": "Nothing of the kind in this run."})
        return Filled("trees.html", {**values, "trees": trees(census, domains)})


PAGE = Page(
    "trees",
    "Trees",
    "A record opened up: its terms in order, whom they name, how many IPv4 addresses pass there, "
    "and what is wrong. Names that are met again are opened up once. "
    "`mailcensus spf tree W RUN DOMAIN` shows any domain so.",
    (
        Trees(
            "chosen-trees",
            "The most popular domains",
            "Or those that `--domains` names.",
            "SELECT name FROM chosen ORDER BY rank NULLS LAST, name LIMIT 100",
        ),
        Trees(
            "loose-trees",
            "The loosest domains",
            "Those whose own terms let the most IPv4 addresses send.",
            """
            SELECT domain FROM spf_trust ANTI JOIN chosen ON domain = name
            WHERE ipv4_literal > 100000 ORDER BY ipv4_literal DESC, rank NULLS LAST, domain LIMIT 50
            """,
        ),
    ),
)
