"""The features once more, in plain Python from the rows themselves, with no eye to speed."""

from collections import Counter
from ipaddress import IPv4Address, IPv6Network, ip_network
from typing import Any

from schemas.apex import Apex
from schemas.domains import Domain
from schemas.hosts import Host
from schemas.outcomes import ExchangeKind, Outcome
from schemas.query import Query, Text
from schemas.spf import Spf
from tests.stages.inference.snowshoe.features.night import Night, Place

_OK = (Outcome.OK, Outcome.NODATA, Outcome.NXDOMAIN)


def expected(night: Night) -> dict[str, dict[str, Any]]:
    """By domain: the 37, neighbours and groups of /24s."""
    tables = night.tables()
    hosts = {row[0]: row for row in tables["hosts"]}
    rows = list(zip(tables["domains"], tables["apex"], tables["spf"], strict=True))
    found = {}
    touched: dict[str, set[int]] = {}
    sure = set()
    for domain, apex, spf in rows:
        own = hosts[domain.domain]
        found[domain.domain] = {
            **_addresses(own, night.places),
            **_mx(domain, hosts, night.places),
            **_zone(apex, hosts),
            **_txt(domain, spf),
        }
        touched[domain.domain] = {_number(address) >> 8 for address in own.a} | _blocks(spf)
        if _answered(own.a_query) and _answered(spf.query):
            sure.add(domain.domain)
        found[domain.domain]["slash24_group"] = _home(own, spf)
    crowd = Counter(block for blocks in touched.values() for block in blocks)
    for name, row in found.items():
        others = [crowd[block] - 1 for block in touched[name]]
        row["slash24_neighbours"] = max(others, default=0) if name in sure else None
    return found


def _answered(query: Query) -> bool:
    return query.outcome in _OK


def _told(count: int, values: set[Any]) -> int | None:
    known = {value for value in values if value is not None}
    return len(known) if known or not count else None


def _addresses(own: Host, places: Any) -> dict[str, Any]:
    four = [IPv4Address(text) for text in own.a]
    six = [IPv6Network(f"{text}/48", strict=False) for text in own.aaaa]
    whose = [places.get(text, Place(None, None)) for text in own.a]
    row: dict[str, Any] = {
        "a_addresses": len(four),
        "a_slash24s": len({int(each) >> 8 for each in four}),
        "a_slash16s": len({int(each) >> 16 for each in four}),
        "a_ases": _told(len(four), {place.asn for place in whose}),
        "a_countries": _told(len(four), {place.country for place in whose}),
        "a_min_ttl": own.a_query.ttl if four else None,
        "aaaa_addresses": len(six),
        "aaaa_slash48s": len(set(six)),
        "aaaa_ases": _told(
            len(six), {places.get(text, Place(None, None)).asn for text in own.aaaa}
        ),
    }
    unsure = {"a": own.a_query, "aaaa": own.aaaa_query}
    for name in row:
        if not _answered(unsure[name.split("_", maxsplit=1)[0]]):
            row[name] = None
    return row


def _inside(names: set[str], domain: str) -> float | None:
    own = [name for name in names if f".{name}".endswith(f".{domain}")]
    return len(own) / len(names) if names else None


def _mx(domain: Domain, hosts: dict[str, Host], places: Any) -> dict[str, Any]:
    records = [each for each in domain.mx if each.kind is not ExchangeKind.NULL]
    names = {each.exchange for each in records}
    preferences = {each.preference for each in records}
    led = [hosts.get(each.exchange) for each in records if each.kind is ExchangeKind.HOST]
    there = [host for host in led if host is not None]
    addresses = {address for host in there for address in host.a}
    row: dict[str, Any] = {
        "mx_addresses": len(names),
        "mx_preferences": len(preferences),
        "mx_preference_range": max(preferences, default=0) - min(preferences, default=0),
        "mx_in_domain_share": _inside(names, domain.domain),
        "mx_registered_domains": _told(len(names), {host.registered_domain for host in there}),
    }
    if any(host is None or not _answered(host.a_query) for host in led):
        row |= dict.fromkeys(("mx_v4_addresses", "mx_slash24s", "mx_ases"))
    else:
        row["mx_v4_addresses"] = len(addresses)
        row["mx_slash24s"] = len({_number(address) >> 8 for address in addresses})
        ases = {places.get(address, Place(None, None)).asn for address in addresses}
        row["mx_ases"] = _told(len(addresses), ases)
    return row if _answered(domain.mx_query) else dict.fromkeys(row)


