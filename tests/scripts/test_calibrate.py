"""Weights that are fitted are those that choices were drawn by."""

import numpy as np
import pytest

from scripts.calibrate import Choice, fitted

TRUE = np.array([2.0, 0.0, -1.0])


def test_weights_are_found_again() -> None:
    random = np.random.default_rng(1)
    found = []
    for _ in range(3000):
        features = random.integers(0, 2, (3, 3)).astype(float)
        odds = np.exp(features @ TRUE)
        found.append(Choice(features, int(random.choice(3, p=odds / odds.sum()))))
    free = fitted(found, [(None, None)] * 3)
    assert free == pytest.approx(TRUE, abs=0.2)
    bounded = fitted(found, [(None, None), (1.0, 1.0), (0.0, None)])
    assert bounded[1:] == pytest.approx([1.0, 0.0])
