"""Words: what the tables' words mean."""

from pipeline.site.exhibit import Exhibit, Page
from pipeline.site.glossary import WORDS

_WORDS = Exhibit(
    "words",
    "Words of the tables",
    "Outcomes, categories, verdicts, findings and the rest, and the columns that hold them. "
    "Search for the word that you met: one word may be of several kinds.",
    (WORDS,),
    "SELECT word, meaning, kind, columns FROM words ORDER BY word, kind",
    shown=2000,
    source="the data dictionary, docs/data-dictionary.md",
)

PAGE = Page("words", "Words", "What the words mean that stand in the tables.", (_WORDS,))
