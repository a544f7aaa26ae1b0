"""The page of words says what each word of a table's column means."""

import csv
from pathlib import Path

from schemas import TABLES
from schemas.dictionary import vocabularies


def test_every_word_of_every_set_is_explained(site: Path) -> None:
    with (site / "data" / "words.csv").open(encoding="utf-8") as file:
        meanings = {(line["word"], line["meaning"]) for line in csv.DictReader(file)}
    assert meanings == {
        (str(word), word.meaning) for each in vocabularies(TABLES.values()) for word in each
    }
    page = (site / "words.html").read_text(encoding="utf-8")
    assert "docs/data-dictionary.md" in page
