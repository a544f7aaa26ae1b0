"""Closed sets of words that columns use, each word with its meaning.

    class Colour(Vocabulary):
        RED = "red", "of long waves"

The word is the member: it compares, prints and is stored as a string.
"""

import enum


class Vocabulary(enum.StrEnum):
    """A string of a closed set; ``Vocabulary("word")`` gives the member back."""

    meaning: str
    """What the word says, as the data dictionary prints it; empty if the word says it."""

    def __new__(cls, word: str, meaning: str = "") -> "Vocabulary":
        """A member made of a word and, beside it, its meaning."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        return member

    # Enum's own hashes the member's name: slower by far, and not that of the equal string.
    __hash__ = str.__hash__
