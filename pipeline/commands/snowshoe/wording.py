"""What the words of snowshoe say."""

from collections.abc import Iterable

from rich.console import Console

from pipeline.terminal import clean
from stages.inference.snowshoe.cautions import Caution


def say_cautions(found: Iterable[Caution], console: Console) -> None:
    """A line each."""
    for each in found:
        text = clean(f"beware: {each.kind.meaning}: {each.text}")
        console.print(text, style="yellow", highlight=False, markup=False, soft_wrap=True)
