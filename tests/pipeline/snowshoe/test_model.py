"""Train, score, evaluate on a warehouse of made-up nights."""

import json
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from pipeline.cli import cli
from pipeline.errors import ConfigError
from pipeline.snowshoe import listings as labels
from pipeline.snowshoe.evaluate import findings, report
from pipeline.snowshoe.experiment import Experiment, Plan, of_model, of_procedure
from pipeline.snowshoe.runs import nights
from pipeline.snowshoe.score import score_run
from pipeline.snowshoe.storage import Kept, load
from pipeline.snowshoe.train import Order, train
from pipeline.warehouse import Warehouse
from schemas.snowshoe import FEATURES, SNOWSHOE
from schemas.snowshoe_scores import SNOWSHOE_SCORES
from stages.inference.snowshoe.cautions import Kind
from stages.inference.snowshoe.evaluation.page import page
from stages.inference.snowshoe.evaluation.result import Result
from stages.inference.snowshoe.matrix import column
from stages.inference.snowshoe.tail import Limits
from stages.inference.snowshoe.training import Recipe
from tests.pipeline.command import mailcensus
from tests.pipeline.snowshoe.shelf import put_night, run_of, shelve
from tests.stages.inference.snowshoe.fabric import DAY, fabric, night

QUIET = Console(quiet=True)
FABRIC = fabric(ordinary=900, letters=40, campaigns=60)
LIMITS = Limits(quantile=0.95)
RECIPE = Recipe("decision_tree")
PAST, LATER = f"{run_of(0)}..{run_of(14)}", f"{run_of(22)}..{run_of(28)}"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return shelve(tmp_path_factory.mktemp("snowshoe") / "W", FABRIC, range(0, 30, 2))


@pytest.fixture(scope="module")
def model(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "M"
    train(warehouse, Order(PAST, RECIPE, LIMITS), out, QUIET)
    return out


@pytest.fixture(scope="module")
def kept(model: Path) -> Kept:
    return load(model)


def plan(warehouse: Warehouse, *, keep_known: bool = False, gap: int = 7) -> Plan:
    listings = labels.load(warehouse)
    return Plan(listings, nights(warehouse, LATER), gap, DAY + 14, keep_known)


def found(experiment: Experiment, of: Plan) -> Result:
    """The figures alone: pictures take longer than all else."""
    return findings(experiment, of).result


def kinds(result: Result) -> set[Kind]:
    return {each.kind for each in result.cautions}


def test_a_model_is_all_there_and_says_what_it_was_made_from(model: Path, kept: Kept) -> None:
    assert {path.name for path in model.iterdir()} == {
        "model.json", "classifier.skops", "samples.parquet", "reference.parquet", "card.md",
        "tails.png",
    }  # fmt: skip
    said = kept.model.manifest
    assert [run.id for run in said.runs] == [run_of(number) for number in range(0, 15, 2)]
    assert said.labels.sources == ["list"]
    assert said.labels.until == run_of(14)
    assert said.listed + said.unlisted == kept.samples.num_rows
    assert sum(kept.samples["listed"].to_pylist()) == said.listed > 30
    domains = kept.samples["domain"].to_pylist()
    assert len(domains) == len(set(domains))
    assert {run.synthetic for run in said.runs} == {None}
    assert (model / "tails.png").read_bytes().startswith(b"\x89PNG")


def test_what_was_known_later_was_not_learnt(kept: Kept) -> None:
    day = dict(zip(FABRIC.names, FABRIC.listed, strict=True))
    for row in kept.samples.to_pylist():
        assert row["listed"] == (0 <= day[row["domain"]] <= DAY + 14)


def test_scores_are_a_table_of_the_run_put_in_place_whole(warehouse: Warehouse, kept: Kept) -> None:
    run = warehouse.run(run_of(28))
    score_run(run, kept.model, QUIET)
    tiers = score_run(run, kept.model, QUIET)
    assert warehouse.files(run.table(SNOWSHOE_SCORES)) == [run.inferred(SNOWSHOE_SCORES)]
    rows = pq.read_table(run.inferred(SNOWSHOE_SCORES), partitioning=None)
    assert rows.num_rows == night(FABRIC, 28).num_rows == tiers.total()
    assert rows.schema.equals(SNOWSHOE_SCORES.schema)
    metadata = rows.schema.metadata
    assert metadata[b"mailcensus.model"].decode() == kept.model.manifest.files["classifier.skops"]
    assert b"mailcensus.columns" in metadata
    assert rows["probability"].null_count < rows.num_rows


@pytest.fixture(scope="module")
def procedure(warehouse: Warehouse) -> Experiment:
    past = nights(warehouse, PAST)
    return of_procedure(past, [RECIPE, Recipe("naive_bayes")], LIMITS, plan(warehouse), QUIET)


class Written(NamedTuple):
    """A report."""

    result: Result
    folder: Path


@pytest.fixture(scope="module")
def written(
    warehouse: Warehouse, procedure: Experiment, tmp_path_factory: pytest.TempPathFactory
) -> Written:
    folder = tmp_path_factory.mktemp("reports") / "R"
    return Written(report(procedure, plan(warehouse), folder, QUIET), folder)


def test_the_procedure_is_reported(written: Written) -> None:
    result, folder = written
    text = (folder / "report.md").read_text()
    pictures = re.findall(r"\]\((.+\.png)\)", text)
    assert {*pictures, "report.md", "report.json"} == {path.name for path in folder.iterdir()}
    for picture in pictures:
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "report.json").read_text())["gap_days"] == 8
    names = [line.name for line in result.lines]
    assert names[:2] == ["decision_tree", "naive_bayes"]
    assert len(names) == 5
    for name in ("decision tree", "naive Bayes", *names[2:]):
        assert f"| {name} |" in text
    listed = (FABRIC.listed > DAY + 14) & (FABRIC.born <= 28)
    assert result.population.listed == listed.sum()
    known = (FABRIC.listed >= 0) & (FABRIC.listed <= DAY + 14)
    assert result.population.known_before == (known & (FABRIC.born <= 28)).sum()
    here = ((FABRIC.born <= 28) & ~known).sum()
    assert result.population.base_rate == pytest.approx(listed.sum() / here)
    assert result.population.domains == here
    assert not kinds(result) & {Kind.SIBLINGS, Kind.KNOWN_BEFORE, Kind.SYNTHETIC, Kind.SEPARATES}
    assert set(result.drift) == {run_of(number) for number in range(22, 29, 2)}
    assert set(result.drift[run_of(22)]) == set(FEATURES)
    assert text.startswith("# Evaluation of snowshoe detection")


