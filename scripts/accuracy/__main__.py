"""The accuracy tables: what `make accuracy` runs.

Usage: python -m scripts.accuracy FOLDER [SEED]        serves, crawls and infers a world there first
       python -m scripts.accuracy WAREHOUSE RUN TRUTH  of a run that is there
"""

import sys
from pathlib import Path

from scripts.accuracy import mailboxes, operators, reliability
from scripts.accuracy.finished import Finished
from scripts.demo import mailcensus, serving

_DOMAINS = 3000
_SEED = 7
"""Of a world that nothing was fitted on."""
_RUN = "accuracy"


def report(finished: Finished) -> str:
    """All tables as text of at most 100 columns."""
    found = mailboxes.mailboxes(finished)
    return "\n\n".join(
        (
            operators.text(operators.cases(finished)),
            mailboxes.text(found),
            reliability.text("probability", reliability.of_operators(finished)),
            reliability.text("mailbox_probability", reliability.of_mailboxes(found)),
        )
    )


def crawled(folder: Path, seed: int) -> Finished:
    """Serve, crawl and infer a world; SystemExit where that fails."""
    world, warehouse = folder / "world", folder / "warehouse"
    with serving("serve", world, "--domains", _DOMAINS, "--seed", seed):
        status = mailcensus(
            "crawl", world / "seeds.csv", "--warehouse", warehouse, "--run", _RUN,
            "--config", world / "mailcensus.toml", "--exact", "--plan", "policy",
        )  # fmt: skip
    if status or (status := mailcensus("infer", warehouse, _RUN)):
        raise SystemExit(status)
    return Finished(warehouse, _RUN, world / "truth.parquet")


def main(words: list[str]) -> None:
    """By the number of words."""
    if len(words) == 3:
        print(report(Finished(Path(words[0]), words[1], Path(words[2]))))
    elif len(words) in (1, 2):
        finished = crawled(Path(words[0]), int(words[1]) if words[1:] else _SEED)
        print(f"\n{report(finished)}")
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
