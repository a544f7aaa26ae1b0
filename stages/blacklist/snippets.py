"""What clients of the list put into their configuration, and the list as plain names."""

from collections.abc import Iterator
from typing import NamedTuple

from schemas.snowshoe_scores import Tier
from stages.blacklist.edition import SHADOW_CODE, Edition
from stages.blacklist.suspects import CODES, RANKED

_SCORES = {Tier.HIGH: 6.0, Tier.MEDIUM: 3.0, Tier.LOW: 1.0}


def plain(edition: Edition) -> Iterator[str]:
    """The published domains, one a line."""
    yield f"# {edition.zone}, made {edition.made:%Y-%m-%dT%H:%M:%SZ}{_shadow(edition)}"
    for entry in edition.entries:
        yield entry.domain


def postfix(edition: Edition) -> Iterator[str]:
    """Restrictions for main.cf; codes are matched, so that other answers reject nothing."""
    yield f"# main.cf: senders whose domain {edition.zone} lists{_shadow(edition)}"
    yield "smtpd_sender_restrictions ="
    yield "    permit_mynetworks,"
    yield "    permit_sasl_authenticated,"
    yield ",\n".join(
        f"    {'' if each.rejects else 'warn_if_reject '}"
        f"reject_rhsbl_sender {edition.zone}={each.code}"
        for each in _answers(edition)
    )


def rspamd(edition: Edition) -> Iterator[str]:
    """local.d/rbl.conf.

    A rule of rspamd's (3.4) ends where its check of HELO or reverse DNS has nothing to check. So
    HELO is a selector, which does not, and reverse DNS a rule of its own.
    """
    yield f"# local.d/rbl.conf: domains of senders, their servers and links{_shadow(edition)}"
    yield "rbls {"
    for suffix, checks in _CHECKS.items():
        name = _symbol(edition.zone) + suffix
        yield f"  {name.lower()} {{"
        yield f'    rbl = "{edition.zone}";'
        yield f'    symbol = "{name}_OTHER";'
        yield "    no_ip = true;"
        yield from (f"    {line}" for line in checks)
        yield "    returncodes {"
        for each in _answers(edition):
            yield f'      {name}_{each.word} = "{each.code}";'
        yield "    }\n  }"
    yield "}"


def rspamd_scores(edition: Edition) -> Iterator[str]:
    """local.d/rbl_group.conf: what each code weighs; nothing in a shadow edition."""
    listed = f"listed in {edition.zone}"
    yield f"# local.d/rbl_group.conf{_shadow(edition)}"
    yield "symbols = {"
    for suffix in _CHECKS:
        name = _symbol(edition.zone) + suffix
        for each in _answers(edition):
            yield f'  "{name}_{each.word}" {{ weight = {each.score}; description = "{listed}"; }}'
        yield f'  "{name}_OTHER" {{ weight = 0.0; description = "answer without a meaning"; }}'
    yield "}"


_CHECKS = {
    "": (
        "checks = ['dkim', 'emails', 'replyto', 'urls'];",
        "emails_domainonly = true;",
        "selector {",
        "  sender = \"from('smtp'):domain\";",
        "  author = \"from('mime'):domain\";",
        '  helo = "helo";',
        "}",
    ),
    "_RDNS": ("checks = ['rdns'];",),
}
"""rspamd's rules, by what their names end with."""


class _Answer(NamedTuple):
    """A code that clients meet."""

    word: str
    code: str
    rejects: bool
    score: float


def _answers(edition: Edition) -> list[_Answer]:
    if edition.shadow:
        return [_Answer("SHADOW", SHADOW_CODE, rejects=False, score=0.0)]
    least = RANKED.index(edition.least_rejected)
    return [
        _Answer(tier.upper(), CODES[tier], RANKED.index(tier) >= least, _SCORES[tier])
        for tier in reversed(RANKED)
    ]


def _symbol(zone: str) -> str:
    return "".join(each if each.isalnum() else "_" for each in zone).upper()


def _shadow(edition: Edition) -> str:
    return " (shadow: for trial, nothing is rejected)" if edition.shadow else ""
