"""The chain of evidence for one domain, from its seeds to the verdict, as a tree."""

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from pipeline.explain.evidence import Evidence, gather
from pipeline.explain.exchanges import add_exchanges
from pipeline.explain.policies import add_policies
from pipeline.explain.policy import add_spf
from pipeline.explain.signals import add_signals
from pipeline.explain.wording import account, line, meant, moment, named, none, strong
from pipeline.warehouse import Run
from schemas.domains import SeedRank
from schemas.mailbox_evidence import MailboxEvidence
from schemas.outcomes import Mail
from schemas.providers import Mailbox, Provider

__all__ = ["explain", "outline"]

_SIGNALS = ("MX", "AS", "PTR", "SPF")
"""What tells of a security provider, in the order of the columns of esps."""


def explain(run: Run, domain: str, console: Console) -> None:
    """Print what a run knows of a seed and why; ConfigError if it is no seed of the run."""
    console.print(outline(gather(run, domain)), highlight=False)


def outline(evidence: Evidence) -> Tree:
    """The chain as a tree of lines, each cleaned of what a terminal or a page must not see."""
    domain = evidence.domain
    head = line(strong(domain.domain), _headline(evidence.provider), between=": ")
    tree = Tree(head, guide_style="dim")
    tree.add(line(strong("seeds:"), "; ".join(map(_rank, domain.seeds)) or "none"))
    tree.add(line(strong("asked:"), moment(domain.asked)))
    _add_verdict(tree, evidence)
    add_exchanges(tree, evidence)
    if domain.mail is Mail.OPTED_OUT:
        return tree
    dmarc = [text.text for text in domain.dmarc if text.text.lower().startswith("v=dmarc1")]
    tree.add(line(strong("DMARC:"), *(dmarc or ["no record"]), account(domain.dmarc_query)))
    add_policies(tree, evidence.policies, evidence.policy_file)
    add_spf(tree, evidence)
    add_signals(tree, evidence)
    return tree


def _headline(provider: Provider | None) -> Text | None:
    if provider is None or provider.operator_id is None:
        return None
    return line("mail run by", named(provider.operator_company, provider.operator_id))


def _rank(seed: SeedRank) -> str:
    return seed.list if seed.rank is None else f"{seed.list} rank {seed.rank:,}"


def _add_verdict(tree: Tree, evidence: Evidence) -> None:
    provider = evidence.provider
    if provider is None:
        tree.add(line(strong("verdict:"), none("inference has not run")))
        return
    branch = tree.add(line(strong("verdict:"), meant(provider.category)))
    if provider.operator_id:
        role = f"{provider.role}: {provider.role.meaning}" if provider.role else None
        operator = named(provider.operator_company, provider.operator_id)
        sure = f"probability {provider.probability:.2f}" if provider.probability else None
        branch.add(line("operator:", line(operator, role, sure, between=", ")))
    _add_mailbox(branch, provider, evidence.mailbox)
    for esp in evidence.esps:
        signals = [name for name, there in zip(_SIGNALS, esp[2:], strict=True) if there]
        branch.add(line("security provider:", esp.company, "by", ", ".join(signals)))
    for share in provider.shares:
        owner = named(share.company, share.provider_id) if share.provider_id else "nobody known"
        branch.add(line("share:", f"{share.weight:.0%}", owner))
    branch.add(line("rules:", provider.rules_version))


def _add_mailbox(branch: Tree, provider: Provider, clues: list[MailboxEvidence]) -> None:
    """Who keeps the mailboxes, where that is not the operator, and all that speaks for anybody."""
    if provider.mailbox in (None, Mailbox.OPERATOR):
        return
    keeper = provider.mailbox_company or provider.mailbox_id
    said = provider.mailbox_probability
    sure = f"probability {said:.2f}" if said else None
    mailbox = branch.add(
        line("mailboxes:", line(keeper, meant(provider.mailbox), sure, between=", "))
    )
    for clue in clues:
        weight = f"weight {clue.weight:.1f}"
        mailbox.add(line(clue.keeper + ":", line(clue.signal, clue.value, weight, between=", ")))
