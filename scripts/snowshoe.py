"""Snowshoe detection from end to end over nights of the world, with the real commands.

    python -m scripts.snowshoe DIR --nights 8 --size 1000 --rate 0.04

Each night is served, crawled with plan full and inferred, and what blacklists say that night is
imported; with --offline answers come from memory (scripts.world.nights.survey), in a fraction of
the time and without SMTP. Then a model learns from all nights but the last, scores the last, and
the blacklist is published from it. How such models are made is evaluated on the last night, with
those for training that lie a week before. DIR/warehouse, DIR/model, DIR/list and DIR/report are
left to look at. The world is made up: this shows that the parts fit together, not how well snowshoe
spam is detected.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from pipeline.cli import Exit, cli
from pipeline.errors import ConfigError
from pipeline.warehouse import Warehouse
from scripts.demo import mailcensus, serving
from scripts.world.nights.files import Parameters, folder, write_nights
from scripts.world.nights.model import date_of
from scripts.world.nights.survey import survey

ZONE = "snowshoe.example"
"""Of the blacklist."""
_UNUSED_PORT = 5300
_QUANTILE = 0.7
"""Where the tail begins: in small worlds campaigns are a large part of all domains."""
_GAP = 7
"""Days between what an evaluation trains on and what it tests, as is usual."""
_POLICY = """\
publish_from = "low"
largest_jump = 1.0
"""
"""A small world has few suspects, and their number changes much."""


Command = Callable[..., int]
"""Runs a word of mailcensus; its exit status."""


def here(*words: object) -> int:
    """Run the command in this process, which saves its start."""
    try:
        status = cli.main([str(word) for word in words], standalone_mode=False)
    except ConfigError as error:
        print(f"mailcensus: {error}", file=sys.stderr)
        return int(Exit.WRONG_USE)
    return status if isinstance(status, int) else int(Exit.COMPLETE)


class Loop:
    """The steps over one directory."""

    def __init__(
        self, directory: Path, parameters: Parameters, command: Command = mailcensus
    ) -> None:
        self.directory = directory
        self.parameters = parameters
        self._command = command
        self.warehouse = directory / "warehouse"
        self.model = directory / "model"
        self.list = directory / "list"
        self.report = directory / "report"
        self.runs = [
            date_of(number * parameters.apart).isoformat() for number in range(parameters.how_many)
        ]

    def measure(self) -> None:
        """Crawl and infer all nights, and import what lists say on each."""
        write_nights(self.parameters, self.directory, _UNUSED_PORT)
        for number, run in enumerate(self.runs, 1):
            place = folder(self.directory, number)
            with serving("serve-night", self.directory, number):
                self._must(
                    "crawl", place / "seeds.csv", "--warehouse", self.warehouse, "--run", run,
                    "--config", place / "mailcensus.toml", "--plan", "full",
                )  # fmt: skip
            self._digest(number)

    def survey(self) -> None:
        """The same with answers from memory."""
        for night in self.parameters.nights():
            place = folder(self.directory, night.number)
            survey(night, place, Warehouse.at(str(self.warehouse)))
            self._digest(night.number)

    def publish(self) -> None:
        """Learn from the past, score the last night, publish."""
        past, today = f"{self.runs[0]}..{self.runs[-2]}", self.runs[-1]
        self._must(
            "snowshoe", "train", self.warehouse, "--runs", past, "--out", self.model,
            "--quantile", _QUANTILE,
        )  # fmt: skip
        self._must("snowshoe", "score", self.warehouse, today, "--model", self.model)
        policy = self.directory / "policy.toml"
        policy.write_text(_POLICY, encoding="utf-8")
        self._must(
            "snowshoe", "export", self.warehouse, today, "--out", self.list, "--zone", ZONE,
            "--policy", policy,
        )  # fmt: skip

    def evaluate(self, algorithms: Sequence[str] = ()) -> None:
        """Test on the last night what nights a week before it teach; by all algorithms if none."""
        apart, last = self.parameters.apart, len(self.runs) - 1
        past = [run for at, run in enumerate(self.runs) if (last - at) * apart >= _GAP]
        if not past:
            print(f"no night lies {_GAP} days before the last: nothing is evaluated", flush=True)
            return
        named = [word for each in algorithms for word in ("--algorithm", each)]
        self._must(
            "snowshoe", "evaluate", self.warehouse, "--train", f"{past[0]}..{past[-1]}", "--test",
            self.runs[-1], "--out", self.report, "--quantile", _QUANTILE, "--gap", _GAP, *named,
        )  # fmt: skip

    def _digest(self, number: int) -> None:
        """Infer a night, and import what lists say on it; an empty one cannot be imported."""
        run = self.runs[number - 1]
        self._must("infer", self.warehouse, run)
        for path in sorted((folder(self.directory, number) / "lists").iterdir()):
            words = ("labels", self.warehouse, path, "--source", path.stem, "--date", run)
            if self._command("snowshoe", *words):
                print(f"{path.name} of {run} was not imported", flush=True)

    def _must(self, *words: object) -> None:
        """Run a command; end with its status if that is not 0."""
        if status := self._command(*words):
            sys.exit(status)


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--nights", "count", default=8, show_default=True, type=click.IntRange(2))
@click.option("--size", default=1000, show_default=True, help="Domains of the first night.")
@click.option("--seed", default=1, show_default=True)
@click.option("--rate", default=0.04, show_default=True, help="Part of them in campaigns.")
@click.option("--apart", default=3, show_default=True, help="Days from one night to the next.")
@click.option("--offline", is_flag=True, help="Without the network.")
@click.option("--algorithm", multiple=True, help="To evaluate; all twelve by default.")
def main(  # noqa: PLR0913 - a parameter is an option of the command
    directory: Path,
    *,
    count: int,
    size: int,
    seed: int,
    rate: float,
    apart: int,
    offline: bool,
    algorithm: tuple[str, ...],
) -> None:
    """Measure nights of the world, learn from the past, score the last night, publish, evaluate."""
    parameters = Parameters(size, seed, count, rate, apart)
    if offline:
        loop = Loop(directory, parameters, here)
        loop.survey()
    else:
        loop = Loop(directory, parameters)
        loop.measure()
    loop.publish()
    loop.evaluate(algorithm)


if __name__ == "__main__":
    main()
