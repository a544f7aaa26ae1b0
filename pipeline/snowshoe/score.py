"""`snowshoe score`: what a model says of a run, as its table snowshoe_scores."""

from collections import Counter

from rich.console import Console

from pipeline.forecast import Times
from pipeline.snowshoe import listings as labels
from pipeline.snowshoe.runs import Night
from pipeline.steps import Steps
from pipeline.warehouse import Run
from schemas.snowshoe_scores import SNOWSHOE_SCORES
from stages.inference.snowshoe.model import CLASSIFIER, Model
from stages.inference.snowshoe.scored import scores


def score_run(run: Run, model: Model, console: Console) -> Counter[str]:
    """Write the scores of a run in place of earlier ones; domains by tier."""
    night = Night.of(run)
    times = Times.load(run.warehouse, "snowshoe score", 1)
    with Steps(console, times) as steps:
        steps.begin("reading")
        rows = night.features()
        listings = labels.load(run.warehouse)
        steps.begin("scoring")
        table = scores(rows, model, listings, night.day)
        steps.begin("writing")
        metadata = {**(table.schema.metadata or {}), **_metadata(model)}
        path = run.inferred(SNOWSHOE_SCORES)
        run.warehouse.write_parquet(path, table.replace_schema_metadata(metadata))
    return Counter(table["tier"].to_pylist())


def _metadata(model: Model) -> dict[str, str]:
    said = model.manifest
    synthetic = [run.synthetic for run in said.runs if run.synthetic]
    return {
        "mailcensus.model": said.files[CLASSIFIER],
        "mailcensus.model_made": said.made,
        "mailcensus.algorithm": said.recipe.algorithm,
        "mailcensus.synthetic": synthetic[0] if synthetic else "",
    }
