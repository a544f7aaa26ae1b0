"""A domain's SPF as a tree: each record with its terms in order, includes opened up below.

Every node says whose it is, how many IPv4 addresses it comes to, and what is wrong there. Many
trees are gathered at once, with a few queries in all.
"""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from pipeline.explain.wording import faint, line, strong, warned
from pipeline.site.census import Census
from schemas.outcomes import Outcome
from schemas.reading import records
from schemas.spf import Spf, Term
from schemas.spf_trust import SpfClass

NEEDS = ("spf", "spf_trust", "spf_includes")
_LEVELS = 24
"""Includes in a row that are followed; a receiver gives up after ten."""
_NAMED = 3
"""Addresses that an a or mx shows."""


class Leaf(NamedTuple):
    """A term that leads to no other record."""

    term: str
    ipv4: int | None
    """Addresses that it names; None where it names none, or only the message tells."""
    detail: str
    """Whose they are, or which."""


class Branch(NamedTuple):
    """A record and what it leads to."""

    name: str
    term: str
    """The term that leads here; empty for the domain itself."""
    company: str | None
    record: str | None
    why: str
    """Why there is no record, or why it is not opened up here."""
    ipv4: int | None
    """IPv4 addresses that pass, with all below."""
    domains: int | None
    """Domains of the run that trust it."""
    findings: tuple[str, ...]
    terms: tuple["Leaf | Branch", ...]


class Target(NamedTuple):
    """What a name comes to."""

    ipv4: int
    company: str | None
    domains: int | None
    """Domains of the run that trust it; None of the domain itself."""


class Gathered(NamedTuple):
    """All that trees are made of, by name."""

    spf: Mapping[str, Spf]
    targets: Mapping[str, Target]
    findings: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By domain and name."""
    addresses: Mapping[str, tuple[str, ...]]
    """Of hosts, with whom they belong to."""
    exchanges: Mapping[str, tuple[str, ...]]
    owners: Mapping[tuple[bytes, int], str]
    """By first address and prefix length of a network."""


def trees(census: Census, domains: Sequence[str]) -> list[Branch]:
    """The trees of those domains that the run asked for SPF, in that order."""
    spf = _records(census, domains)
    gathered = Gathered(
        spf,
        _targets(census, spf),
        _findings(census, domains),
        *_hosts(census, spf.values()),
        _owners(census, spf.values()),
    )
    return [grown(gathered, domain) for domain in domains if domain in spf]


def show(tree: Branch, console: Console) -> None:
    """Print a tree."""
    console.print(_shown(tree), highlight=False)


def _shown(branch: Branch) -> Tree:
    tree = Tree(_head(branch), guide_style="dim")
    for finding in branch.findings:
        tree.add(warned(finding))
    for term in branch.terms:
        tree.add(_shown(term) if isinstance(term, Branch) else _line(term))
    return tree


def _head(branch: Branch) -> Text:
    counts = [
        f"{branch.ipv4:,} IPv4 addresses" if branch.ipv4 is not None else "",
        f"trusted by {branch.domains:,}" if branch.domains is not None else "",
    ]
    company = branch.company and f"[{branch.company}]"
    why = warned(branch.why) if branch.why else None
    return line(
        strong(branch.term or branch.name), company, faint(", ".join(filter(None, counts))), why
    )


def _line(leaf: Leaf) -> Text:
    count = f"{leaf.ipv4:,}" if leaf.ipv4 is not None else None
    return line(leaf.term, faint(" · ".join(filter(None, (count, leaf.detail)))))


def grown(gathered: Gathered, domain: str) -> Branch:
    """One tree. A name is opened up where it is first met, so a tree has as many as there are."""
    met: set[str] = set()

    def branch(name: str, term: str) -> Branch:
        row, target = gathered.spf.get(name), gathered.targets.get(name)
        again = name in met
        met.add(name)
        return Branch(
            name,
            term,
            target.company if target else None,
            row.record if row else None,
            "opened up above" if again else _why(row),
            target.ipv4 if target else None,
            target.domains if target else None,
            () if again else gathered.findings[domain].get(name, ()),
            () if again or row is None else tuple(grow(row, each) for each in row.terms),
        )

    def grow(row: Spf, term: Term) -> Leaf | Branch:
        if term.name in {"include", "redirect"} and term.domain_spec and not term.macro:
            return branch(term.domain_spec.rstrip(".").lower(), term.text)
        return _leaf(gathered, row.name, term)

    return branch(domain, "")


def _why(row: Spf | None) -> str:
    if row is None:
        return "the run did not ask for it"
    if row.record is not None:
        return ""
    if len(row.records) > 1:
        return f"{len(row.records)} records, where one is allowed"
    return "no record" if row.query.outcome is Outcome.OK else row.query.outcome.meaning


def _leaf(gathered: Gathered, name: str, term: Term) -> Leaf:
    if term.macro or term.name == "ptr":
        return Leaf(term.text, None, "depends on the message")
    if term.name == "all":
        return Leaf(term.text, *((1 << 32, "everybody") if term.qualifier == "+" else (None, "")))
    if term.network:
        network = ip_network(term.network)
        owner = gathered.owners.get(network_key(network), "")
        return Leaf(term.text, network.num_addresses if network.version == 4 else None, owner)  # noqa: PLR2004
    about = (term.domain_spec or name).rstrip(".").lower()
    if term.name in {"a", "mx"}:
        hosts = (about,) if term.name == "a" else gathered.exchanges.get(about, ())
        return _resolved(gathered, term, hosts)
    return Leaf(term.text, None, "")


def _resolved(gathered: Gathered, term: Term, hosts: Sequence[str]) -> Leaf:
    found = [address for host in hosts for address in gathered.addresses.get(host, ())]
    if not found:
        return Leaf(term.text, 0, "no address")
    texts = [text.split(" ")[0] for text in found]
    nets = {
        ip_network(f"{text}/{term.prefix4 or 32}", strict=False)
        for text in texts
        if ":" not in text
    }
    shown = ", ".join(found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return Leaf(term.text, sum(net.num_addresses for net in nets), shown + more)


def _records(census: Census, domains: Iterable[str]) -> dict[str, Spf]:
    """SPF of domains and of all that they lead to, a query a level."""
    found: dict[str, Spf] = {}
    wanted = set(domains)
    for _ in range(_LEVELS):
        if not wanted:
            break
        rows = census.chosen("FROM spf WHERE name IN (SELECT unnest($1))", sorted(wanted))
        level = records(Spf, rows)
        found |= {row.name: row for row in level}
        wanted = {target for row in level for target in row.includes} - found.keys()
    return found


def _targets(census: Census, names: Iterable[str]) -> dict[str, Target]:
    wanted = sorted(names)
    trusted = (
        """SELECT domain, ipv4, NULL, NULL FROM spf_trust WHERE domain IN (SELECT unnest($1))"""
    )
    included = """
        SELECT target, ipv4, company, domains FROM spf_includes
        WHERE seed_list = '*' AND rank_cut = 0 AND target IN (SELECT unnest($1))
    """
    rows = [row for query in (trusted, included) for row in census.asked(query, wanted)]
    return {name: Target(*rest) for name, *rest in rows}


def _findings(census: Census, domains: Sequence[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    query = "SELECT domain, findings FROM spf_trust WHERE domain IN (SELECT unnest($1))"
    found: dict[str, dict[str, tuple[str, ...]]] = {domain: {} for domain in domains}
    for domain, findings in census.asked(query, list(domains)):
        for each in findings:
            named = worded(SpfClass(each["finding"]), each["term"])
            found[domain][each["name"]] = (*found[domain].get(each["name"], ()), named)
    return found


def worded(finding: SpfClass, term: str | None) -> str:
    """What is wrong, and with which term."""
    text = f"{finding}: {finding.meaning}"
    return f"{text} ({term})" if term else text


def _hosts(
    census: Census, rows: Iterable[Spf]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Addresses by host with the AS they are in, and exchanges by name of an mx term."""
    held = list(rows)
    mx_names = sorted({name for row in held for name in row.mx_names})
    exchanges = {name: tuple(hosts) for name, hosts in census.asked(_EXCHANGES, mx_names) if hosts}
    hosts = {name for row in held for name in row.a_names}
    hosts |= {host for found in exchanges.values() for host in found}
    addresses = {name: tuple(found) for name, found in census.asked(_ADDRESSES, sorted(hosts))}
    return addresses, exchanges


