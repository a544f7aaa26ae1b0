"""What clients did at each mail server, so that a test can judge their manners.

Written as one JSON object a line by a world that runs in its own process, read back by the test.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FORBIDDEN = frozenset({"MAIL", "RCPT", "DATA", "BDAT", "AUTH", "VRFY", "EXPN"})
"""Commands that a census never sends: they begin a message, a login or a hunt for mailboxes."""


@dataclass
class Visits:
    """All connections to one local address."""

    address: str
    times: list[float] = field(default_factory=list)
    """When each connection was accepted, seconds since 1970 UTC."""
    open: int = 0
    """Connections open now."""
    peak: int = 0
    """Most connections open at once."""
    handshakes: int = 0
    """TLS handshakes completed."""
    commands: Counter[str] = field(default_factory=Counter)
    """SMTP verbs by number of times; what is no verb counts as "?"."""
    ehlo_names: Counter[str] = field(default_factory=Counter)
    """Arguments of EHLO and HELO."""

    @property
    def connections(self) -> int:
        """How many connections were accepted."""
        return len(self.times)

    @property
    def forbidden(self) -> dict[str, int]:
        """Forbidden commands that were seen, by number of times."""
        return {verb: count for verb, count in self.commands.items() if verb in FORBIDDEN}

    def arrive(self, now: float) -> None:
        """A connection is accepted."""
        self.times.append(now)
        self.open += 1
        self.peak = max(self.peak, self.open)

    def leave(self) -> None:
        """A connection has ended."""
        self.open -= 1


def write_visits(visits: Iterable[Visits], path: Path) -> None:
    """One JSON object a line, in the order given."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(vars(visit)) + "\n" for visit in visits)


def read_visits(path: Path) -> dict[str, Visits]:
    """Visits by local address, as write_visits left them."""
    visits = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        fields |= {key: Counter(fields[key]) for key in ("commands", "ehlo_names")}
        visits[fields["address"]] = Visits(**fields)
    return visits
