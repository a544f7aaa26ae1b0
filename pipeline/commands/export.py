"""`export`: a table of a run for programs that do not read Parquet."""

import os
import sys
from pathlib import Path

import click

from pipeline.export import Form, export_file, export_table
from pipeline.warehouse import Run, Warehouse


@click.command("export")
@click.argument("warehouse")
@click.argument("run_id", metavar="RUN")
@click.argument("table")
@click.option(
    "--format", "form", type=click.Choice([str(form) for form in Form]), default=str(Form.CSV),
    show_default=True, help="csv: lists and structs are JSON in their cell; jsonl: JSON lines.",
)  # fmt: skip
@click.option("--out", default="-", metavar="FILE", help="File to write; - for standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
def command(  # noqa: PLR0913 - the words of the command line
    warehouse: str, run_id: str, table: str, form: str, out: str, *, force: bool
) -> None:
    """Write TABLE of a RUN as CSV or JSON lines; `schema` lists the tables."""
    run = Warehouse.at(warehouse).existing(run_id)
    if out == "-":
        _to_standard_output(run, table, Form(form))
    else:
        rows = export_file(run, table, Form(form), Path(out), force=force)
        click.echo(f"{rows:,} rows in {out}", err=True)


def _to_standard_output(run: Run, table: str, form: Form) -> None:
    try:
        export_table(run, table, form, sys.stdout.buffer)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough: nothing is amiss
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
