"""Whose the names are that includes and redirects lead to: each is looked at once."""

from typing import NamedTuple

import pyarrow as pa

from certs.registered import registered_domain
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.company import Company
from stages.inference.trust.walk import Walk


class Targets(NamedTuple):
    """The targets of a walk, by their number."""

    names: pa.Array
    domains: pa.Array
    """Registered domains; null for a public suffix."""
    companies: tuple[Company | None, ...]

    @classmethod
    def of(cls, walk: Walk, companies: CompanyMap) -> "Targets":
        """The targets, by the Public Suffix List and a map of companies."""
        names = walk.own.names.take(pa.array(walk.everything.graph.nodes))
        texts = names.to_pylist()
        domains = pa.array(map(registered_domain, texts), pa.string())
        return cls(names, domains, tuple(map(companies.of_spf, texts)))

    @property
    def company(self) -> pa.Array:
        """Names of the companies."""
        return pa.array([owner and owner.name for owner in self.companies], pa.string())
