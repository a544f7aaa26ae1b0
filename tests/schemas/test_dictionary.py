"""The data dictionary is whole, and the one in the documentation is current."""

import re
from pathlib import Path

import pytest

from schemas import TABLES
from schemas.dictionary import COMMAND, dictionary, section, vocabularies
from schemas.table import Table

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_page_in_the_documentation_is_current() -> None:
    current = PAGE.read_text(encoding="utf-8") == dictionary()
    assert current, f"{PAGE.name} is not what the record classes say; run: {COMMAND}"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_section_has_a_line_for_every_column(table: Table) -> None:
    text = section(table)
    assert re.findall(r"^\| `(\S+)` \|", text, re.MULTILINE) == [c.path for c in table.columns]
    assert f"A row is {table.grain}." in text


def test_every_word_of_every_vocabulary_stands_in_it_once() -> None:
    words = dictionary().partition("## Words")[2]
    for vocabulary in vocabularies(TABLES.values()):
        _, _, rest = words.partition(f"### {vocabulary.__name__}\n")
        listed = re.findall(r"^\| `(\w+)` \| (.+) \|$", rest.partition("###")[0], re.MULTILINE)
        assert listed == [(word.value, word.meaning) for word in vocabulary]


def test_links_lead_somewhere_and_headings_are_distinct() -> None:
    text = dictionary()
    headings = [heading.lower() for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    assert len(headings) == len(set(headings))
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= set(headings)


def test_every_line_of_a_grid_has_as_many_cells_as_its_head() -> None:
    for grid in re.findall(r"(?:^\|.*\n)+", dictionary(), re.MULTILINE):
        cells = [len(re.findall(r"(?<!\\)\|", line)) for line in grid.splitlines()]
        assert len(set(cells)) == 1, grid