def test_no_sibling_of_what_is_tested_was_trained_on(procedure: Experiment) -> None:
    numbers = procedure.trial.numbers
    assert set(numbers.past) & set(numbers.later)  # campaigns are in both windows
    assert Kind.SIBLINGS not in {each.kind for each in procedure.cautions}


def test_a_kept_model_is_tested_on_strangers(warehouse: Warehouse, kept: Kept) -> None:
    honest = found(of_model(kept, plan(warehouse), QUIET), plan(warehouse))
    assert not kinds(honest) & {Kind.SIBLINGS, Kind.KNOWN_BEFORE}
    assert honest.population.siblings > 0
    assert "by lot" in page(honest)
    everyone = plan(warehouse, keep_known=True)
    flattered = found(of_model(kept, everyone, QUIET), everyone)
    assert {Kind.SIBLINGS, Kind.KNOWN_BEFORE} <= kinds(flattered)
    assert flattered.population.domains > honest.population.domains
    assert "on both sides" in page(flattered)


def test_lead_times_are_those_of_the_lists(procedure: Experiment, written: Written) -> None:
    result = written.result
    assert result.lead.detections >= result.lead.listed
    assert result.sight_until == run_of(40)
    born = dict(zip(FABRIC.names, FABRIC.born, strict=True))
    sightings = procedure.later.window.sightings.to_pydict()
    for domain, day in zip(sightings["domain"], sightings["day"], strict=True):
        first = max(22, born[domain] + born[domain] % 2)  # every other night is there
        assert day == DAY + first


