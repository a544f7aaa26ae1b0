"""Pictures of tails and evaluations, each as the bytes of a PNG."""

import io
import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.evaluation.detection import PrecisionRecall
from stages.inference.snowshoe.evaluation.reliability import Reliability
from stages.inference.snowshoe.evaluation.survival import Survival
from stages.inference.snowshoe.matrix import Floats
from stages.inference.snowshoe.tail import Cutoff, Tail

_COLUMNS = 4
_DECADES = 5
"""Marked on an axis at most: their numbers are not to run into each other."""
_RED = "#b2182b"
_BLUE = "#2166ac"


MADE_UP = "made-up data: a test of code, no detection performance"


def _png(figure: Figure, *, made_up: bool) -> bytes:
    """``made_up`` writes over a picture that it is of made-up data: it may leave its report."""
    if made_up:
        figure.text(
            0.5, 0.5, MADE_UP, ha="center", va="center", color="grey", alpha=0.5, rotation=25,
            fontsize=16,
        )  # fmt: skip
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def _single(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 5), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes


def tails(reference: Mapping[str, Distribution], tail: Tail, *, made_up: bool) -> bytes:
    """Of each count, which part of the domains has more than so many, and the cut-off."""
    rows = -(-len(tail.cutoffs) // _COLUMNS)
    figure = Figure(figsize=(4 * _COLUMNS, 2.6 * rows), dpi=80)
    figure.subplots_adjust(0.05, 0.03, 0.98, 0.94, wspace=0.25, hspace=0.35)
    for at, cutoff in enumerate(tail.cutoffs, 1):
        axes = figure.add_subplot(rows, _COLUMNS, at)
        _tail(axes, reference[cutoff.feature], cutoff)
    figure.suptitle(
        f"Part of the domains with more than so many; cut-offs at the {tail.limits.quantile:.2%} "
        "quantile, and the part beyond"
    )
    return _png(figure, made_up=made_up)


def _tail(axes: Axes, seen: Distribution, cutoff: Cutoff) -> None:
    axes.set_title(f"{cutoff.feature}: {cutoff.rate:.2%}", fontsize=9)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)
    if cutoff.value is None:
        axes.text(0.5, 0.5, "never known", ha="center", transform=axes.transAxes)
        return
    more = 1 - np.cumsum(seen.counts) / seen.known
    inside = more > 0  # nobody has more than the largest
    axes.set_xscale("symlog", linthresh=1)
    if inside.any():
        axes.step(seen.values, np.where(inside, more, np.nan), where="post", color=_BLUE)
        axes.set_yscale("log")
        _mark_powers(axes.yaxis, float(more[inside].min()), 1.0)
    else:
        said = f"all have {seen.values[-1]:g}"
        axes.text(0.5, 0.5, said, ha="center", transform=axes.transAxes)
    axes.axvline(cutoff.value, color=_RED, linestyle="--")
    _mark_powers(axes.xaxis, 1.0, max(float(seen.values[-1]), cutoff.value, 1.0))


def _mark_powers(axis: Axis, least: float, most: float) -> None:
    """Ticks at powers of ten and no others: those that matplotlib finds take seconds to draw."""
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    powers = range(first, last + 1, -(-(last - first) // _DECADES) or 1)
    axis.set_ticks([10.0**power for power in powers], [f"{10.0**power:g}" for power in powers])
    axis.set_ticks([], minor=True)


def precision_recall(
    curves: Mapping[str, PrecisionRecall], named: Collection[str], rate: float, *, made_up: bool
) -> bytes:
    """Precision at the natural base rate against recall; curves that are not named are grey."""
    figure, axes = _single(
        f"Precision at the natural base rate of {rate:.3%}", "recall of the listed", "precision"
    )
    for name in sorted(curves, key=lambda name: name in named):
        curve = curves[name]
        label = f"{name} ({curve.average:.3f})" if name in named else None
        colour = None if name in named else "lightgrey"
        axes.step(curve.recall, curve.precision, where="post", label=label, color=colour)
    axes.axhline(rate, color="grey", linestyle=":", label="by chance")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(fontsize=7, title="mean precision", title_fontsize=7)
    return _png(figure, made_up=made_up)


def calibration(found: Reliability, *, made_up: bool) -> bytes:
    """Predicted probability against the part listed, with Wilson intervals."""
    figure, axes = _single("Calibration on the test window", "mean probability", "part listed")
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    for each in found.bins:
        low, high = each.listed.low, each.listed.high
        axes.plot([each.predicted] * 2, [low or 0.0, high or 0.0], color=_BLUE, alpha=0.6)
        axes.plot(each.predicted, each.listed.value or 0.0, "o", color=_BLUE)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    return _png(figure, made_up=made_up)


def lead_time(found: Survival, detections: int, *, made_up: bool) -> bytes:
    """Part of the detections that no list has yet, by days since detection."""
    figure, axes = _single(
        f"Lead time over all {detections} detections (Kaplan-Meier)",
        "days from detection to listing; negative: listed first",
        "not listed yet",
    )
    if detections:
        start = min([0.0, *(found.times[:1] - 1)])
        times = np.concatenate([[start], found.times, [found.until]])
        for line, style in ((found.low, ":"), (found.high, ":"), (found.surviving, "-")):
            axes.step(times, _held(line), style, where="post", color=_BLUE)
    else:
        axes.text(0.5, 0.5, "no detection", ha="center", transform=axes.transAxes)
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_ylim(0, 1.02)
    return _png(figure, made_up=made_up)


def _held(line: Floats) -> Floats:
    """A line of steps with 1 before the first, and the last until nobody is watched any more."""
    whole = np.append(1.0, line)
    return np.append(whole, whole[-1])


def drift(features: Sequence[str], runs: Sequence[str], psi: Floats, *, made_up: bool) -> bytes:
    """PSI of each feature in each run, shape (runs, features)."""
    figure = Figure(figsize=(9, 9), dpi=90, layout="constrained")
    axes = figure.add_subplot()
    shown = axes.imshow(psi.T, aspect="auto", vmin=0, vmax=0.5, cmap="Reds")
    axes.set_yticks(range(len(features)), features, fontsize=7)
    axes.set_xticks(range(len(runs)), runs, fontsize=7, rotation=90)
    axes.set_title("Drift from the reference window (PSI; over 0.25 is a shift)")
    figure.colorbar(shown)
    return _png(figure, made_up=made_up)
