"""What else a domain publishes: tokens in its TXT records, and its row of policies."""

from collections.abc import Iterable, Sequence

from rich.text import Text as Styled
from rich.tree import Tree

from pipeline.explain.evidence import Evidence
from pipeline.explain.wording import account, faint, line, listed, strong
from schemas.outcomes import Outcome
from schemas.policies import DkimSelector, Policy
from schemas.query import Query, Text
from stages.spf.record import is_spf

_LONGEST = 72
"""Characters of a TXT record that are shown; keys are several hundred."""


def add_signals(tree: Tree, evidence: Evidence) -> None:
    """Below the domain; nothing of the policies where the run's plan does not ask for them."""
    texts = [text for text in evidence.domain.txt if not is_spf(text.text.encode())]
    if texts:
        _add_texts(tree.add(strong("other TXT:")), texts)
    if evidence.policy is not None:
        _add_dkim(tree, evidence.policy)
        _add_autodiscover(tree, evidence.policy)
        _add_policies(tree, evidence.policy)


def _add_dkim(tree: Tree, policy: Policy) -> None:
    """Selectors that lead somewhere, each on a line; the others together, by outcome."""
    alias = _alias(policy.domainkey_chain)
    head = line(strong("DKIM:"), "at _domainkey", alias, account(policy.domainkey_query))
    branch = tree.add(head)
    _add_texts(branch, policy.domainkey)
    silent: dict[Outcome, list[str]] = {}
    for each in policy.dkim:
        if each.cname_chain or each.txt:
            _add_selector(branch, each)
        else:
            silent.setdefault(each.query.outcome, []).append(each.selector)
    for outcome, selectors in silent.items():
        branch.add(line(listed(selectors, most=len(selectors)), faint(f"[{outcome}]")))


def _add_selector(tree: Tree, found: DkimSelector) -> None:
    head = line(strong(found.selector), _alias(found.cname_chain), account(found.query))
    branch = tree.add(head)
    _add_texts(branch, found.txt)


def _add_autodiscover(tree: Tree, policy: Policy) -> None:
    branch = tree.add(strong("autodiscover:"))
    leads = line(_alias(policy.autodiscover_chain), listed(policy.autodiscover))
    branch.add(line("A:", leads, account(policy.autodiscover_query)))
    services = [f"{each.target} port {each.port}" for each in policy.autodiscover_srv]
    branch.add(line("SRV:", listed(services), account(policy.autodiscover_srv_query)))


def _add_policies(tree: Tree, policy: Policy) -> None:
    for name, chain, texts, query in (
        ("MTA-STS", policy.mta_sts_chain, policy.mta_sts, policy.mta_sts_query),
        ("TLSRPT", policy.tls_rpt_chain, policy.tls_rpt, policy.tls_rpt_query),
        ("BIMI", policy.bimi_chain, policy.bimi, policy.bimi_query),
    ):
        tree.add(_policy(name, chain, texts, query))


def _policy(name: str, chain: Sequence[str], texts: Iterable[Text], query: Query) -> Styled:
    shown = [_shortened(text) for text in texts]
    return line(strong(f"{name}:"), _alias(chain), *(shown or ["no record"]), account(query))


def _add_texts(tree: Tree, texts: Iterable[Text]) -> None:
    for text in texts:
        tree.add(line(_shortened(text)))


def _alias(chain: Sequence[str]) -> str | None:
    return f"alias for {' -> '.join(chain)}" if chain else None


def _shortened(text: Text) -> str:
    return text.text if len(text.text) <= _LONGEST else f"{text.text[: _LONGEST - 1]}…"
