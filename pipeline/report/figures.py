"""What a report holds, and its form as JSON."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from stages.dns.server import ServerHealth

Counts = dict[str, int]
"""Number by word, largest first."""


@dataclass(frozen=True)
class TableFigures:
    """Rows of a table by outcome."""

    table: str
    rows: int
    outcomes: Counts


@dataclass(frozen=True)
class Balance:
    """A table's account: keys that the seeds and other rows refer to, against rows."""

    table: str
    wanted: int
    """Distinct keys that should have a row."""
    rows: int
    missing: int
    """Wanted, and no row: still to be asked, or lost."""
    unwanted: int
    """A row, and not wanted: who referred to it was asked again and does so no more."""
    twice: int
    """Rows beyond the first of their key."""

    @property
    def even(self) -> bool:
        """Whether every key that is wanted has its row, and one only."""
        return not self.missing and not self.twice


@dataclass(frozen=True)
class Spread:
    """How long something took, in milliseconds."""

    what: str
    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class QuestionFigures:
    """Questions of one sort."""

    what: str
    count: int
    failed: int
    """Without a definite answer."""
    attempts: int
    """Times they were sent."""
    tcp: int
    """Answered over TCP."""
    rtt: Spread


@dataclass(frozen=True)
class Slow:
    """A mail server, or a network of them, that took long."""

    what: str
    probes: int
    ms: float
    """Its dialogue; of a network the median."""
    detail: str


@dataclass(frozen=True)
class CommandFigures:
    """What the command did that ended just now."""

    ended: float
    """Unix seconds."""
    seconds: float
    rows: Counts
    """Rows added, by table."""


@dataclass(frozen=True)
class Report:
    """All of it."""

    run: str
    state: str
    """complete or stopped."""
    exit_status: int
    alarms: tuple[str, ...]
    """Why the run is hardly a measurement, in sentences; none if it is one."""
    command: CommandFigures
    lines: int
    """Lines of the seed lists."""
    rejected: Counts
    """Lines that are no domains, by reason."""
    seeds: int
    retries: int
    """Items tried twice."""
    bugs: int
    tables: tuple[TableFigures, ...]
    balances: tuple[Balance, ...]
    questions: tuple[QuestionFigures, ...]
    probes: tuple[Spread, ...]
    """Steps of SMTP dialogues."""
    slow_servers: tuple[Slow, ...]
    slow_networks: tuple[Slow, ...]
    blocked: Counts
    """Mail servers that blocked us, by the kind of refusal."""
    not_probed: Counts
    """Mail servers left alone, by reason: opt-out rules, limits, scope."""
    software: Counts
    """Mail servers by what they name."""
    resolvers: tuple[ServerHealth, ...]
    """As the last command saw them."""

    def encode(self) -> bytes:
        """As report.json holds it."""
        return _JSON.dump_json(self, indent=1) + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> "Report":
        """A report back; ValueError if it is none."""
        return _JSON.validate_json(data)


_JSON = TypeAdapter(Report)
