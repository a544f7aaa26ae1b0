"""The data dictionary as the command prints it."""

import io

import pytest
from rich.console import Console

from pipeline.errors import ConfigError
from pipeline.schema import show_schema
from schemas import CRAWLED, TABLES
from schemas.dictionary import dictionary, section


def printed(name: str | None = None, *, markdown: bool = False, width: int = 100) -> str:
    out = io.StringIO()
    show_schema(name, markdown=markdown, console=Console(file=out, width=width))
    return out.getvalue()


def test_markdown_is_printed_as_it_is_however_narrow_the_terminal() -> None:
    assert printed(markdown=True, width=40) == dictionary()
    assert printed("mx", markdown=True, width=40) == section(TABLES["mx"]) + "\n"


def test_all_tables_a_line_each() -> None:
    lines = printed(width=200).splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_its_columns_and_words(name: str) -> None:
    text = printed(name, width=300)
    shown = [line.split()[0] for line in text.splitlines()[4:] if not line.startswith(" ")]
    assert shown == [column.path for column in TABLES[name].columns]
    dated = TABLES[name] in CRAWLED or name == "snowshoe"
    assert ("timestamp[us, tz=UTC]" in text) == dated


def test_words_are_spelled_out_once_a_table() -> None:
    text = printed("domains", width=300)
    assert text.count("no such name (RFC 8020)") == 1
    assert text.count("how the question ended (words as above)") == 2


def test_a_table_that_does_not_exist() -> None:
    with pytest.raises(ConfigError, match="no table 'domain'; there are: domains, apex"):
        printed("domain")
