"""What casts doubt on a label: rules as data, each with its reason.

IMC'21 applies its heuristics where the evidence is unpopular (confidence below 5); they add a
flag and overwrite nothing. So here, where rules of our own hold whatever the confidence: a rule
that holds leaves its id in ``flags``, and the id of who more likely runs the mail, if it can
tell, in ``hint_id``. A rule is said in the columns of a verdict:

    provider_id, source, tls_id, banner_id, mx_id, company
                as in mx_providers
    own         the id is the domain's own registered domain
    rented_banner, rented_certificate
                a host of the id that looks like a rented server names itself in a greeting,
                or stands in a certificate
    foreign_as, network_id
                what the ASes of the addresses say (``networks``)
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.mx_providers import Source

RULES_VERSION = 3
"""Raised by one whenever a rule, or how an id is found, changes."""

POPULAR = 5
"""Confidence from which on no rule casts doubt: 5 is beyond doubt, 4 is not."""


class Rule(NamedTuple):
    """A reason for doubt."""

    id: str
    basis: str
    """What it looks at."""
    why: str
    holds: Callable[[ir.Table], ir.BooleanValue]
    """Whether it does, row by row of verdicts."""
    hint: Callable[[ir.Table], ir.StringValue]
    """The id that is likelier where it does."""
    ours: bool = False
    """Whether it is not of the paper, and holds however popular the evidence is."""


RULES = (
    Rule(
        "foreign_as",
        "the ASes of the addresses and of the company",
        "an address lies outside the ASes known of the company: the name may be borrowed",
        lambda verdict: verdict.foreign_as,
        lambda verdict: verdict.mx_id,
    ),
    Rule(
        "mail_network",
        "the ASes of the addresses",
        "no company is known, and all addresses lie in one provider's mail network",
        lambda verdict: verdict.company.isnull() & verdict.network_id.notnull(),
        lambda verdict: verdict.network_id,
    ),
    Rule(
        "vps_banner",
        "host names in greetings",
        "the greeting names a rented server: its renter may run the mail, not its owner",
        lambda verdict: (verdict.source == Source.BANNER) & verdict.rented_banner & ~verdict.own,
        lambda verdict: verdict.mx_id,
    ),
    Rule(
        "vps_certificate",
        "host names in certificates",
        "the certificate names a rented server: its renter may run the mail, not its owner",
        lambda verdict: (verdict.source == Source.TLS) & verdict.rented_certificate & ~verdict.own,
        lambda verdict: verdict.mx_id,
    ),
    Rule(
        "rented_machine",
        "host names in greetings and certificates",
        "all that names the id are rented servers, popular as their owner is",
        lambda verdict: (
            ibis.cases(
                (verdict.source == Source.TLS, verdict.rented_certificate),
                (verdict.source == Source.BANNER, verdict.rented_banner),
                else_=False,
            )
            & ~verdict.own
            & (verdict.mx_id != verdict.provider_id)
        ),
        lambda verdict: verdict.mx_id,
        ours=True,
    ),
    Rule(
        "lone_certificate",
        "certificate against greeting and exchange's name",
        "greetings and exchange agree on another id, and no company is known for the certificate's",
        lambda verdict: (
            (verdict.source == Source.TLS)
            & verdict.company.isnull()
            & (verdict.banner_id == verdict.mx_id)
            & (verdict.tls_id != verdict.mx_id)
        ),
        lambda verdict: verdict.mx_id,
        ours=True,
    ),
)
"""In IMC'21's order: ASes, greetings, certificates; then ours. The first hint counts."""


class Doubts(NamedTuple):
    """What the rules say of verdicts."""

    flags: ir.ArrayValue
    """Ids of the rules that hold, in the order of ``RULES``."""
    hint_id: ir.StringValue
    """The first hint of theirs that differs from the id; null without one."""


def doubts(verdicts: ir.Table, rules: Collection[str], popular: int) -> Doubts:
    """What those of ``RULES`` named in ``rules`` say, below a confidence of ``popular``."""
    doubtful = verdicts.confidence < popular
    nothing = ibis.null(str)
    used = [
        (rule, ((doubtful | rule.ours) & rule.holds(verdicts)).fill_null(False))  # noqa: FBT003
        for rule in RULES
        if rule.id in rules
    ]
    if not used:
        return Doubts(ibis.literal([], type="array<string>"), nothing)
    fired = [holds.ifelse(rule.id, nothing) for rule, holds in used]
    hints = [holds.ifelse(rule.hint(verdicts), nothing) for rule, holds in used]
    return Doubts(
        ibis.array(fired).filter(lambda rule_id: rule_id.notnull()),
        ibis.coalesce(*(hint.nullif(verdicts.provider_id) for hint in hints)),
    )
