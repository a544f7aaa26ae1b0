"""Address pools over many networks, as big senders and snowshoe spammers rent them."""

from collections.abc import Sequence
from random import Random

from scripts.world.builder import Builder
from scripts.world.providers import System, catalogue

_SMALL_HOSTERS = 80
_FIRST_AS = 398_000
_COUNTRIES = ("US", "NL", "RU", "RO", "BG", "UA", "DE", "HK", "SG", "LT", "PL", "VN", "BR", "IN")


def hosters() -> tuple[System, ...]:
    """Who rents servers out: the well-known ones and many small ones."""
    known = tuple(rented.system for rented in catalogue().rented)
    small = (
        System(_FIRST_AS + n, f"Hosting {n} Ltd", _COUNTRIES[n % len(_COUNTRIES)])
        for n in range(_SMALL_HOSTERS)
    )
    return (*known, *small)


def rent(builder: Builder, random: Random, systems: Sequence[System], count: int) -> list[str]:
    """That many fresh /24s, each as the text of its network's first three bytes."""
    blocks = (builder.block(random.choice(systems)) for _ in range(count))
    return [block[0].rpartition(".")[0] for block in blocks]


def scatter(random: Random, blocks: Sequence[str], count: int) -> list[str]:
    """Different addresses, over as many of the /24s as possible."""
    order = random.sample(blocks, len(blocks))
    found: dict[str, None] = {}
    for turn in range(4 * count):
        if len(found) == count:
            break
        found[f"{order[turn % len(order)]}.{random.randrange(2, 254)}"] = None
    return list(found)
