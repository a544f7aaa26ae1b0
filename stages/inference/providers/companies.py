"""Which company stands behind a provider id, an SPF include, a DKIM key and the like.

The map is data (companies.toml), read and checked; further maps extend it. Its version is a hash
of its text and goes into every verdict made with it.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Constraint

from stages.inference.providers.claims import SPACES, check, check_reach
from stages.inference.providers.company import Company, CompanyMapError, Field


class CompanyMap(BaseModel):
    """Companies, no name of which belongs to two. All look-ups: the longest match wins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    companies: Annotated[tuple[Company, ...], Constraint(alias="company")]
    version: str
    """The first 12 hex digits of the SHA-256 of the text it was read from."""

    def of(self, provider_id: str) -> Company | None:
        """The company of an id: by the id itself, else by its longest suffix."""
        return self._by_id.get(provider_id) or _longest(self._by_suffix, provider_id)

    def of_spf(self, name: str) -> Company | None:
        """The company that the target of an SPF include or redirect belongs to."""
        return _longest(self._by_spf, name)

    def of_dkim(self, name: str) -> Company | None:
        """The company that a DKIM key is kept by: by the target of its CNAME."""
        return _longest(self._by_dkim, name)

    def of_selector(self, selector: str) -> Company | None:
        """The company that a DKIM selector tells of, as ``google`` does; few do."""
        return self._by_selector.get(selector.lower())

    def of_autodiscover(self, name: str) -> Company | None:
        """The company that mail programs are sent to: by autodiscover's CNAME or SRV target."""
        return _longest(self._by_autodiscover, name)

    def of_token(self, text: str) -> Company | None:
        """The company whose mail service a TXT record proves control to; case does not count."""
        text = text.lower()
        found = [key for key in self._by_token if text.startswith(key)]
        return self._by_token[max(found, key=len)] if found else None

    def count(self) -> int:
        """How many companies there are, each counted once whatever its roles."""
        return len({company.name for company in self.companies})

    def asns(self) -> Iterator[tuple[str, int]]:
        """(company's name, AS number) for all that its mail hosts are known in, rented ones too."""
        return (
            (company.name, asn)
            for company in self.companies
            for asn in company.asns + company.rented
        )

    @cached_property
    def _by_id(self) -> Mapping[str, Company]:
        return self._index("ids")

    @cached_property
    def _by_suffix(self) -> Mapping[str, Company]:
        return self._index("suffixes")

    @cached_property
    def _by_spf(self) -> Mapping[str, Company]:
        return self._index("ids", "suffixes", "spf")

    @cached_property
    def _by_dkim(self) -> Mapping[str, Company]:
        return self._index("ids", "suffixes", "dkim")

    @cached_property
    def _by_autodiscover(self) -> Mapping[str, Company]:
        return self._index("ids", "suffixes", "autodiscover")

    @cached_property
    def _by_selector(self) -> Mapping[str, Company]:
        return self._index("selectors")

    @cached_property
    def _by_token(self) -> Mapping[str, Company]:
        return {key.lower(): company for key, company in self._index("tokens").items()}

    def _index(self, *fields: Field) -> Mapping[str, Company]:
        return {
            key: company
            for field in fields
            for company in self.companies
            for key in map(str, company.values(field))
        }


def _longest(index: Mapping[str, Company], name: str) -> Company | None:
    """The company of the longest suffix of ``name``, at label boundaries."""
    suffix = name.lower().rstrip(".")
    while suffix and suffix not in index:
        suffix = suffix.partition(".")[2]
    return index.get(suffix)


def bundled_companies() -> CompanyMap:
    """The map that comes with the program."""
    return parse_companies(files(__package__).joinpath("companies.toml").read_text("utf-8"))


def read_companies(paths: Iterable[Path]) -> CompanyMap:
    """The bundled map, extended by the files in turn; ``CompanyMapError`` names the file."""
    companies = bundled_companies()
    for path in paths:
        try:
            companies = extended(companies, parse_companies(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, CompanyMapError) as error:
            raise CompanyMapError(f"{path}: {error}") from error
    return companies


def parse_companies(text: str) -> CompanyMap:
    """A company map from its TOML text; ``CompanyMapError`` where it is wrong."""
    try:
        content = tomllib.loads(text)
        companies = CompanyMap.model_validate({"version": _version(text), **content})
    except tomllib.TOMLDecodeError as error:
        raise CompanyMapError(f"company map: {error}") from error
    except ValidationError as error:
        raise CompanyMapError(f"company map: {_first(error)}") from error
    check(companies.companies)
    check_reach(companies.companies)
    return companies


def extended(base: CompanyMap, later: CompanyMap) -> CompanyMap:
    """``base`` with what ``later`` adds: what both claim is later's, entries alike are joined.

    ``CompanyMapError`` where they contradict each other about a company's country.
    """
    taken = {
        field: frozenset(value for entry in later.companies for value in entry.values(*space))
        for space in SPACES.values()
        for field in space
    }
    entries = {(c.name, c.role, c.country): c.without(taken) for c in base.companies}
    for company in later.companies:
        key = company.name, company.role, company.country
        entries[key] = entries[key].joined(company) if key in entries else company
    companies = tuple(entries.values())
    check(companies)
    version = _version(base.version + later.version)
    return CompanyMap.model_validate({"company": companies, "version": version})


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _first(error: ValidationError) -> str:
    """The first thing wrong, and where: ``company.3.role: Input should be …``."""
    fault = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']} (is {fault['input']!r})"
