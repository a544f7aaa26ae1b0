"""An entry of the company map: a company in one role, and the names that lead to it.

A company that plays two roles has two entries of its name, so whatever leads to it says which.
"""

from collections.abc import Container, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, PositiveInt, StringConstraints

from certs.registered import registered_domain
from schemas.providers import Role
from stages.inference.providers.countries import ISO_3166


class CompanyMapError(ValueError):
    """A company map that contradicts itself or cannot be read; says where, in one line."""


def _is_registered(name: str) -> str:
    if registered_domain(name) != name:
        raise ValueError("is not a registered domain, so no id: should it be a suffix?")
    return name


def _is_country(code: str) -> str:
    if code not in ISO_3166:
        raise ValueError("is not a country of ISO 3166")
    return code


_LABEL = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
Name = Annotated[str, StringConstraints(pattern=rf"^{_LABEL}(\.{_LABEL})+$", max_length=253)]
"""A domain name, lower-case A-labels."""
Names = tuple[Name, ...]
Field = Literal[
    "ids", "suffixes", "asns", "rented", "spf", "dkim", "selectors", "autodiscover", "tokens"
]
FALLING_BACK: tuple[Field, ...] = ("spf", "dkim", "autodiscover")
"""Fields of names whose look-up takes ids and suffixes too."""
NAMES: tuple[Field, ...] = ("ids", "suffixes", *FALLING_BACK, "selectors", "tokens")
FIELDS: tuple[Field, ...] = (*NAMES, "asns", "rented")


class Company(BaseModel):
    """A company in one role: the names that lead to it and where its mail hosts are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1)]
    role: Role
    country: Annotated[str, AfterValidator(_is_country)]
    """ISO 3166 code of its seat."""
    ids: tuple[Annotated[Name, AfterValidator(_is_registered)], ...] = ()
    """Registered domains that stand for it."""
    suffixes: Names = ()
    """Names whose registered domains below stand for it too: its part of the PSL."""
    asns: tuple[PositiveInt, ...] = ()
    """Its own AS numbers."""
    rented: tuple[PositiveInt, ...] = ()
    """Other companies' AS numbers that its mail hosts are known in."""
    spf: Names = ()
    """Targets of SPF include and redirect, as themselves or above, beside ids and suffixes."""
    dkim: Names = ()
    """The same for CNAME targets of DKIM keys."""
    selectors: tuple[
        Annotated[str, StringConstraints(pattern=rf"^{_LABEL}(\.{_LABEL})*$")], ...
    ] = ()
    """DKIM selectors that nobody else uses."""
    autodiscover: Names = ()
    """As spf, for CNAME and SRV targets of autodiscover."""
    tokens: tuple[
        Annotated[str, StringConstraints(pattern=r"^[!-~]+( [!-~]+)*$", min_length=3)], ...
    ] = ()
    """Beginnings of TXT records at the domain that prove its control to the mail service."""

    def values(self, *fields: Field) -> tuple[str | int, ...]:
        """What stands in these fields."""
        return tuple(value for field in fields for value in getattr(self, field))

    def without(self, values: Mapping[Field, Container[str | int]]) -> Self:
        """The entry less the values given for each field."""
        return self._with(
            {
                field: tuple(value for value in self.values(field) if value not in taken)
                for field, taken in values.items()
            }
        )

    def joined(self, other: "Company") -> Self:
        """The entry with the values of ``other``, too."""
        values = {
            field: dict.fromkeys(self.values(field) + other.values(field)) for field in FIELDS
        }
        return self._with({field: tuple(found) for field, found in values.items()})

    def _with(self, values: Mapping[Field, tuple[str | int, ...]]) -> Self:
        return self.model_copy(update={str(field): found for field, found in values.items()})