def test_what_was_crawled_on_loopback_is_never_called_detection(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    made_up = shelve(tmp_path / "W", FABRIC, range(0, 30, 7), scope="loopback")
    manifest = train(made_up, Order(f"{run_of(0)}..{run_of(14)}", RECIPE, LIMITS),
                     tmp_path / "M", QUIET)  # fmt: skip
    assert manifest.cautions[0].kind is Kind.SYNTHETIC
    assert "made-up data" in (tmp_path / "M" / "card.md").read_text()
    # The model keeps the mark, even when it is tested on runs that have none.
    honest = plan(warehouse)
    result = found(of_model(load(tmp_path / "M"), honest, QUIET), honest)
    assert result.cautions[0].kind is Kind.SYNTHETIC
    assert page(result).startswith("# Test of snowshoe detection on made-up data")


def test_a_window_in_which_nothing_happens_is_reported_too(
    warehouse: Warehouse, kept: Kept, tmp_path: Path
) -> None:
    """Nobody is listed later, then nobody is a candidate either."""
    usual = plan(warehouse)
    early = usual.listings.filter(column(usual.listings, "first_listed") <= DAY + 14)
    quiet = usual._replace(listings=early)
    nobody = report(of_model(kept, quiet, QUIET), quiet, tmp_path / "1", QUIET)
    assert nobody.population.listed == nobody.population.base_rate == 0
    assert nobody.lines[0].points[0].recall.value is None
    assert {Kind.FEW_LISTED, Kind.FEW_CAMPAIGNS} <= kinds(nobody)
    ordinary = fabric(ordinary=50, letters=0, campaigns=0)
    other = Warehouse.at(str(tmp_path / "W"))
    put_night(other, 22, night(ordinary, 0))
    calm = usual._replace(test=nights(other, run_of(22)))
    none = report(of_model(kept, calm, QUIET), calm, tmp_path / "2", QUIET)
    assert none.population.candidates == none.lead.detections == 0
    assert none.calibration.bins == []


def test_addresses_of_no_public_network_are_made_up_too(tmp_path: Path) -> None:
    warehouse = Warehouse.at(str(tmp_path))
    rows = night(FABRIC, 0)
    at = rows.schema.get_field_index("slash24_group")
    for number, network in enumerate(["127.3.2.0/24", "8.8.8.0/24"]):
        groups = pa.array([network] * rows.num_rows)
        put_night(warehouse, number, rows.set_column(at, "slash24_group", groups))
    found = nights(warehouse, f"{run_of(0)}..{run_of(1)}")
    reasons = [night.used(night.features(), 0).synthetic for night in found]
    assert reasons == ["most of its addresses are of no public network", None]


def test_a_model_that_was_changed_is_refused(model: Path, tmp_path: Path) -> None:
    for name in ("samples.parquet", "reference.parquet", "classifier.skops", "model.json"):
        copy = tmp_path / name
        shutil.copytree(model, copy)
        data = (copy / name).read_bytes()
        (copy / name).write_bytes(data[:-9])
        with pytest.raises(ConfigError, match=r"^model .+"):
            load(copy)
        (copy / name).unlink()
        with pytest.raises(ConfigError, match="No such file"):
            load(copy)


def test_wrong_use_is_one_clear_line(warehouse: Warehouse, model: Path, tmp_path: Path) -> None:
    def refuse(words: str, order: Order, where: Warehouse = warehouse) -> None:
        with pytest.raises(ConfigError, match=words):
            train(where, order, tmp_path / "M", QUIET)

    refuse("no run '1999", Order("1999-01-01..2000-01-01", RECIPE, LIMITS))
    refuse("ends before it begins", Order(f"{run_of(2)}..{run_of(0)}", RECIPE, LIMITS))
    refuse("no listings of nobody", Order(PAST, RECIPE, LIMITS, ("nobody",)))
    refuse("cannot train: .* 0 listed", Order(run_of(0), RECIPE, LIMITS))
    refuse("letters, digits", Order("../..", RECIPE, LIMITS))
    bare = Warehouse.at(str(tmp_path / "W"))
    put_night(bare, 0, night(FABRIC, 0))
    refuse("no blacklist was imported", Order(run_of(0), RECIPE, LIMITS), bare)
    put_night(bare, 0, night(FABRIC, 0).drop_columns("mx_neighbours"))
    with pytest.raises(ConfigError, match="lacks mx_neighbours: infer it again"):
        nights(bare, run_of(0))[0].features()
    bare.write(bare.run(run_of(0)).inferred(SNOWSHOE), b"PAR1 no more")
    with pytest.raises(ConfigError, match="damaged"):
        nights(bare, run_of(0))[0].features()
    bare.remove(bare.run(run_of(0)).inferred(SNOWSHOE))
    refuse("no snowshoe features", Order(run_of(0), RECIPE, LIMITS), bare)
    assert not (tmp_path / "M").exists()
    with pytest.raises(ConfigError, match="is there already"):
        train(warehouse, Order(PAST, RECIPE, LIMITS), model, QUIET)
    with pytest.raises(ConfigError, match="8 days after training"):
        of_model(load(model), plan(warehouse, gap=9), QUIET)


def test_the_words_of_the_command(
    warehouse: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(word: str, *words: object) -> tuple[str, str]:
        cli.main(["snowshoe", word, warehouse.root, *map(str, words)], standalone_mode=False)
        return capsys.readouterr()

    model, out = tmp_path / "M", tmp_path / "R"
    usual = ("--quantile", 0.95, "--algorithm", "naive_bayes", "--labels-until", run_of(15))
    said, steps = say("train", "--runs", PAST, "--out", model, *usual)
    assert "beware: too few listed" in said
    assert "tail of" in steps
    assert load(model).model.manifest.labels.until == run_of(15)
    said, _ = say("score", run_of(26), "--model", model)
    assert "not a suspect" in said
    said, _ = say("evaluate", "--model", model, "--test", LATER, "--out", out)
    assert "report.md" in said
    assert json.loads((out / "report.json").read_text())["gap_days"] == 7
    wrong: tuple[tuple[object, ...], ...] = (
        (), ("--model", model, "--train", PAST), ("--model", tmp_path),
        ("--model", model, "--labels-until", run_of(3)), ("--train", PAST, "--labels-until", "x"),
    )  # fmt: skip
    for words in wrong:
        with pytest.raises(ConfigError):
            say("evaluate", "--test", LATER, "--out", tmp_path / "R3", *words)


def test_wrong_use_ends_with_status_2(warehouse: Warehouse, model: Path) -> None:
    done = mailcensus("snowshoe", "score", warehouse.root, "1999-01-01", "--model", model)
    assert done.returncode == 2
    assert done.stderr.startswith("mailcensus: no run '1999-01-01'")
    assert done.stderr.count("\n") == 1
