"""The page of a domain: its mail drawn from exchange to company, then the evidence line by line."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.explain import outline
from pipeline.explain.evidence import Evidence, look_up
from pipeline.explore.catalogue import Catalogue
from pipeline.explore.outline import page_of
from pipeline.explore.trust import tree_of
from schemas.mx_providers import MxProvider, Source
from schemas.outcomes import ExchangeKind, Mail

_SHOWN = 6
"""Addresses of an exchange that are drawn."""


class Stop(NamedTuple):
    """An address on the way of the mail."""

    address: str
    owner: str


class Vote(NamedTuple):
    """What one source says of an exchange."""

    source: str
    id: str
    wins: bool


class Way(NamedTuple):
    """An exchange and what stands behind it, from left to right."""

    preference: str
    exchange: str
    host: str
    """What became of its look-up; the alias chain, if any."""
    stops: tuple[Stop, ...]
    further: int
    """Addresses that are not drawn."""
    votes: tuple[Vote, ...]
    company: str
    provider_id: str
    weight: float | None
    doubts: tuple[str, ...]


def page(catalogue: Catalogue, name: str) -> Mapping[str, object]:
    """Values of domain.html; ConfigError if it is no seed."""
    with catalogue.rows() as rows:
        evidence = look_up(rows, name)
    provider = evidence.provider
    asked = evidence.domain.domain in evidence.spf
    return {
        "name": evidence.domain.domain,
        "mail": evidence.domain.mail,
        "provider": provider,
        "company": provider and (provider.operator_company or provider.operator_id),
        "seeds": evidence.domain.seeds,
        "ways": tuple(_ways(evidence)),
        "spf": tree_of(catalogue, evidence) if asked else None,
        "chain": page_of(outline(evidence)),
        "runs": len(catalogue.run.warehouse.runs()),
    }


def _ways(evidence: Evidence) -> Iterator[Way]:
    implicit = evidence.domain.mail is Mail.NO_MX
    for each in evidence.domain.mx:
        if each.kind is ExchangeKind.HOST:
            yield _way(evidence, str(each.preference), each.exchange)
    for name in evidence.domain.mail_hosts if implicit else ():
        yield _way(evidence, "implicit", name)


def _way(evidence: Evidence, preference: str, exchange: str) -> Way:
    host, vote = evidence.hosts.get(exchange), evidence.mx_providers.get(exchange)
    addresses = host.a + host.aaaa if host else ()
    aliases = f"alias for {' → '.join(host.cname_chain)}" if host and host.cname_chain else ""
    state = "" if addresses else (host.status.meaning if host else "not asked yet")
    return Way(
        preference,
        exchange,
        "; ".join(filter(None, (aliases, state))),
        tuple(Stop(each, _owner(evidence, each)) for each in addresses[:_SHOWN]),
        max(0, len(addresses) - _SHOWN),
        tuple(_votes(vote)) if vote else (),
        (vote.company or vote.provider_id or "nobody known") if vote else "does not count",
        (vote.provider_id or "") if vote else "",
        vote.weight if vote else None,
        tuple(vote.flags) if vote else (),
    )


def _owner(evidence: Evidence, address: str) -> str:
    row = evidence.addresses.get(address)
    if row is None:
        return "not looked up"
    autonomous = f"AS{row.asn}" if row.asn else None
    special = f"special-purpose: {row.reserved}" if row.reserved else None
    parts = (row.as_name or autonomous, row.country, row.cloud_provider, special)
    return ", ".join(filter(None, parts)) or "no owner known"


def _votes(vote: MxProvider) -> Iterator[Vote]:
    for source, name in zip(Source, (vote.tls_id, vote.banner_id, vote.mx_id), strict=True):
        if name is not None:
            yield Vote(source, name, source is vote.source)
