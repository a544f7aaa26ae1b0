"""The window against modelled servers: a review every 0.1 s of made-up time."""

from collections.abc import Callable

import pytest

from stages.dns.window import FIRST, LEAST, Window

TICK = 0.1


class Model:
    """A server that gives each tick what it can and fails the rest, noticed after a lag."""

    def __init__(self, window: Window, rtt: float = 0.03, lag: float = 0.5) -> None:
        self.window, self.rtt, self.lag, self.now = window, rtt, lag, 0.0
        self.pending: list[tuple[float, int, bool]] = []
        self.sizes: list[int] = []

    def run(
        self, ticks: int, *, share: float = 0.0, capacity: float = 1e9, refused: bool = False
    ) -> list[int]:
        """Sizes of the window, the share of questions lost whatever the load is given."""
        first = len(self.sizes)
        for _ in range(ticks):
            self.now += TICK
            offered = max(self.window.room, 0) * TICK / self.rtt
            served = min(offered, capacity * TICK) * (1 - share)
            lag = self.rtt if refused else self.lag
            self.pending.append((self.now + lag, int(offered - served), refused))
            for due in [entry for entry in self.pending if entry[0] <= self.now]:
                self.pending.remove(due)
                for _ in range(due[1]):
                    self.window.blame(due[0] - lag, self.now, refused=due[2])
            self.window.review(self.now, int(served), self.rtt, full=True)
            self.sizes.append(self.window.size)
        return self.sizes[first:]


def test_it_doubles_to_the_most_while_all_goes_well() -> None:
    assert Model(Window(1000)).run(6) == [128, 256, 512, 1000, 1000, 1000]


def test_it_does_not_grow_without_need_nor_without_answers() -> None:
    window = Window(1000)
    for tick in range(50):
        window.review(tick * TICK, 50, 0.03, full=False)
    for tick in range(50, 99):
        window.review(tick * TICK, 0, None, full=True)
    assert window.size == FIRST


@pytest.mark.parametrize("refused", [False, True])
def test_an_overloaded_server_gets_what_it_can_take(refused: bool) -> None:  # noqa: FBT001
    model = Model(Window(1000))
    model.run(20)
    sizes = model.run(600, capacity=2000, refused=refused)  # 60 places, at 30 ms
    assert max(sizes[300:]) < 250
    assert min(sizes) >= LEAST
    assert max(model.run(300)) == 1000  # it climbs again


def test_a_little_loss_changes_nothing() -> None:
    assert set(Model(Window(1000)).run(300, share=0.05)[5:]) == {1000}


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_loss_that_load_does_not_cause_is_tolerated_in_the_end(share: float) -> None:
    sizes = Model(Window(1000)).run(600, share=share)
    assert min(sizes[5:]) < 500
    assert set(sizes[-200:]) == {1000}


def test_a_standing_queue_is_noticed_before_any_loss() -> None:
    window = Window(1000)
    for tick in range(20):
        window.review(tick * TICK, 500, 0.01, full=True)
    for tick in range(20, 40):
        window.review(tick * TICK, 500, 0.2, full=True)
    assert window.size < 300


def test_a_longer_way_becomes_usual() -> None:
    window = Window(1000)
    for tick in range(20):
        window.review(tick * TICK, 500, 0.01, full=True)
    for tick in range(20, 1500):
        window.review(tick * TICK, 500, 0.1, full=True)
    assert window.size == 1000


def test_refusals_keep_their_places_for_a_while() -> None:
    window = Window(1000)
    for tick in range(10):
        window.review(tick * TICK, 500, 0.01, full=True)
    for _ in range(2000):
        window.blame(1.0, 1.0, refused=True)
    window.review(1.1, 100, 0.01, full=True)
    assert window.room < 0 < window.size
    for tick in range(12, 90):
        window.review(tick * TICK, 100, 0.01, full=True)
    assert window.room > LEAST


@pytest.mark.parametrize("most", [1, 4, 20])
def test_a_small_most_is_never_exceeded(most: int) -> None:
    model = Model(Window(most))
    sizes: Callable[..., list[int]] = model.run
    assert max(sizes(50) + sizes(50, share=0.6) + sizes(50)) <= most
    assert min(model.sizes) >= 1
