"""Registered domains by the Public Suffix List, its private section included (IMC'21).

The list is the one bundled with tldextract; nothing is fetched. Its hash goes into the run's
record, because a verdict depends on it. It is read and walked here: a census asks for every name
once, so nothing is gained by remembering, and the library takes five times as long and loads
an HTTP client.
"""

import hashlib
from collections.abc import Iterable
from enum import IntFlag
from functools import cache
from importlib.util import find_spec
from pathlib import Path


class _Rule(IntFlag):
    """What the list says of a name; most names have several of these or none."""

    SUFFIX = 1  # anybody registers below it
    WILD = 2  # every name right below it is a suffix
    EXCEPTION = 4  # but not this one
    INNER = 8  # the list has names below it


def registered_domain(name: str) -> str | None:
    """The registered domain of a lower-case name; None for suffixes, addresses and bare labels.

    Names below a top-level domain that the list does not have have none.

    >>> registered_domain("aspmx.l.google.com"), registered_domain("co.uk")
    ('google.com', None)
    """
    rules = _rules()
    suffix = -1  # where the longest public suffix so far begins
    dot = above = len(name)
    below = _INNER
    while dot >= 0 and below & _DEEPER:
        dot = name.rfind(".", 0, dot)
        rule = rules.get(name[dot + 1 :], 0)
        if rule & _EXCEPTION:
            suffix = above
            break
        if rule & _SUFFIX or below & _WILD:
            suffix = dot + 1
        above, below = dot + 1, rule
    if suffix <= 1:
        return None
    label = name.rfind(".", 0, suffix - 1) + 1
    return name[label:] if label < suffix - 1 else None


@cache
def _rules() -> dict[str, int]:
    return read_rules(_snapshot().read_text(encoding="utf-8").splitlines())


def read_rules(lines: Iterable[str]) -> dict[str, int]:
    """The rules of a list (publicsuffix.org/list): what it says of each A-label name in it."""
    rules: dict[str, int] = {}
    for line in lines:
        text = line.partition(" ")[0]
        if not text or text.startswith("//"):
            continue
        name = _a_labels(text.removeprefix("!").removeprefix("*."))
        kind = {"!": _EXCEPTION, "*": _WILD}.get(text[0], _SUFFIX)
        rules[name] = rules.get(name, 0) | kind
        while (dot := name.find(".")) >= 0:
            name = name[dot + 1 :]
            rules[name] = rules.get(name, 0) | _INNER
    return rules


def suffix_list_sha256() -> str:
    """SHA-256 of the Public Suffix List in use, hex."""
    return hashlib.sha256(_snapshot().read_bytes()).hexdigest()


def _snapshot() -> Path:
    """The list's file, found without loading the library."""
    package = find_spec("tldextract")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).with_name(".tld_set_snapshot")


def _a_labels(name: str) -> str:
    """A name of the list, which is in normal form already (RFC 3492)."""
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        for label in name.split(".")
    )


# Plain numbers: every & of an IntFlag makes an object.
_SUFFIX, _WILD, _EXCEPTION, _INNER = (int(rule) for rule in _Rule)
_DEEPER = _WILD | _INNER
