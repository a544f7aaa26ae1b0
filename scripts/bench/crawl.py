"""CPU and memory of a whole crawl, SMTP off, Parquet committed, against NSD on the other core.

    python -m scripts.bench.crawl [--size N]… [--names FILE] [--world DIR]
    python -m scripts.bench.crawl --size 1394833 --kill
    python -m scripts.bench.crawl --size 200000 --delay 0.03 --loss 0.01
    python -m scripts.bench.crawl --size 100000 --plan policy --keep DIR

One world of all the names is written and served; each size is every n-th name of it. A line a
size says what the command took: CPU per question that NSD was sent and per seed, peak memory,
wall time. Then how many bytes each further seed costs. Every crawl is checked against the truth.

With --kill the largest crawl is repeated, killed half-way (SIGKILL) and resumed: its tables
must hold the same. With --delay and --loss the largest crawl is done through a link without and
with them, in turns, and the paces are compared.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click

from scripts.bench.census import Crawl, Figures, measured, scene, write_config
from scripts.bench.dns_link import link
from scripts.bench.machine import description
from scripts.bench.names import NAMES, seed_names
from scripts.bench.verdict import contents, disagreements
from scripts.world.files import write_given
from scripts.world.nsd import Nsd

_SIZES = (10_000, 100_000, 350_000, 700_000, NAMES)
_LINE_FROM = 100_000
"""Seeds from which on memory is taken for a line: below, it is buffers that are still growing."""
_HEAD = "    seeds   questions  us/question  us/seed  peak MB  wall s  seeds/s  MB on disk"


class Bench(NamedTuple):
    """Where crawls are measured."""

    place: Path
    """For seed lists and warehouses."""
    world: Path
    server: Nsd
    plan: str = "mail"

    def crawl(
        self, name: str, size: int, *, port: int | None = None, in_flight: int | None = None
    ) -> Crawl:
        """A crawl of a part of the world's names into a warehouse of its own."""
        seeds, config = self.place / f"{size}.txt", self.place / "mailcensus.toml"
        write_config(self.world, config, in_flight)
        seeds.write_text("".join(_part(self.world, size)), encoding="utf-8")
        nameserver = f"{self.server.address}:{port or self.server.port}"
        return Crawl(seeds, self.place / name, nameserver, config, self.plan)

    def check(self, crawl: Crawl) -> None:
        """Raises SystemExit unless a crawl is right. The memory it takes is another process's."""
        wrong = _wrong(crawl, self.world, self.server)
        if wrong:
            raise SystemExit("the crawl is wrong:\n" + "\n".join(wrong[:20]))


def _part(world: Path, size: int) -> Iterator[str]:
    """Every n-th seed of a world, one a line."""
    path = world / "seeds.csv"
    total = sum(1 for _ in path.open("rb"))
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number * size // total != (number + 1) * size // total:
                yield line.partition(",")[2]


