"""Who serves web sites and zones in a world, as hosting.toml tells it."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from scripts.world.providers import System, frozen, system_of

SLOTS = 32
"""Sites that the slots of hosting.toml are parts of."""
_FIRST_NAMES = (
    "ada", "alan", "amber", "beth", "bob", "carl", "chloe", "cody", "dana", "dean", "elle", "eric",
    "fay", "gail", "hugh", "isla", "ivan", "jean", "kate", "kirk",
)  # fmt: skip


class WebHost(NamedTuple):
    """Where sites lie; hosting.toml says what each field holds."""

    name: str
    slots: int
    system: System
    addresses: tuple[int, ...]
    pool: int
    ttl: tuple[int, ...]
    six: int = 0
    zone: str | None = None


class NameService(NamedTuple):
    """Who answers for zones."""

    name: str
    weight: int
    system: System
    ns: tuple[str, ...]
    sets: int
    soa: str
    ttl: int
    operators: tuple[str, ...] = ()
    private: bool = False
    """Of one domain, or of a small provider; not in the file."""

    def servers(self, number: int) -> list[str]:
        """Names of the servers of a set, from 0."""
        n = number + 1
        fields = {"n": n, "a": 2 * n - 1, "b": 2 * n, "c": n + 512, "d": n + 1024, "e": n + 1536}
        first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
        second = _FIRST_NAMES[(7 * number + 3 + number // len(_FIRST_NAMES)) % len(_FIRST_NAMES)]
        other = second if second != first else "zoe"
        names = {"x": first, "y": other, "l": chr(ord("a") + number % 26)}
        return [name.format(**fields, **names) for name in self.ns]

    def authority(self, number: int) -> str:
        """The SOA data of its zones less the serial: primary and mailbox, then four times."""
        return self.soa.format(ns=self.servers(number)[0], n=number + 1)


@cache
def web_slots() -> tuple[WebHost, ...]:
    """The web host of each slot."""
    hosts = [WebHost(**_record(table)) for table in _tables()["web"]]
    slots = tuple(host for host in hosts for _ in range(host.slots))
    assert len(slots) == SLOTS
    return slots


@cache
def name_services() -> dict[str, NameService]:
    """All name services by name."""
    services = [NameService(**_record(table)) for table in _tables()["dns"]]
    return {service.name: service for service in services}


@cache
def _tables() -> dict[str, list[dict[str, object]]]:
    return tomllib.loads(files(__package__).joinpath("hosting.toml").read_text(encoding="utf-8"))


def _record(table: dict[str, object]) -> dict[str, Any]:
    """The fields of a record, what tells the AS taken together."""
    fields = dict(table)
    owner = system_of(fields)
    return {**frozen(fields), "system": owner}
