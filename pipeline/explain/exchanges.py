"""Where a domain's mail goes: each exchange with its label, its host and its servers."""

from collections.abc import Iterable, Iterator

from rich.text import Text
from rich.tree import Tree

from pipeline.explain.evidence import Evidence
from pipeline.explain.server import add_server
from pipeline.explain.wording import (
    account,
    faint,
    line,
    listed,
    meant,
    named,
    none,
    spelled,
    strong,
    warned,
    word,
)
from schemas.addresses import Address
from schemas.mx import Exchange
from schemas.mx_providers import MxProvider, Source
from schemas.outcomes import ExchangeKind, Mail, Verdict


def add_exchanges(tree: Tree, evidence: Evidence) -> None:
    """The MX answer and what stands behind each exchange."""
    domain = evidence.domain
    mail = None if domain.mail is Mail.MX else meant(domain.mail)
    branch = tree.add(line(strong("MX:"), mail, account(domain.mx_query)))
    seen: set[str] = set()
    for exchange in _exchanges(evidence):
        _add_exchange(branch, evidence, exchange, seen)


def _exchanges(evidence: Evidence) -> Iterator[Exchange]:
    """The MX records, or the domain itself where there is none (RFC 5321 section 5.1)."""
    yield from evidence.domain.mx
    if evidence.domain.mail is Mail.NO_MX:
        yield from (Exchange(0, host, ExchangeKind.HOST) for host in evidence.domain.mail_hosts)


def _add_exchange(tree: Tree, evidence: Evidence, exchange: Exchange, seen: set[str]) -> None:
    name, implicit = exchange.exchange, evidence.domain.mail is Mail.NO_MX
    kind = None if exchange.kind is ExchangeKind.HOST else meant(exchange.kind)
    record = "implicit MX" if implicit else str(exchange.preference)
    branch = tree.add(line(record, strong(name), kind))
    if exchange.kind is not ExchangeKind.HOST:
        return
    _add_label(branch, evidence, exchange)
    host = evidence.hosts.get(name)
    if host is None:
        branch.add("host: not asked yet")
        return
    aliases = f"alias for {' -> '.join(host.cname_chain)}" if host.cname_chain else None
    leads = branch.add(line("host:", line(spelled(host.status), aliases, between=", ")))
    leads.add(line("A:", listed(host.a), account(host.a_query)))
    leads.add(line("AAAA:", listed(host.aaaa), account(host.aaaa_query)))
    for address in host.a + host.aaaa:
        _add_address(branch, evidence, address, seen)


def _add_label(tree: Tree, evidence: Evidence, exchange: Exchange) -> None:
    """Each source's vote on one exchange, and the winner."""
    if evidence.provider is None:
        return
    vote = evidence.mx_providers.get(exchange.exchange)
    if vote is None:
        tree.add(line("label:", none(_why_not(evidence, exchange))))
        return
    weight = f"{vote.weight:.0%} of the domain"
    if vote.provider_id is None:
        branch = tree.add(line("label:", none("no source gives an id"), weight))
    else:
        label = line("label:", named(vote.company, vote.provider_id))
        branch = tree.add(line(label, f"by {vote.source}", weight, between=", "))
        popularity = faint("(popularity of the evidence, in domains)")
        branch.add(line("confidence:", str(vote.confidence), popularity))
    if vote.operator_id not in (None, vote.provider_id):
        branch.add(line("more probably:", strong(str(vote.operator_id))))
    for source, name in zip(Source, (vote.tls_id, vote.banner_id, vote.mx_id), strict=True):
        branch.add(line(f"{source}:", _vote(evidence, vote, source, name)))
    for flag, why in _doubts(vote.flags):
        branch.add(line("doubt:", line(warned(flag), faint(why), between=": ")))


def _vote(evidence: Evidence, vote: MxProvider, source: Source, name: str | None) -> Text:
    if name is None:
        return none(_why_none(evidence, vote, source))
    wins = faint("(wins: the first source in order to give an id)")
    return line(strong(name), wins if source is vote.source else None)


def _doubts(flags: Iterable[str]) -> list[tuple[str, str]]:
    """Each flag and the reason its rule gives."""
    if not flags:
        return []
    # The rules bring ibis with them, a second that most answers need not wait for.
    from stages.inference.providers.rules import RULES  # noqa: PLC0415

    why = {rule.id: rule.why for rule in RULES}
    return [(flag, why.get(flag, "by a rule of another version")) for flag in flags]


def _why_not(evidence: Evidence, exchange: Exchange) -> str:
    """Why an exchange does not count."""
    counting = [vote.preference for vote in evidence.mx_providers.values()]
    if counting and exchange.preference > min(counting):
        return "more preferred exchanges are live, and only those count"
    return "no address of it answers SMTP"


def _why_none(evidence: Evidence, vote: MxProvider, source: Source) -> str:
    """Why a source gives no id."""
    probes = [evidence.smtp[each] for each in vote.addresses if each in evidence.smtp]
    if source is Source.MX:
        return "the exchange's name has no registered domain"
    if not probes:
        return "no address answers SMTP"
    if source is Source.BANNER:
        return "greetings and EHLO replies name no host, or hosts of different domains"
    shown = [evidence.certificates.get(probe.chain[0]) for probe in probes if probe.chain]
    if not shown:
        return "no certificate is shown"
    if not any(each is not None and each.verdict is Verdict.TRUSTED for each in shown):
        return "no certificate shown is trusted"
    return "trusted certificates name no host, or hosts of different groups"


def _add_address(tree: Tree, evidence: Evidence, address: str, seen: set[str]) -> None:
    if address in seen:
        tree.add(line(strong(address), faint("(seen above)")))
        return
    seen.add(address)
    owner = evidence.addresses.get(address)
    said = line(*_owner(owner), between=", ") if owner else faint("not looked up yet")
    branch = tree.add(line(strong(address), said))
    add_server(branch, evidence.smtp.get(address), evidence.certificates, seen)


def _owner(owner: Address) -> Iterator[Text | str | None]:
    """Whose an address is."""
    yield line(f"AS{owner.asn}" if owner.asn else None, owner.as_name)
    yield owner.country
    cloud = (owner.cloud_provider, owner.cloud_region, owner.cloud_service)
    yield f"cloud {' '.join(filter(None, cloud))}" if owner.cloud_provider else None
    yield f"special-purpose: {owner.reserved}" if owner.reserved else None
    if owner.ptr:
        yield f"PTR {listed(owner.ptr, 4)}"
    elif owner.ptr_query:
        yield line("PTR", word(owner.ptr_query.outcome))
