"""The archetypes of providers, as providers.toml tells them: names, servers, policies, shares."""

import enum
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple


class Role(enum.StrEnum):
    """What a provider does with its customers' mail."""

    MAILBOX = "mailbox"
    GATEWAY = "gateway"  # filters and passes on
    FORWARDER = "forwarder"  # has no mailboxes and passes on
    HOSTING = "hosting"  # on the customer's web server, under the customer's names


class System(NamedTuple):
    """An autonomous system, as far as address tables know it."""

    asn: int
    name: str
    country: str
    cloud: str | None = None


class Provider(NamedTuple):
    """A provider; providers.toml says what each field holds."""

    name: str
    id: str
    role: Role
    popular: int
    tail: int
    system: System
    mx: tuple[str, ...]
    servers: int
    host: str
    banner: str
    certificate: tuple[str, ...]
    spf: str
    company: str | None = None
    ehlo: str = "{host}"
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 52428800", "8BITMIME")
    dkim: Mapping[str, str] = MappingProxyType({})
    keys: tuple[str, ...] = ()
    autodiscover: str | None = None
    autodiscover_srv: str | None = None
    tokens: tuple[str, ...] = ()
    txt: Mapping[str, str] = MappingProxyType({})
    ipv6: str | None = None
    trap: str | None = None


class Rented(NamedTuple):
    """Address space in which anyone can rent a server, and the name a server has by default."""

    system: System
    host: str


class Sender(NamedTuple):
    """A service that sends for domains and is included in their SPF records."""

    include: str
    weight: int
    txt: Mapping[str, str] = MappingProxyType({})
    dkim: Mapping[str, str] = MappingProxyType({})
    keys: tuple[str, ...] = ()


class Catalogue(NamedTuple):
    """All of providers.toml."""

    providers: tuple[Provider, ...]
    rented: tuple[Rented, ...]
    senders: tuple[Sender, ...]

    def of_role(self, role: Role) -> list[Provider]:
        """The providers of one role."""
        return [provider for provider in self.providers if provider.role is role]


@cache
def catalogue() -> Catalogue:
    """The archetypes, in the order of the file."""
    text = files(__package__).joinpath("providers.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return Catalogue(
        tuple(_provider(table) for table in tables["provider"]),
        tuple(Rented(system_of(table), **table) for table in tables["rented"]),
        tuple(Sender(**frozen(table)) for table in tables["sender"]),
    )


def renting(number: int, name: str, country: str, rented: Rented) -> Provider:
    """A small provider on rented machines, which greet by the names that they came with."""
    return regional(number, name, country)._replace(
        name="renting",
        system=rented.system,
        host=rented.host.replace("{number}", f"{number:03}{{n:03}}"),
        certificate=(),
        trap="rented_machines",
    )


def regional(number: int, name: str, country: str) -> Provider:
    """One of the long tail of small providers, which no company map names.

    Every fourth offers no STARTTLS, so that its banner has to do.
    """
    host = f"mx{{n}}.{name}"
    return Provider(
        name="regional",
        company=None,
        id=name,
        role=Role.MAILBOX,
        popular=0,
        tail=0,
        system=System(210_000 + number, f"{name.partition('.')[0].title()} Internet", country),
        mx=(f"10 mx1.{name}", f"20 mx2.{name}"),
        servers=2,
        host=host,
        banner="{host} ESMTP Postfix",
        certificate=() if number % 4 == 3 else (f"mx1.{name}", f"mx2.{name}"),
        spf=f"include:_spf.{name}",
        autodiscover=f"autodiscover.{name}" if number % 2 else None,
        keys=("mail",) if number % 3 == 0 else (),
        txt={f"_spf.{name}": f"v=spf1 ip4:198.51.{number % 256}.0/24 mx:{name} ~all"},
    )


def label(domain: str) -> str:
    """A domain as one label, as providers name their customers; short enough for a prefix."""
    return domain.replace(".", "-")[:50]


def customer_fields(domain: str, random: Random) -> dict[str, str]:
    """What the braces in mx, spf and dkim stand for, for one customer."""
    return {
        "domain": domain,
        "label": label(domain),
        "word": domain.partition(".")[0][:50],
        "token": f"{random.getrandbits(32):08x}",
        "number": f"{random.randrange(10**6):06}",
        "digit": f"{random.randrange(1, 9)}",
    }


def _provider(table: dict[str, object]) -> Provider:
    system = system_of(table)
    role = Role(str(table["role"]))
    return Provider(**{**frozen(table), "role": role, "system": system})


def frozen(table: dict[str, object]) -> dict[str, Any]:
    """A table whose lists are tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def system_of(table: dict[str, object]) -> System:
    """Take what tells the AS out of a table."""
    cloud = table.pop("cloud", None)
    return System(
        int(str(table.pop("asn"))),
        str(table.pop("as_name")),
        str(table.pop("country")),
        None if cloud is None else str(cloud),
    )