def _wrong(crawl: Crawl, world: Path, server: Nsd) -> list[str]:
    """What is wrong with a crawl, found out by a process whose memory is not ours to keep."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(
            disagreements, crawl.warehouse, world, (server.address, server.port)
        ).result()


def sizes(bench: Bench, chosen: Sequence[int]) -> None:
    """Print a line a size, and the memory of each further seed."""
    print(_HEAD)
    taken = []
    for size in sorted(chosen):
        crawl = bench.crawl(f"of-{size}", size)
        figures = measured(crawl, bench.server)
        _print(figures)
        bench.check(crawl)
        taken.append(figures)
    for small, large in pairwise(f for f in taken if f.seeds >= _LINE_FROM):
        slope = (large.memory - small.memory) / (large.seeds - small.seeds)
        print(f"{small.seeds:,} to {large.seeds:,} seeds: {slope:.0f} bytes a further seed")


def killed(bench: Bench, size: int) -> None:
    """Print what a crawl takes that is killed half-way and resumed, and compare its tables."""
    print(_HEAD)
    whole = bench.crawl("undisturbed", size)
    figures = measured(whole, bench.server)
    _print(figures)
    bench.check(whole)
    broken = bench.crawl("killed", size)
    _print(measured(broken, bench.server, kill_at=size // 2), "killed")
    _print(measured(broken, bench.server), "resumed")
    bench.check(broken)
    here, there = contents(whole.warehouse), contents(broken.warehouse)
    for table, (rows, _) in here.items():
        print(f"{table}: {rows:,} rows, {'the same' if here[table] == there[table] else 'OTHER'}")
    if here != there:
        raise SystemExit(f"the tables differ: {here} and {there}")


class Slow(NamedTuple):
    """A link that is measured against one without delay and loss."""

    delay: float
    loss: float
    in_flight: int
    runs: int


def through_link(bench: Bench, size: int, slow: Slow) -> None:
    """Print paces through a link without and with delay and loss, in turns, and their ratio."""
    print(_HEAD)
    ratios = []
    for run in range(slow.runs):
        paces: list[float] = []
        for conditions in ((0.0, 0.0), (slow.delay, slow.loss)):
            with link(bench.server.port, *conditions) as port:
                name = f"link-{run}-{len(paces)}"
                crawl = bench.crawl(name, size, port=port, in_flight=slow.in_flight)
                figures = measured(crawl, bench.server)
            _print(figures, f"delay {1000 * conditions[0]:.0f} ms, loss {conditions[1]:.1%}")
            bench.check(crawl)
            paces.append(figures.pace)
        ratios.append(paces[1] / paces[0])
    spread = f"median of {slow.runs}; {min(ratios):.2f}-{max(ratios):.2f}"
    print(f"pace with delay and loss / without: {median(ratios):.2f} ({spread})")


def _print(f: Figures, remark: str = "") -> None:
    print(
        f"{f.seeds:9,}  {f.questions:10,}  {1e6 * f.cpu / f.questions:11.1f}"
        f"  {1e6 * f.cpu / f.seeds:7.0f}  {f.memory / 1e6:7.0f}  {f.wall:6.1f}"
        f"  {f.pace:7,.0f}  {f.disk / 1e6:10.0f}  {remark}",
        flush=True,
    )


def _world(directory: Path, names: Path | None, count: int, seed: int) -> Path:
    """The world in a directory, written if it is not there; by a process of its own."""
    if not (directory / "clouds.csv").exists():
        began = time.monotonic()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            records = pool.submit(_write, names, count, seed, directory).result()
        print(f"{count:,} names, {records:,} records, {time.monotonic() - began:.0f} s to write")
    return directory


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(names: Path | None, count: int, seed: int, directory: Path) -> int:
    return write_given(seed_names(names, count), seed, directory)


@click.command()
@click.option("--size", "chosen", multiple=True, type=int, default=_SIZES, show_default=True)
@click.option("--names", type=click.Path(exists=True, path_type=Path), help="A name a line.")
@click.option("--count", default=NAMES, show_default=True, help="Names of the world.")
@click.option("--world", type=click.Path(path_type=Path), help="Where it is kept, or is already.")
@click.option("--seed", default=1)
@click.option("--plan", default="mail", show_default=True, help="Of the crawls.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder that keeps the warehouses.")
@click.option("--kill", is_flag=True, help="Kill the largest crawl half-way and resume it.")
@click.option("--delay", default=0.0, help="Seconds, of every answer.")
@click.option("--loss", default=0.0, help="Share of the answers.")
@click.option("--in-flight", default=4000, show_default=True, help="Questions, with a delay.")
@click.option("--runs", default=3, show_default=True, help="Times both, with a delay.")
def main(  # noqa: PLR0913 - a parameter is an option of the command
    chosen: tuple[int, ...],
    names: Path | None,
    count: int,
    world: Path | None,
    seed: int,
    *,
    plan: str,
    keep: Path | None,
    kill: bool,
    delay: float,
    loss: float,
    in_flight: int,
    runs: int,
) -> None:
    """Crawl parts of a world and print what it takes."""
    print(description())
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        written = _world(world or Path(place, "world"), names, count, seed)
        with scene(written) as server:
            bench = Bench(_made(keep or Path(place)), written, server, plan)
            if kill:
                killed(bench, max(chosen))
            elif delay or loss:
                through_link(bench, max(chosen), Slow(delay, loss, in_flight, runs))
            else:
                sizes(bench, chosen)


if __name__ == "__main__":
    main()
