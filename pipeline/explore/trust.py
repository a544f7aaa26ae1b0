"""Whom a domain lets send: the tree of its SPF records from rows that are at hand."""

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from pipeline.explain.evidence import Evidence
from pipeline.explore.catalogue import Catalogue
from pipeline.spf.tree import Branch, Gathered, Target, grown, network_key, worded


def tree_of(catalogue: Catalogue, evidence: Evidence) -> Branch:
    """The tree of a domain that was asked for SPF."""
    gathered = Gathered(
        spf=evidence.spf,
        targets=_targets(catalogue, evidence),
        findings={evidence.domain.domain: _findings(evidence)},
        addresses=_addresses(catalogue, evidence),
        exchanges=evidence.mail_hosts,
        owners=_owners(catalogue, evidence),
    )
    return grown(gathered, evidence.domain.domain)


def _targets(catalogue: Catalogue, evidence: Evidence) -> dict[str, Target]:
    query = (
        "SELECT target, ipv4, company, domains FROM included WHERE target IN (SELECT unnest($1))"
    )
    found = _each(catalogue, query, evidence.spf)
    targets = {name: Target(*rest) for name, *rest in found}
    if trust := evidence.spf_trust:
        targets[trust.domain] = Target(int(trust.ipv4), None, None)
    return targets


def _findings(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in evidence.spf_trust.findings if evidence.spf_trust else ():
        found[each.name] = (*found.get(each.name, ()), worded(each.finding, each.term))
    return found


def _addresses(catalogue: Catalogue, evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Of each host, with the AS they are in."""
    query = "SELECT address, whose FROM owned WHERE address IN (SELECT unnest($1))"
    known = {a for host in evidence.hosts.values() for a in host.a + host.aaaa}
    names = {address: name for address, name in _each(catalogue, query, known) if name}
    return {
        name: tuple(
            f"{address} ({names[address]})" if address in names else address
            for address in sorted(host.a + host.aaaa)
        )
        for name, host in evidence.hosts.items()
    }


def _owners(catalogue: Catalogue, evidence: Evidence) -> dict[tuple[bytes, int], str]:
    terms = (term for row in evidence.spf.values() for term in row.terms)
    keys = {network_key(ip_network(term.network)) for term in terms if term.network}
    query = "SELECT first, prefix, owner FROM origins WHERE first IN (SELECT unnest($1))"
    found = _each(catalogue, query, {first for first, _ in keys})
    owners = {(bytes(first), prefix): owner for first, prefix, owner in found}
    return {key: owners[key] for key in keys & owners.keys()}


def _each(catalogue: Catalogue, query: str, keys: Iterable[object]) -> list[tuple[Any, ...]]:
    """Rows of a query for some keys; none without keys."""
    wanted = list(keys)
    return catalogue.ask(query, [wanted]) if wanted else []
