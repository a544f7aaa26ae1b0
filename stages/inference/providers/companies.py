"""Which company stands behind a provider id: the map of companies.toml, read and checked.

A map is data; its version is a hash of its text and goes into every verdict made with it.
"""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from schemas.providers import Role


class CompanyMapError(ValueError):
    """A company map that contradicts itself or cannot be read; says where, in one line."""


Name = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
"""A domain name, lower-case A-labels."""


class Company(BaseModel):
    """A company, the ids that lead to it and where its mail hosts are known to be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    role: Role
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    """ISO 3166 code of its seat."""
    ids: tuple[Name, ...] = ()
    """Registered domains that stand for it, matched exactly."""
    suffixes: tuple[Name, ...] = ()
    """The same, matched exactly or below."""
    asns: tuple[PositiveInt, ...] = ()
    """AS numbers its mail hosts are known in; empty: not known."""


class CompanyMap(BaseModel):
    """Companies, no id of which belongs to two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    companies: Annotated[tuple[Company, ...], Field(alias="company")]
    version: str
    """The first 12 hex digits of the SHA-256 of the text it was read from."""

    def of(self, provider_id: str) -> Company | None:
        """The company of an id: by the id itself, else by its longest suffix."""
        company = self._by_id.get(provider_id)
        suffix = provider_id
        while company is None and suffix:
            company = self._by_suffix.get(suffix)
            suffix = suffix.partition(".")[2]
        return company

    @cached_property
    def _by_id(self) -> Mapping[str, Company]:
        return {key: company for company in self.companies for key in company.ids}

    @cached_property
    def _by_suffix(self) -> Mapping[str, Company]:
        return {key: company for company in self.companies for key in company.suffixes}


def bundled_companies() -> CompanyMap:
    """The map that comes with the program."""
    return parse_companies(files(__package__).joinpath("companies.toml").read_text("utf-8"))


def parse_companies(text: str) -> CompanyMap:
    """A company map from its TOML text; ``CompanyMapError`` where it is wrong."""
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    try:
        companies = CompanyMap.model_validate({"version": version, **tomllib.loads(text)})
    except tomllib.TOMLDecodeError as error:
        raise CompanyMapError(f"company map: {error}") from error
    except ValidationError as error:
        raise CompanyMapError(f"company map: {_first(error)}") from error
    _reject_repeated("company", (company.name for company in companies.companies))
    _reject_repeated("id", (key for c in companies.companies for key in c.ids + c.suffixes))
    return companies


def _first(error: ValidationError) -> str:
    """The first thing wrong, and where: ``company.3.role: Input should be …``."""
    fault = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']} (is {fault['input']!r})"


def _reject_repeated(what: str, values: Iterable[str]) -> None:
    repeated = [value for value, times in Counter(values).items() if times > 1]
    if repeated:
        raise CompanyMapError(f"company map: {what} {repeated[0]!r} stands more than once")
