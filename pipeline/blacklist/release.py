"""Editions on disk: `<out>/editions/<name>/` and links to the one in force and the one on trial.

    out/current -> editions/2026-11-22-1795304000      what servers read
    out/shadow  -> editions/2026-11-22-1795304100s     what nobody is to act on

An edition is written whole beside, synced and renamed; then a link is replaced, which is atomic.
Each holds its entries (entries.parquet), from which the next one follows, and edition.json.
"""

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ConfigError, DamagedError
from schemas import BLACKLIST
from schemas.blacklist import BlacklistEntry
from schemas.reading import records

CURRENT, SHADOW = "current", "shadow"
_ENTRIES, _CARD = "entries.parquet", "edition.json"


@dataclass(frozen=True)
class Card:
    """edition.json."""

    name: str
    zone: str
    run: str
    day: str
    """That the run stands for."""
    made: str
    """ISO moment, UTC."""
    stale: str
    """From then on servers do not answer with it."""
    listed: int
    tiers: dict[str, int]
    withheld: dict[str, int]
    previous: str | None
    """Edition that was in force before."""
    base: str | None
    """Edition of an earlier run that this one follows from."""
    model: str | None = None
    """SHA-256 of the classifier whose scores these are, as its manifest has it."""
    made_up: str | None = None
    """Why the model is one of made-up data; None for measurements."""
    protected: dict[str, int] = field(default_factory=dict)
    """How many names must not be listed, by why."""

    @property
    def unguarded(self) -> bool:
        """Whether nothing is known of domains that must not be listed: no rank, no allowlist."""
        return bool(self.protected) and not self.protected["popular"] + self.protected["allowed"]

    @property
    def stale_at(self) -> dt.datetime:
        """From then on servers do not answer with it."""
        return dt.datetime.fromisoformat(self.stale)


class Editions:
    """The editions of a zone in a folder, which need not exist."""

    def __init__(self, out: Path, *, shadow: bool = False) -> None:
        self.out = out
        self.link = out / (SHADOW if shadow else CURRENT)

    def current(self) -> Card | None:
        """The edition that the link leads to; DamagedError if it cannot be read."""
        return self.card(self.link.readlink().name) if self.link.is_symlink() else None

    def card(self, name: str) -> Card:
        """The card of an edition; DamagedError if it is not there or cannot be read."""
        path = self._folder(name) / _CARD
        try:
            return Card(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise DamagedError(f"{path} cannot be read: {error}") from error

    def entries(self, name: str) -> list[BlacklistEntry]:
        """The entries of an edition, those that were withheld among them."""
        path = self._folder(name) / _ENTRIES
        try:
            return records(BlacklistEntry, pq.read_table(path))
        except (OSError, pa.ArrowException, KeyError) as error:
            raise DamagedError(f"{path} cannot be read: {error}") from error

    def write(
        self, card: Card, rows: Sequence[BlacklistEntry], files: Mapping[str, Iterable[str]]
    ) -> None:
        """Put a finished edition beside the others."""
        folder = self._folder(card.name)
        building = folder.with_name(f".{card.name}.tmp")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        for name, lines in files.items():
            with (building / name).open("w", encoding="ascii") as file:
                file.writelines(f"{line}\n" for line in lines)
        pq.write_table(pa.Table.from_batches([BLACKLIST.batch(rows)]), building / _ENTRIES)
        (building / _CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
        for path in (*building.iterdir(), building):
            _sync(path)
        building.rename(folder)
        _sync(folder.parent)

    def point(self, name: str) -> None:
        """Make the link lead to an edition."""
        temporary = self.link.with_name(f".{self.link.name}.tmp")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("editions") / name)
        temporary.replace(self.link)
        _sync(self.out)

    def prune(self, keep: int) -> None:
        """Delete what a crash left behind, and the oldest editions but as many.

        Never the one that the link leads to, nor those that a rollback or another export of the
        same run goes back to.
        """
        on_trial = self.link.name == SHADOW
        cards = []
        for path in (self.out / "editions").iterdir():
            if path.name.startswith("."):
                shutil.rmtree(path)
            elif path.name.endswith("s") == on_trial:
                cards.append(self.card(path.name))
        current = self.current()
        held = {current.name, current.previous, current.base} if current else set()
        cards.sort(key=lambda card: card.made)
        for card in cards[:-keep]:
            if card.name not in held:
                shutil.rmtree(self._folder(card.name))

    def _folder(self, name: str) -> Path:
        return self.out / "editions" / name


def roll_back(editions: Editions) -> tuple[Card, Card]:
    """Put the edition before in force again: (what was, what is); ConfigError if there is none."""
    card = editions.current()
    if card is None:
        raise ConfigError(f"nothing is published in {editions.out}")
    if card.previous is None:
        raise ConfigError(f"{card.name} is the first edition: there is none before it")
    try:
        before = editions.card(card.previous)
    except DamagedError as error:
        raise ConfigError(f"the edition before, {card.previous}, is gone") from error
    editions.point(before.name)
    return card, before


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
