"""`snowshoe labels`: import what blacklists say of domains."""

import datetime as dt
from pathlib import Path

import click

from pipeline.commands import OUT
from pipeline.listings.intake import Taken, import_lists
from pipeline.listings.store import Shelf, day_of
from pipeline.terminal import clean
from pipeline.warehouse import Warehouse
from stages.labels.entry import Form


@click.command("labels")
@click.argument("warehouse")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", required=True, metavar="NAME", help="What the list is called.")
@click.option("--date", "date", metavar="DAY", help="Day that the files are of; today by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    help="How they are written; each shows it by itself otherwise.",
)
def command(
    warehouse: str, files: tuple[Path, ...], source: str, date: str | None, form: str | None
) -> None:
    """Import FILES, which make up one blacklist on one day; a second time replaces that day."""
    day = day_of(date) if date else dt.datetime.now(dt.UTC).date()
    shelf = Shelf(Warehouse.at(warehouse), source)
    taken = import_lists(shelf, files, day, Form(form) if form else None)
    _say(taken, source, day)


def _say(taken: Taken, source: str, day: dt.date) -> None:
    for file, form in taken.forms.items():
        OUT.print(f"{file}: {form}", highlight=False, soft_wrap=True)
    OUT.print(
        f"{source} of {day}: {taken.names:,} names; {taken.listed:,} listed by its last import, "
        f"{taken.spells:,} spells in all",
        highlight=False,
        soft_wrap=True,
    )
    if day > dt.datetime.now(dt.UTC).date():
        text = f"beware: {day} is yet to come: until then lists count as seen. Mistyped?"
        OUT.print(text, style="yellow", highlight=False, soft_wrap=True)
    for reason, count in sorted(taken.rejected.items()):
        OUT.print(f"rejected {count:,}: {reason}", highlight=False)
        for reject in taken.examples[reason]:
            OUT.print(f"  line {reject.line}: {clean(reject.text)}", highlight=False, markup=False)
