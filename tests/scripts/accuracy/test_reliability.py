"""Reliability by hand."""

import pytest

from scripts.accuracy.reliability import reliability


def test_bins_brier_score_and_calibration_error() -> None:
    said = [(0.95, True), (0.95, True), (0.95, False), (0.25, False), (1.0, True)]
    found = reliability(said)
    assert [b.domains for b in found.bins] == [1, 4]
    assert [b.mean for b in found.bins] == pytest.approx([0.25, 0.9625])
    assert [b.right for b in found.bins] == [0.0, 0.75]
    assert found.brier == pytest.approx((2 * 0.05**2 + 0.95**2 + 0.25**2) / 5)
    assert found.error == pytest.approx((0.25 + 4 * 0.2125) / 5)