_EXCHANGES = """
    SELECT name, [m.exchange FOR m IN mx IF m.kind = 'host']
    FROM (SELECT domain AS name, mx FROM domains UNION ALL SELECT name, mx FROM mx)
    WHERE name IN (SELECT unnest($1))
"""
_ADDRESSES = """
    SELECT host, list(address || coalesce(' (' || coalesce(as_name, 'AS' || asn) || ')', '')
                      ORDER BY address)
    FROM (SELECT host, unnest(a || aaaa) AS address FROM hosts WHERE host IN (SELECT unnest($1)))
    LEFT JOIN addresses USING (address) GROUP BY host
"""


def _owners(census: Census, rows: Iterable[Spf]) -> dict[tuple[bytes, int], str]:
    """Whose networks these are: the AS that has most of each."""
    networks = {ip_network(t.network) for row in rows for t in row.terms if t.network}
    keys = [network_key(network) for network in networks]
    query = """
        SELECT first, prefix, concat_ws(', ', coalesce(as_name, 'AS' || asn), country,
                                        cloud_provider, reserved)
        FROM spf_origins SEMI JOIN (SELECT unnest($1) AS first) USING (first) WHERE part = 0
    """
    found = census.asked(query, [first for first, _ in keys])
    owners = {(bytes(first), prefix): owner for first, prefix, owner in found}
    return {key: owners[key] for key in keys if key in owners}


def network_key(network: IPv4Network | IPv6Network) -> tuple[bytes, int]:
    """First address in 16 bytes and prefix length, as spf_origins has them."""
    address = network.network_address
    mapped = b"\0" * 10 + b"\xff\xff" if isinstance(address, IPv4Address) else b""
    return mapped + address.packed, network.prefixlen
