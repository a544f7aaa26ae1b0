"""Options that several words share, and what their texts mean."""

from collections.abc import Callable
from typing import Any

import click

from stages.inference.snowshoe.tail import Limits

_LIMITS = Limits()


def tail_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What the tail is cut by."""
    for option in (
        click.option(
            "--popular", type=click.IntRange(0), default=_LIMITS.popular, show_default=True,
            metavar="RANK", help="Leave out domains that a seed list ranks up to here.",
        ),
        click.option(
            "--shared", type=click.FloatRange(0, 1), default=_LIMITS.shared, show_default=True,
            metavar="PART", help="Part of the domains from which on what they share is a hoster's.",
        ),
        click.option(
            "--quantile", type=click.FloatRange(0, 1, min_open=True, max_open=True),
            default=_LIMITS.quantile, show_default=True, help="Where the tail of a count begins.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def source_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which lists count."""
    return click.option(
        "--source", "sources", multiple=True, metavar="NAME",
        help="Imported list to go by, may be repeated; all by default.",
    )(command)  # fmt: skip


def seed_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """What chance is drawn from."""
    return click.option(
        "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True,
        help="The same seed and input give the same scores.",
    )(command)  # fmt: skip


def until_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Until when listings are known to training."""
    return click.option(
        "--labels-until", metavar="DATE",
        help="Last day of listings that training knows; by default that of its last run.",
    )(command)  # fmt: skip
