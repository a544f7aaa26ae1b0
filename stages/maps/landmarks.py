"""What lies where: to whom IANA gave which /8, and where the big clouds are.

allocations.csv has the /8 of IANA's registry "IPv4 Address Space" in short words, and the /12 that
its registry "IPv6 Global Unicast Address Assignments" has given out.
"""

import csv
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from ipaddress import IPv4Address, summarize_address_range
from itertools import groupby
from typing import NamedTuple


class Landmark(NamedTuple):
    """A network and what it is called."""

    prefix: str
    name: str


@cache
def allocations(version: int) -> tuple[Landmark, ...]:
    """Of one family, in the order of the addresses."""
    text = (files("stages.maps") / "allocations.csv").read_text(encoding="utf-8")
    rows = [
        Landmark(prefix, f"{prefix.partition('.0')[0]} {holder}" if "." in prefix else holder)
        for prefix, holder in list(csv.reader(text.splitlines()))[1:]
    ]
    return tuple(row for row in rows if (":" in row.prefix) == (version == 6))  # noqa: PLR2004


_STEP = 1 << 16


def clouds(owner: Callable[[str], str | None], widest: int = 14) -> Iterator[Landmark]:
    """IPv4 networks of a cloud, as ``owner`` says of addresses; those of /14 and wider.

    Asked is one address in 65,536, the first: the table of a cloud's ranges has larger gaps where
    the cloud is not.
    """
    addresses = range(0, 1 << 32, _STEP)
    for name, run in groupby(addresses, key=lambda number: owner(str(IPv4Address(number)))):
        numbers = list(run)
        if name is None:
            continue
        last = IPv4Address(numbers[-1] + _STEP - 1)
        for network in summarize_address_range(IPv4Address(numbers[0]), last):
            if network.prefixlen <= widest:
                yield Landmark(str(network), name)
