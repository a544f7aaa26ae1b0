"""Aggregates over the domains of a run: provider_shares, concentration, coverage.

All have the same cut of the domains as key: a seed list, its first so many ranks, or a TLD.
"""

from typing import Annotated, NamedTuple

from schemas.providers import Category
from schemas.table import Float64, Int64, Table
from schemas.vocabulary import Vocabulary

ANY = "*"
"""Every seed list, or every TLD."""
ALL_RANKS = 0
CUTS = (100, 1_000, 10_000, 100_000, 1_000_000, ALL_RANKS)
"""Ranks up to which domains are counted."""

SeedList = Annotated[str, "seed list whose domains are counted; `*` for those of all lists"]
RankCut = Annotated[Int64, "ranks up to which they are: 100, 1000, … 1000000; 0 for all of them"]
Tld = Annotated[str, "their TLD; `*` for all; only cut where rank_cut is 0"]


class Dimension(Vocabulary):
    """What domains are counted by."""

    PROVIDER = "provider", "company that the MX leads to, its id where the map names none"
    ROLE = "role", "what that company does with mail"
    MAILBOX = "mailbox", "company that keeps the mailboxes, be it behind a gateway; else its id"
    UNMAPPED = "unmapped", "of those that the map does not name the id, domains' own left out"
    COUNTRY = "country", "ISO 3166 code of that company's seat"


class Unknown(Vocabulary):
    """Values that stand for more than one provider."""

    SELF = "(self)", "the domain itself"
    UNMAPPED = "(unmapped)", "a provider that the company map does not name"
    NONE = "(none)", "no source gives an id"
    HIDDEN = "(hidden)", "a gateway or forwarder, and nothing tells who is behind it"


class ProviderShare(NamedTuple):
    """Part of a cut's domains that has one value."""

    seed_list: SeedList
    rank_cut: RankCut
    tld: Tld
    dimension: Annotated[Dimension, "what is counted by"]
    value: Annotated[str, "company, provider id, role or country; in brackets: none of these"]
    domains: Annotated[
        Float64, "domains that have it; one with n exchanges counts 1/n for each (IMC'21)"
    ]
    share: Annotated[
        Float64,
        "of the domains of the cut whose mail goes anywhere, for unmapped: to one of these; 0 to 1",
    ]


class Concentration(NamedTuple):
    """How few providers have how much of a cut; domains that run their own mail are providers."""

    seed_list: SeedList
    rank_cut: RankCut
    tld: Tld
    domains: Annotated[Float64, "domains with a provider, counted fractionally"]
    providers: Annotated[Int64, "distinct providers of theirs: companies, else ids"]
    top1: Annotated[Float64, "share of the largest; from 0 to 1"]
    top5: Annotated[Float64, "share of the five largest"]
    top10: Annotated[Float64, "share of the ten largest"]
    hhi: Annotated[Float64, "Herfindahl-Hirschman index: sum of squared shares; 1 for a monopoly"]


class Coverage(NamedTuple):
    """Part of a cut's domains in one category."""

    seed_list: SeedList
    rank_cut: RankCut
    tld: Tld
    category: Annotated[Category, "how far the evidence for them goes"]
    domains: Annotated[Int64, "domains in it"]
    share: Annotated[Float64, "of all domains of the cut; from 0 to 1"]


_CUT = ("seed_list", "rank_cut", "tld")

PROVIDER_SHARES = Table(
    "provider_shares",
    ProviderShare,
    (*_CUT, "dimension", "value"),
    "inference",
    "a cut of the domains, a dimension and a value of it",
)
CONCENTRATION = Table(
    "concentration", Concentration, _CUT, "inference", "a cut of the domains that has a provider"
)
COVERAGE = Table(
    "coverage", Coverage, (*_CUT, "category"), "inference", "a cut of the domains and a category"
)
