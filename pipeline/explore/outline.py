"""A tree of the terminal as nested lists of a page: same lines, same emphasis."""

from itertools import pairwise

from markupsafe import Markup, escape
from rich.text import Text
from rich.tree import Tree

_CLASS = {
    "bold": "strong", "yellow": "warned", "red": "wrong", "green": "good", "bright_black": "faint",
}  # fmt: skip


def page_of(tree: Tree) -> Markup:
    """The branches of a tree, without its own line."""
    items = Markup("").join(map(_item, tree.children))
    return Markup('<ul class="outline">{}</ul>').format(items)


def _item(tree: Tree) -> Markup:
    head = _line(tree.label if isinstance(tree.label, Text) else Text(str(tree.label)))
    if not tree.children:
        return Markup("<li>{}</li>").format(head)
    below = Markup("").join(map(_item, tree.children))
    return Markup("<li><details open><summary>{}</summary><ul>{}</ul></details></li>").format(
        head, below
    )


def _line(text: Text) -> Markup:
    """A line with its pieces marked; a style begins and ends where Rich has it."""
    marks = sorted({0, len(text), *(at for span in text.spans for at in (span.start, span.end))})
    pieces = [_piece(text, *ends) for ends in pairwise(marks)]
    return Markup("").join(pieces)


def _piece(text: Text, start: int, end: int) -> Markup:
    styles = [str(span.style) for span in text.spans if span.start <= start and end <= span.end]
    classes = " ".join(dict.fromkeys(_CLASS[style] for style in styles if style in _CLASS))
    said = text.plain[start:end]
    return Markup('<span class="{}">{}</span>').format(classes, said) if classes else escape(said)
