"""What the words in the search box may mean, and where each meaning is shown."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from pipeline.explore.address import network
from pipeline.explore.catalogue import Catalogue

_MOST = 20


class Hit(NamedTuple):
    """A page that a search leads to."""

    kind: str
    name: str
    note: str

    @property
    def path(self) -> str:
        """Its path here."""
        return f"/{self.kind}/{quote(self.name, safe='/:')}"


def exact(catalogue: Catalogue, text: str) -> list[Hit]:
    """Pages of just that name."""
    try:
        return [Hit("address", str(_shown(text)), "")]
    except ValueError:
        pass
    name = text.lower().rstrip(".")
    found = [Hit("domain", name, "a seed") for _ in catalogue.ask(_DOMAIN, [name])]
    found += [Hit("include", name, _trusted(count)) for (count,) in catalogue.ask(_INCLUDE, [name])]
    companies = catalogue.ask(_COMPANY, [text.lower()])
    return found + [Hit("company", company, _runs(count)) for company, count in companies]


def alike(catalogue: Catalogue, text: str) -> Iterator[Hit]:
    """Pages of names that contain the text, companies first, or begin with it."""
    name = text.lower()
    for company, count in catalogue.ask(_COMPANIES, [name, _MOST]):
        yield Hit("company", company, _runs(count))
    for target, count in catalogue.ask(_INCLUDES, [name, _MOST]):
        yield Hit("include", target, _trusted(count))
    for domain, rank in catalogue.ask(_DOMAINS, [name, _MOST]):
        yield Hit("domain", domain, f"rank {rank:,}" if rank is not None else "")


def _shown(text: str) -> object:
    asked = network(text)
    return asked.network_address if asked.num_addresses == 1 else asked


def _trusted(count: int) -> str:
    return f"trusted by {_domains(count)}"


def _runs(count: int) -> str:
    return f"runs the mail of {_domains(count)}"


def _domains(count: int) -> str:
    return f"{count:,} domain{'s' if count != 1 else ''}"


_DOMAIN = "SELECT 1 FROM named WHERE domain = $1"
_INCLUDE = "SELECT domains FROM included WHERE target = $1"
_COMPANY = "SELECT company, domains FROM companies WHERE lower(company) = $1 AND mapped"
_COMPANIES = """
    SELECT company, domains FROM companies WHERE mapped AND contains(lower(company), $1)
    ORDER BY domains DESC, company LIMIT $2
"""
_INCLUDES = """
    SELECT target, domains FROM included WHERE contains(target, $1)
    ORDER BY domains DESC, target LIMIT $2
"""
_DOMAINS = """
    SELECT domain, rank FROM named WHERE starts_with(domain, $1)
    ORDER BY rank NULLS LAST, domain LIMIT $2
"""
