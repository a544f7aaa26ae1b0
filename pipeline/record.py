"""run.json: what a run is made from, and whether a command fits the run it would resume."""

import datetime as dt
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version

from certs.registered import suffix_list_sha256
from pipeline.errors import ConfigError, DamagedError
from pipeline.plan import Plan
from pipeline.settings import Settings
from pipeline.warehouse import Run
from schemas.provenance import Provenance
from schemas.table import SCHEMA_VERSION, Table
from stages.seeds.collect import Tally

SCAN = "scan"
"""Name of the provenance of an imported run."""
_LIBRARIES = (
    "aiodns", "aiosmtplib", "cryptography", "h11", "pyarrow", "pyasn", "tldextract", "uvloop",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A seed list as it was when the run began."""

    name: str
    sha256: str | None
    """Of the file's bytes; null for standard input."""


@dataclass(frozen=True)
class End:
    """How a command ended."""

    ended: float
    """Unix seconds."""
    state: str
    """complete or stopped."""
    exit_status: int
    alarms: list[str]
    """Why the run is hardly a measurement."""


@dataclass(frozen=True)
class Record:
    """What run.json holds."""

    run: str
    began: float
    """Unix seconds."""
    schema_version: int
    settings: dict[str, object]
    """Those that must not change within the run."""
    all_settings: dict[str, object]
    """Every setting of the first command."""
    sources: list[Source]
    tally: Tally
    """How many lines were read, accepted, distinct, rejected and why."""
    seeds_digest: str
    """Of the file of folded seeds, as `Written` has it."""
    tables: list[dict[str, object]]
    """Path, date and SHA-256 of every table that the run looks things up in."""
    versions: dict[str, str]
    end: End | None = None
    """Of the last command that came to its end."""

    @property
    def plan(self) -> Plan:
        """Which questions were asked."""
        return Plan(str(self.settings["plan"]))

    @property
    def fetched(self) -> bool:
        """Whether MTA-STS policies were."""
        return bool(self.settings.get("sts_policies"))

    @property
    def tables_filled(self) -> tuple[Table, ...]:
        """The tables that the run fills, in the order of the census."""
        return self.plan.filled(sts_policies=self.fetched)

    @property
    def probed(self) -> bool:
        """Whether mail servers were."""
        return bool(self.settings["smtp"])

    @property
    def smtp_port(self) -> int:
        """The port that mail servers were probed at."""
        return int(str(self.settings["smtp_port"]))

    @property
    def ehlo_name(self) -> str | None:
        """The name that the prober gave."""
        name = self.all_settings["ehlo_name"]
        return str(name) if name is not None else None

    @property
    def day(self) -> dt.date:
        """The day that it stands for: its id where that is one, else when it began (UTC)."""
        try:
            return dt.date.fromisoformat(self.run)
        except ValueError:
            return dt.datetime.fromtimestamp(self.began, dt.UTC).date()

    @property
    def imported(self) -> str | None:
        """The file of others that the run was made of, if it is none of ours."""
        files = [str(table["source"]) for table in self.tables if table["name"] == SCAN]
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        return files[0] + more if files else None

    def save(self, run: Run) -> None:
        """Write run.json, whole."""
        fields = {**asdict(self), "tally": self.tally._asdict()}
        run.warehouse.write(run.record, json.dumps(fields, indent=1).encode() + b"\n")

    @classmethod
    def load(cls, run: Run) -> "Record | None":
        """The run's record; None if it has not begun; DamagedError if it cannot be read."""
        if not run.warehouse.exists(run.record):
            return None
        try:
            fields = json.loads(run.warehouse.read(run.record))
            sources = [Source(**source) for source in fields.pop("sources")]
            tally = Tally(**fields.pop("tally"))
            end = fields.pop("end")
            return cls(sources=sources, tally=tally, end=End(**end) if end else None, **fields)
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedError(f"{run.record} is damaged: {error}") from error


def new_record(  # noqa: PLR0913, PLR0917 - what a record is of
    run: Run,
    settings: Settings,
    sources: Sequence[Source],
    tally: Tally,
    seeds_digest: str,
    tables: Sequence[Provenance],
) -> Record:
    """The record of a run that begins now."""
    return Record(
        run=run.id,
        began=time.time(),
        schema_version=SCHEMA_VERSION,
        settings=settings.identity(),
        all_settings=settings.model_dump(mode="json"),
        sources=list(sources),
        tally=tally,
        seeds_digest=seeds_digest,
        tables=[table._asdict() for table in tables],
        versions={
            "mailcensus": version("mailcensus"),
            "python": platform.python_version(),
            "public_suffix_list": suffix_list_sha256(),
            **{name: version(name) for name in _LIBRARIES},
        },
    )


def check_resumable(
    record: Record, settings: Settings, sources: Sequence[Source], tables: Sequence[Provenance]
) -> None:
    """Refuse to mix two measurements in one run; ConfigError names every difference."""
    identity = settings.identity()
    differing = [
        f"{name} was {record.settings.get(name)!r}, is {identity.get(name)!r}"
        for name in sorted(record.settings.keys() | identity.keys())
        if record.settings.get(name) != identity.get(name)
    ]
    if record.schema_version != SCHEMA_VERSION:
        differing.append(f"schema version was {record.schema_version}, is {SCHEMA_VERSION}")
    if sources and list(sources) != record.sources:
        differing.append("the seed lists are not those it began with")
    if not differing and [table._asdict() for table in tables] != record.tables:
        differing.append("the look-up tables have changed")
    if differing:
        raise ConfigError(
            f"run {record.run!r} was begun otherwise: {'; '.join(differing)}; "
            "repeat its settings, or begin another run with --run"
        )
