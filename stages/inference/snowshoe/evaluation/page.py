"""The report of an evaluation, as Markdown."""

from collections.abc import Iterable, Iterator

from stages.inference.snowshoe.cautions import DRIFTED, Caution, Kind
from stages.inference.snowshoe.classifiers import ALGORITHMS
from stages.inference.snowshoe.evaluation.detection import TARGETS, Point
from stages.inference.snowshoe.evaluation.result import Line, Result, drifted
from stages.inference.snowshoe.model import RunUsed
from stages.inference.snowshoe.tail import Tail

PICTURES = {
    "tails.png": "The tails, with their cut-offs",
    "precision-recall.png": "Precision and recall",
    "calibration.png": "Calibration",
    "lead-time.png": "Lead time",
    "drift.png": "Drift",
}
_PROTOCOL = {
    "procedure": (
        "Trained on the first window, tested on the second; campaigns are dealt into three folds, "
        "and what is tested was scored by a classifier that saw none of its campaign."
    ),
    "model": (
        "A model that is kept, on later runs; candidates of campaigns it was trained on left out."
    ),
}


def page(result: Result) -> str:
    """The report."""
    return "\n".join(
        [
            f"# {_title(result)}",
            "",
            'Features, tail and algorithms are a reconstruction of those of "Melting the Snow".',
            "",
            *cautions(result.cautions),
            *_setting(result),
            *_findings(result),
            *_lead(result),
            *_calibration(result),
            *_drift(result),
            "## Cut-offs",
            "",
            *cutoffs(result.tail),
            *_picture("tails.png"),
        ]
    )


def _title(result: Result) -> str:
    if any(each.kind is Kind.SYNTHETIC for each in result.cautions):
        return "Test of snowshoe detection on made-up data"
    return "Evaluation of snowshoe detection"


def cautions(found: Iterable[Caution]) -> Iterator[str]:
    """What to beware of, first of all."""
    found = list(found)
    if not found:
        yield from ("No caution was found necessary.", "")
        return
    yield from ("## Beware", "")
    yield from (f"- **{each.kind.meaning}** ({each.kind}): {each.text}" for each in found)
    yield ""


def cutoffs(tail: Tail) -> Iterator[str]:
    """The table of cut-offs."""
    limits = tail.limits
    yield (
        f"Beyond the {limits.quantile:.2%} quantile of any count; counts of infrastructure that "
        f"{limits.shared:.2%} of the domains (50 at least) share, MX counts of known operators and "
        f"domains of rank {limits.popular:,} and better are left out."
    )
    yield from ("", "| count | more than | known | beyond | rate |", "|---|--:|--:|--:|--:|")
    for cutoff in tail.cutoffs:
        value = "never known" if cutoff.value is None else f"{cutoff.value:,.0f}"
        yield (
            f"| {cutoff.feature} | {value} | {cutoff.known:,} | {cutoff.beyond:,} | "
            f"{cutoff.rate:.3%} |"
        )
    yield ""


def runs(used: list[RunUsed]) -> str:
    """A window in words."""
    return f"{used[0].id} to {used[-1].id} ({len(used)} runs)"


def _picture(name: str) -> list[str]:
    return [f"![{PICTURES[name]}]({name})", ""]


def _setting(result: Result) -> Iterator[str]:
    who = result.population
    yield from ("## What was tested", "", _PROTOCOL[result.protocol], "")
    yield f"- Training: {runs(result.training)}; labels known until {result.labels.until}."
    yield (
        f"- Test: {runs(result.testing)}, {result.gap_days} days later; "
        f"lists seen until {result.sight_until}."
    )
    yield (
        f"- Lists: {', '.join(result.labels.sources)}. Listed is what they say; "
        "unlisted is not benign."
    )
    yield (
        f"- {who.domains:,} domains, {who.listed:,} of them listed later, of {who.campaigns:,} "
        f"campaigns; natural base rate {who.base_rate:.4%}."
    )
    yield (
        f"- {who.candidates:,} candidates of the tail hold {who.listed_candidates:,} of the "
        "listed: more no classifier behind the tail can find."
    )
    yield (
        f"- {who.known_before:,} domains were listed before training ended, {who.siblings:,} "
        "candidates have siblings in training."
    )
    if who.drawn:
        yield (
            f"- As such candidates are left out, so are {who.drawn:,} other unlisted domains, by "
            "lot: false-positive rates stay parts of all unlisted domains."
        )
    yield ""


def _findings(result: Result) -> Iterator[str]:
    yield from ("## What is found", "")
    yield (
        "Precision at the natural base rate and recall, with 95 % intervals, at fixed "
        "false-positive rates among the unlisted. ? marks rates too low for so few domains."
    )
    heads = " | ".join(f"precision at {target:g} | recall" for target in TARGETS)
    yield from ("", f"| detection | mean precision | {heads} | CPU s |")
    yield "|---|--:|" + "--:|" * (2 * len(TARGETS) + 1)
    for each in sorted(
        result.lines, key=lambda each: (not each.classifier, -each.average_precision)
    ):
        yield _row(each)
    yield ""
    chosen = next(each for each in result.lines if each.name == result.algorithm)
    some = chosen.points[0].campaigns
    yield f"Campaigns of which {result.algorithm} finds a domain at {TARGETS[0]:g}: {some}."
    yield from ("", *_picture("precision-recall.png"))


def _row(each: Line) -> str:
    name = ALGORITHMS[each.name].text if each.classifier else each.name
    seconds = "" if each.cpu_seconds is None else f"{each.cpu_seconds:.1f}"
    cells = " | ".join(f"{_precision(p)} | {p.recall}" for p in each.points)
    return f"| {name} | {each.average_precision:.3f} | {cells} | {seconds} |"


def _precision(found: Point) -> str:
    return f"{found.precision}{'' if found.resolved else ' ?'}"


def _lead(result: Result) -> Iterator[str]:
    lead = result.lead
    yield from ("## Lead time", "")
    yield (
        f"At the threshold for a false-positive rate of {lead.target:g}, passed by any look: "
        f"{lead.detections:,} detections, {lead.listed:,} of them listed so far; all count, the "
        "others are censored. Whom a list named before training ended is not among them."
    )
    if lead.detections:
        half, quarter = _days(lead.median_days), _days(lead.quarter_days)
        yield (
            f"A quarter is listed {quarter}, half {half}; "
            f"{lead.listed_before or 0:.1%} were listed before they were detected, "
            f"{lead.never_yet or 0:.1%} are not at the end."
        )
    yield from ("", *_picture("lead-time.png"))


def _days(days: float | None) -> str:
    return "at no time in sight" if days is None else f"by day {days:+.0f} after detection"


def _calibration(result: Result) -> Iterator[str]:
    found = result.calibration
    yield from ("## Calibration", "")
    if found.error is not None:
        yield f"Mean error {found.error:.3f}, Brier score {found.brier:.4f}, over candidates."
        yield (
            "The probability is that of any listing; listed is here who came to be after training, "
            "as far as lists were seen: too high a probability may be lists that are late."
        )
    yield from ("", *_picture("calibration.png"))


def _drift(result: Result) -> Iterator[str]:
    moved = drifted(result.drift, DRIFTED)
    yield from ("## Drift", "")
    yield (
        f"Features whose PSI passes {DRIFTED} in any run of the test window: "
        f"{', '.join(moved) or 'none'}."
    )
    yield from ("", *_picture("drift.png"))