def _zone(apex: Apex, hosts: dict[str, Host]) -> dict[str, Any]:
    names = set(apex.ns)
    domains = {hosts[name].registered_domain for name in names if name in hosts}
    row: dict[str, Any] = {
        "ns_hosts": len(names),
        "ns_registered_domains": _told(len(names), domains),
        "ns_in_domain_share": _inside(names, apex.domain),
        "ns_min_ttl": apex.ns_query.ttl if names else None,
    }
    row = row if _answered(apex.ns_query) else dict.fromkeys(row)
    soa = apex.soa
    row["soa_refresh"] = soa.refresh if soa else None
    row["soa_minimum"] = soa.minimum if soa else None
    inside = _inside({soa.mname}, apex.domain) if soa else None
    row["soa_mname_in_domain"] = None if inside is None else int(inside)
    return row


def _bytes(text: Text) -> int:
    return len(text.raw) if text.raw is not None else len(text.text.encode())


def _txt(domain: Domain, spf: Spf) -> dict[str, Any]:
    sizes = list(map(_bytes, domain.txt))
    row: dict[str, Any] = {
        "txt_records": len(sizes),
        "txt_bytes": sum(sizes),
        "txt_longest": max(sizes, default=0),
        "txt_other": len(sizes) - len(spf.records),
        "spf_records": len(spf.records),
        "spf_length": sum(map(_bytes, spf.records)),
        "spf_terms": len({term.text for term in spf.terms}),
        "spf_ip4_terms": len(
            {t.text for t in spf.terms if (t.kind, t.name) == (_MECHANISM, "ip4")}
        ),
        "spf_v4_addresses": len(_named(spf)),
        "spf_ip6_terms": len(
            {t.text for t in spf.terms if (t.kind, t.name) == (_MECHANISM, "ip6")}
        ),
        "spf_includes": _terms(spf, (_MECHANISM, "include"), ("modifier", "redirect")),
        "spf_slash24s": len(_blocks(spf)),
        "spf_all": _all(spf),
    }
    return row if _answered(spf.query) else dict.fromkeys(row)


_MECHANISM = "mechanism"


def _terms(spf: Spf, *kinds: tuple[str, str]) -> int:
    return len({term.text for term in spf.terms if (term.kind, term.name) in kinds})


def _named(spf: Spf) -> set[int]:
    """Every single address of the ip4 terms: let there be no large networks in a test."""
    networks = [t.network for t in spf.terms if (t.kind, t.name) == (_MECHANISM, "ip4")]
    return {int(address) for text in networks if text for address in ip_network(text)}


def _blocks(spf: Spf) -> set[int]:
    return {address >> 8 for address in _named(spf)}


def _all(spf: Spf) -> int:
    ends = [t.qualifier for t in spf.terms if (t.kind, t.name) == (_MECHANISM, "all")]
    return " -~?+".index(ends[0]) if ends and ends[0] else 0


def _home(own: Host, spf: Spf) -> str | None:
    if not (_answered(own.a_query) and _answered(spf.query)):
        return None
    counts = Counter(each >> 8 for each in _named(spf) | set(map(_number, own.a)))
    if not counts:
        return None
    block = min(counts, key=lambda each: (-counts[each], each))
    return f"{IPv4Address(block << 8)}/24"


def _number(address: str) -> int:
    return int(IPv4Address(address))
