"""What the policies of a domain come to, and what is wrong with them."""

from rich.text import Text
from rich.tree import Tree

from pipeline.explain.wording import faint, line, listed, meant, spelled, strong, warned, word
from schemas.mail_policies import Dane, MailPolicy, PolicyState, ReportTarget, SelectorKey
from schemas.policy_class import PolicyKind
from schemas.sts_policies import PolicyFetch


def add_policies(tree: Tree, row: MailPolicy | None, fetched: PolicyFetch | None) -> None:
    """Nothing before inference has run; only what the run asked for."""
    if row is None:
        return
    branch = tree.add(strong("policies:"))
    _add_dmarc(branch, row)
    for key in row.dkim or ():
        _add_key(branch, row, key)
    for kind, state, words in (
        (PolicyKind.MTA_STS, row.mta_sts, row.mta_sts_id and f"id {row.mta_sts_id}"),
        (PolicyKind.TLS_RPT, row.tls_rpt, listed(row.tls_rpt_uris or ())),
        (PolicyKind.BIMI, row.bimi, row.bimi_logo),
    ):
        if state is not None and (state is not PolicyState.ABSENT or _faults(row, kind)):
            own = branch.add(line(f"{_title(kind)}:", state, words))
            if kind is PolicyKind.MTA_STS:
                _add_file(own, row, fetched)
            _add_faults(own, row, kind)
    if row.dane is not None and row.dane is not Dane.ABSENT:
        _add_dane(branch, row)


def _add_dmarc(branch: Tree, row: MailPolicy) -> None:
    below = row.subdomain_policy and f"subdomains {row.subdomain_policy}"
    asks = row.policy and line(row.policy, below, between=", ")
    where = row.dmarc_place and faint(f"by the record of {row.dmarc_domain}")
    own = branch.add(line("DMARC:", asks or meant(row.dmarc), where))
    if (row.dmarc_domain, row.policy) != (row.dmarc_domain_by_walk, row.policy_by_walk):
        walked = row.policy_by_walk or row.dmarc_by_walk
        whose = row.dmarc_domain_by_walk and faint(f"by the record of {row.dmarc_domain_by_walk}")
        own.add(line("by the tree walk:", walked, whose))
    for target in row.reports:
        own.add(_report(target))
    _add_faults(own, row, PolicyKind.DMARC)


def _add_file(branch: Tree, row: MailPolicy, fetched: PolicyFetch | None) -> None:
    """The policy that was fetched, and from whom."""
    if row.sts_policy is None or fetched is None:
        return
    said = line(spelled(fetched.outcome), fetched.detail, between="; ")
    where = fetched.address and faint(f"from {fetched.host} [{fetched.address}]")
    file = branch.add(line("policy:", row.sts_policy, row.sts_mode, where))
    file.add(line("fetched:", said))
    if fetched.verdict is not None and fetched.host_check is not None:
        why = faint(fetched.verdict_reason or "")
        file.add(line("certificate:", line(word(fetched.verdict), why, between=": ")))
        file.add(line("its names:", spelled(fetched.host_check)))
    if row.sts_mx:
        listed_ = line("lists", row.sts_match and f"({row.sts_match})")
        file.add(line(listed_, listed(row.sts_mx), between=": "))
    if row.sts_tls is not None:
        _add_hosts(file.add(line("senders take the certificates:", meant(row.sts_tls))), row)


def _add_hosts(branch: Tree, row: MailPolicy) -> None:
    """The mail hosts that the policy lists, and what senders make of their certificates."""
    for host in row.sts_mail_hosts or ():
        seen = faint(f"{host.accepted} of {host.seen} addresses pass")
        why = warned(listed(host.reasons)) if host.reasons else None
        branch.add(line(f"{host.host}:", host.tls, seen, why))


def _report(target: ReportTarget) -> Text:
    kind = "failure reports to" if target.failures else "reports to"
    return line(kind, target.uri, line("(consent: ", target.consent, ")", between=""))


def _add_key(branch: Tree, row: MailPolicy, key: SelectorKey) -> None:
    size = f"{key.key_type} {key.bits}" if key.bits else key.key_type
    owner = key.operator_company or key.operator_id
    label = line(f"DKIM {key.selector}:", key.state, size, owner and f"held by {owner}")
    name = f"{key.selector}._domainkey.{row.domain}"
    _add_faults(branch.add(label), row, PolicyKind.DKIM, name)


def _add_dane(branch: Tree, row: MailPolicy) -> None:
    assert row.dane is not None
    secure = {True: "validated by DNSSEC", False: "not validated by DNSSEC", None: None}
    own = branch.add(line("DANE:", meant(row.dane), secure[row.dane_secure], between=" "))
    for host in row.dane_hosts:
        seen = f"{host.matched} of {host.seen} certificates match, {host.usable} usable records"
        own.add(line(f"{host.host}:", host.dane, faint(seen), secure[host.secure]))
    _add_faults(own, row, PolicyKind.DANE)


def _add_faults(branch: Tree, row: MailPolicy, kind: PolicyKind, name: str | None = None) -> None:
    for each in row.findings:
        if each.policy is kind and name in (None, each.name):
            term = faint(each.term) if each.term else None
            branch.add(line(warned(each.finding), faint(each.finding.meaning), term, between=": "))


def _faults(row: MailPolicy, kind: PolicyKind) -> bool:
    return any(each.policy is kind for each in row.findings)


def _title(kind: PolicyKind) -> str:
    return kind.upper().replace("_", "-").replace("TLS-RPT", "TLSRPT")
