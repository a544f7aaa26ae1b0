"""What casts doubt on a label: rules as data, each with its reason.

IMC'21 applies its heuristics where the evidence is unpopular (confidence below 5); they add a
flag and overwrite nothing. A rule says when it holds in terms of the columns of a verdict:

    source      tls, banner or mx
    own         the id is the domain's own registered domain
    rented_banner, rented_certificate
                a host of the id that looks like a rented server names itself in a greeting,
                or stands in a certificate
    foreign_as  an address of the exchange lies outside every AS known of the id's company
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from schemas.mx_providers import Source

RULES_VERSION = 1
"""Raised by one whenever a rule, or how an id is found, changes."""

POPULAR = 5
"""Confidence from which on no rule casts doubt."""


class Rule(NamedTuple):
    """A reason for doubt."""

    id: str
    why: str
    holds: Callable[[ir.Table], ir.BooleanValue]
    """Whether it does, row by row of verdicts."""


RULES = (
    Rule(
        "foreign_as",
        "an address lies outside the ASes known of the company: the name may be borrowed",
        lambda verdict: verdict.foreign_as,
    ),
    Rule(
        "vps_banner",
        "the greeting names a rented server: its renter may run the mail, not its owner",
        lambda verdict: (verdict.source == Source.BANNER) & verdict.rented_banner & ~verdict.own,
    ),
    Rule(
        "vps_certificate",
        "the certificate names a rented server: its renter may run the mail, not its owner",
        lambda verdict: (verdict.source == Source.TLS) & verdict.rented_certificate & ~verdict.own,
    ),
)


def flags(verdicts: ir.Table) -> ir.ArrayValue:
    """Ids of the rules that hold, in the order of ``RULES``."""
    doubtful = verdicts.confidence < POPULAR
    nothing = ibis.null(str)
    fired = [ibis.ifelse(doubtful & rule.holds(verdicts), rule.id, nothing) for rule in RULES]
    return ibis.array(fired).filter(lambda rule_id: rule_id.notnull())


_RENTED = re.compile(
    r"""
    (?: ^|[.-] ) (?: v[pd]s\d* | static | dynamic | dyn | dhcp ) (?: [.-]|$ )
  | \d{1,3} (?P<dot>[.-]) \d{1,3} (?P=dot) \d{1,3} (?P=dot) \d{1,3}  # an address in the name
    """,
    re.VERBOSE | re.ASCII,
)


def looks_rented(host: str, registered_domain: str) -> bool:
    """Whether a host below a registered domain is named as providers name what they rent out.

    >>> looks_rented("s132-148-130-121.secureserver.net", "secureserver.net")
    True
    """
    return _RENTED.search(host.removesuffix(registered_domain)) is not None
