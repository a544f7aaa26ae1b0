"""How many questions a server gets at once: what it can take is found out, not configured.

The window grows while it is full, answers come and nothing goes wrong: twofold up to the size
that last made trouble, then by a few places (slow start and additive increase, RFC 5681). It
shrinks by a third

- when answers queue: when even the quickest of a while takes twice the usual time and more (the
  least delay tells a standing queue from slow names; CoDel, RFC 8289), so before any is lost;
- when more than a few questions fail here and are answered when asked again.

A question that fails wherever it is asked speaks of its domain, not of a server: a wave of lame
domains changes nothing. Nor does loss that has other causes than load: where a few cuts in a row
took as much from what is answered as from the window, loss of that degree is tolerated.

No IO and no clock: moments are given, in seconds of one clock.
"""

from typing import Final

FIRST: Final = 64
"""Size for a server about which nothing is known."""
LEAST: Final = 16
"""Size below which it is not cut."""

_STEPS = 32  # parts of the window, one of which is added at a time once it has been cut
_LEAST_STEP = 4
_CUT = 0.7
_QUEUE = 0.05  # seconds in a queue, beside twice the usual time, that are too many
_STANDING = 3  # reviews in a row that find a queue; one may find our own process stalled
_TOLERATED = 0.1  # share of questions that may fail here and not elsewhere
_EVIDENCE = 20  # questions that say something about a share
_MEMORY = 0.9  # of the tallies, from review to review
_PAUSE = 0.1  # seconds to count for at least before another cut
_FORGET = 0.0002  # of the way back to the usual tolerance, from review to review
_DRIFT = 0.002  # of the usual time towards a longer one, so that a new route becomes usual


class Window:
    """The size, to be reviewed some ten times a second.

    size:   places in all.
    room:   places that may be taken now. A refusal comes at once and would free its place for
            the next question at once; beyond what is tolerated it keeps it for about a second.
    """

    __slots__ = (
        "_answers",
        "_baseline",
        "_blames",
        "_counts_from",
        "_cut_at",
        "_failing",
        "_held_until",
        "_lag",
        "_most",
        "_queued",
        "_refusals",
        "_threshold",
        "_tolerated",
        "_usual",
        "room",
        "size",
    )

    def __init__(self, most: int) -> None:
        self._most = most
        self._threshold = most
        self._usual: float | None = None
        self._tolerated = _TOLERATED
        self._answers = self._blames = self._refusals = self._lag = 0.0
        self._cut_at = self._counts_from = self._held_until = float("-inf")
        self._queued = 0
        self._failing = False
        self._baseline: tuple[int, float] | None = None
        """Size and answers at the second cut of several in a row, when tallies are fresh."""
        self.size = self.room = min(FIRST, most)

    def restart(self, size: int) -> None:
        """Begin again with a size, for a server that was silent."""
        self.size = self.room = min(size, self._most)
        self._threshold = self._most

    def blame(self, sent: float, now: float, *, refused: bool) -> None:
        """A question sent then failed here, by a refusal or by silence, and was answered later."""
        self._refusals += refused
        if sent >= self._cut_at:
            self._blames += 1
            self._lag = now - sent

    def review(self, now: float, answers: int, least: float | None, *, full: bool) -> None:
        """Judge what happened since the last review.

        answers came, the quickest after so many seconds; full: places were wanting.
        """
        if now < self._counts_from:  # answers to questions sent before the last cut
            answers = 0
        self._answers = self._answers * _MEMORY + answers
        self._blames *= _MEMORY
        self._refusals *= _MEMORY
        share = self._share()
        if now >= self._held_until:
            self._resize(now, share, least, full=full and answers > 0)
        self.room = self.size - (int(self._refusals) if share > self._tolerated else 0)

    def _resize(self, now: float, share: float, least: float | None, *, full: bool) -> None:
        failing = share > self._tolerated
        queueing = self._queueing(least)
        if failing and self._in_vain():
            self._tolerated = min(1.5 * share, 0.95)
            self._threshold, self._baseline = self._most, None
        elif failing or queueing:
            self._cut(now, self._lag if failing else 2 * (least or 0), failing=failing)
        else:
            self._tolerated += (_TOLERATED - self._tolerated) * _FORGET
            self._failing, self._baseline = False, None
            if full:
                self._grow(now)

    def _cut(self, now: float, lag: float, *, failing: bool) -> None:
        """Shrink, and count anew when what is sent from now on has come to an end."""
        if failing and self._failing and self._baseline is None:
            self._baseline = self.size, self._answers
        self._failing = failing
        self.size = self._threshold = max(min(LEAST, self._most), int(self.size * _CUT))
        self._cut_at = now
        self._counts_from = now + lag
        self._held_until = now + lag + (max(lag, _PAUSE) if failing else 0)
        self._answers = self._blames = 0.0

    def _grow(self, now: float) -> None:
        if self.size < self._threshold:
            aim = min(2 * self.size, self._threshold)
        else:
            aim = self.size + max(self.size // _STEPS, _LEAST_STEP)
        self.size = min(aim, self._most)
        self._held_until = now + (self._usual or 0)

    def _share(self) -> float:
        """Of questions that somebody could answer, those that this server could not."""
        known = self._answers + self._blames
        return self._blames / known if known >= _EVIDENCE else 0.0

    def _in_vain(self) -> bool:
        """Whether cuts by two thirds took as much from the answers: load is not the cause."""
        if self._baseline is None or not self._answers:
            return False
        size, answers = self._baseline
        left = self.size / size
        return self.size <= max(size * _CUT**3 + 1, LEAST) and self._answers < answers * (
            (1 + left) / 2
        )

    def _queueing(self, least: float | None) -> bool:
        """Whether a queue stands: the quickest answer is slow, over and over (CoDel, RFC 8289)."""
        if least is None:
            return False
        if self._usual is None or least < self._usual:
            self._usual = least
        self._usual += (least - self._usual) * _DRIFT
        self._queued = self._queued + 1 if least > 2 * self._usual + _QUEUE else 0
        return self._queued >= _STANDING
