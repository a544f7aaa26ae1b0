"""Upkeep of the company map: its canonical text, and what it leaves nameless of recorded domains.

    python -m scripts.companies tidy                 rewrite companies.toml in canonical form
    python -m scripts.companies coverage RECORDED    share of outsourced domains with a company

RECORDED is mxmap.it's recording, a JSON object a line, gzipped: domain, cc, mx, spf, …
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from certs.registered import registered_domain
from stages.inference.providers.companies import CompanyMap, bundled_companies, parse_companies
from stages.inference.providers.company import FIELDS, Company, CompanyMapError

MAP = Path(__file__).parents[1] / "stages/inference/providers/companies.toml"
_WIDTH = 100


class Coverage(NamedTuple):
    """How far the map names who gets the mail of recorded domains."""

    outsourced: int
    """Domains with an exchange outside their own registered domain."""
    named: int
    """Those of them whose outside exchanges lead to a company, one at least."""
    nameless: Counter[str]
    """Registered domains of the other exchanges, and the domains that name them."""


def coverage(recorded: Iterable[str], companies: CompanyMap) -> Coverage:
    """Coverage over recorded domains, a JSON object a line."""
    outsourced = named = 0
    nameless = Counter[str]()
    for line in recorded:
        domain = json.loads(line)
        outside = set(_outside(domain["domain"], domain["mx"]))
        outsourced += bool(outside)
        if any(map(companies.of, outside)):
            named += 1
        else:
            nameless.update(outside)
    return Coverage(outsourced, named, nameless)


def _outside(domain: str, exchanges: Iterable[str]) -> Iterator[str]:
    own = registered_domain(domain) or domain
    for exchange in exchanges:
        found = registered_domain(exchange.lower().rstrip("."))
        if found and found != own:
            yield found


def canonical(text: str) -> str:
    """The map's text with its opening comment, entries and values sorted and lines filled."""
    entries = sorted(parse_companies(text).companies, key=lambda e: (e.name.casefold(), e.role))
    head = text.partition("\n[[company]]")[0].rstrip()
    return "\n\n".join([head, *map(_entry, entries)]) + "\n"


def _entry(entry: Company) -> str:
    lines = ["[[company]]"]
    lines += [f"{key} = {_quoted(getattr(entry, key))}" for key in ("name", "role", "country")]
    for field in FIELDS:
        if values := [_quoted(value) for value in sorted(entry.values(field), key=_order)]:
            lines += _filled(field, values)
    return "\n".join(lines)


def _order(value: str | int) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, value)


def _quoted(value: object) -> str:
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def _filled(field: str, values: list[str]) -> list[str]:
    """``field = […]`` on a line if it fits, else values on as few indented lines as hold them."""
    line = f"{field} = [{', '.join(values)}]"
    if len(line) <= _WIDTH:
        return [line]
    lines = [f"{field} = [", "    " + values[0] + ","]
    for value in values[1:]:
        if len(lines[-1]) + len(value) + 2 <= _WIDTH:
            lines[-1] += f" {value},"
        else:
            lines.append(f"    {value},")
    return [*lines, "]"]


@click.group()
def main() -> None:
    """Upkeep of the company map."""


@main.command()
def tidy() -> None:
    """Rewrite the map in canonical form."""
    try:
        text = canonical(MAP.read_text(encoding="utf-8"))
    except CompanyMapError as error:
        raise click.ClickException(str(error)) from error
    MAP.write_text(text, encoding="utf-8")


@main.command("coverage")
@click.argument("recorded", type=click.Path(exists=True, path_type=Path))
@click.option("--show", default=20, help="How many of the nameless to list.")
def report(recorded: Path, show: int) -> None:
    """How many recorded domains with outsourced mail get a company, and what is nameless."""
    with gzip.open(recorded, "rt", encoding="utf-8") as lines:
        found = coverage(lines, bundled_companies())
    share = found.named / max(1, found.outsourced)
    click.echo(
        f"{found.named} of {found.outsourced} outsourced domains have a company: {share:.1%}"
    )
    for name, domains in found.nameless.most_common(show):
        click.echo(f"{domains:6} {name}")


if __name__ == "__main__":
    main()
