"""The model card: what a model is, what it was made from, and what it is not for."""

from collections.abc import Iterator

from stages.inference.snowshoe.classifiers import ALGORITHMS
from stages.inference.snowshoe.evaluation.page import cautions, cutoffs, runs
from stages.inference.snowshoe.model import Manifest


def card(manifest: Manifest) -> str:
    """The card, as Markdown."""
    return "\n".join(
        [
            f"# Snowshoe model, {ALGORITHMS[manifest.recipe.algorithm].text}",
            "",
            *cautions(manifest.cautions),
            *_is(manifest),
            *_is_not(),
            "## Cut-offs",
            "",
            *cutoffs(manifest.tail),
            "![The tails, with their cut-offs](tails.png)",
            "",
        ]
    )


def _is(manifest: Manifest) -> Iterator[str]:
    made_with = ", ".join(f"{name} {is_}" for name, is_ in manifest.versions.items())
    tiers = manifest.tiers
    yield from ("## What it is", "")
    yield (
        "A classifier of domains in the long tail of their own DNS records, by "
        f"{len(manifest.features)} features. It says how likely a blacklist comes to name a "
        "candidate, by how those looked that lists named. Features, tail and algorithm are a "
        'reconstruction of those of "Melting the Snow" (NOMS 2018), whose parameters are not '
        "public."
    )
    yield ""
    yield f"- Made {manifest.made} with {made_with}; schema version {manifest.schema_version}."
    yield f"- Runs: {runs(manifest.runs)}."
    yield (
        f"- Labels: {', '.join(manifest.labels.sources)}, as known on {manifest.labels.until} "
        f"(SHA-256 {manifest.labels.sha256[:16]}…)."
    )
    yield (
        f"- Samples: {manifest.listed:,} listed candidates of {manifest.campaigns:,} campaigns, "
        f"{manifest.unlisted:,} unlisted ones; once a domain."
    )
    yield (
        f"- Probability: log-odds = {manifest.curve.slope:.4g} · score "
        f"{manifest.curve.intercept:+.4g}, fitted on samples whose campaign was not trained on."
    )
    yield f"- Tiers: low from {tiers.low}, medium from {tiers.medium}, high from {tiers.high}."
    yield f"- Seed {manifest.recipe.seed}; the same input gives the same scores."
    yield ""


def _is_not() -> Iterator[str]:
    yield from ("## What it is not", "")
    yield "- It says nothing of domains below the cut-offs: small campaigns pass unseen."
    yield "- Unlisted samples were taken for negatives; some are spam that no list had found."
    yield "- Blacklists, neighbours and age are no features; a list's taste is learnt all the same."
    yield "- How well it detects is told by `mailcensus snowshoe evaluate`, on later runs."
    yield ""
