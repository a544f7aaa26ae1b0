"""The words that tables take from closed sets, as rows of a table that the site can ask."""

import pyarrow as pa

from schemas import TABLES
from schemas.dictionary import summary, vocabularies
from schemas.vocabulary import Vocabulary

WORDS = "words"


def glossary() -> pa.Table:
    """word, meaning, kind, columns: a row a word and set, in alphabetical order.

    ``kind`` is what the set is of, ``columns`` the columns that hold words of it.
    """
    rows = [
        {"word": str(word), "meaning": word.meaning, "kind": summary(each), "columns": _uses(each)}
        for each in vocabularies(TABLES.values())
        for word in each
    ]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: (row["word"], row["kind"])))


def _uses(vocabulary: type[Vocabulary]) -> list[str]:
    return [
        f"{table.name}.{column.path}"
        for table in TABLES.values()
        for column in table.columns
        if column.vocabulary is vocabulary
    ]
