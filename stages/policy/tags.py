"""Tag lists: ``v=DMARC1; p=none`` (RFC 6376 section 3.2, which all these records borrow). Sans IO.

    read_tags(bytes) -> TagList: the tags by name, the first of each, and what is no tag

Any bytes give a list. Blanks around names and values do not count; an empty piece at the end, or
between two semicolons, is harmless and not reported.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from schemas.policy_class import PolicyClass
from stages.policy.fault import Fault, fault

BLANKS = " \t\r\n"
_MOST = 100  # tags that are read


@dataclass
class TagList:
    """A record as tags; parsers add what they find wrong to ``faults``."""

    tags: dict[str, str] = field(default_factory=dict)
    """In the order of the record."""
    faults: list[Fault] = field(default_factory=list)

    def complain(self, finding: PolicyClass, term: str = "") -> None:
        """Note a fault."""
        self.faults.append(fault(finding, term))

    def of(self, name: str, allowed: Collection[str], default: str) -> str:
        """A tag whose value is a word of a set, in lower case; its default if it is not."""
        value = self.tags.get(name, default).lower()
        if value in allowed:
            return value
        self.complain(PolicyClass.BAD_VALUE, f"{name}={self.tags[name]}")
        return default

    def number(self, name: str, largest: int, default: int) -> int:
        """A tag whose value is a number from 0 on."""
        value = self.tags.get(name)
        if value is None:
            return default
        if value.isascii() and value.isdigit() and len(value) <= len(str(largest)):
            number = int(value)
            if number <= largest:
                return number
        self.complain(PolicyClass.BAD_VALUE, f"{name}={value}")
        return default

    def known(self, names: Collection[str]) -> None:
        """Complain of tags with other names."""
        for name, value in self.tags.items():
            if name not in names:
                self.complain(PolicyClass.UNKNOWN_TAG, f"{name}={value}")


def read_tags(record: bytes, *, fold: bool = True) -> TagList:
    """The tags of a record; their names in lower case unless ``fold`` is false (DKIM)."""
    found = TagList()
    text = decoded(record, found)
    for piece in text.split(";", _MOST)[:_MOST]:
        name, equals, value = (part.strip(BLANKS) for part in piece.partition("="))
        if not piece.strip(BLANKS):
            continue
        if not equals or not _is_name(name):
            found.complain(PolicyClass.SYNTAX, piece.strip(BLANKS))
            continue
        name = name.lower() if fold else name
        if name in found.tags:
            found.complain(PolicyClass.DUPLICATE_TAG, f"{name}={value}")
        else:
            found.tags[name] = value
    return found


def decoded(record: bytes, found: TagList) -> str:
    r"""The text of a record; bytes that are not UTF-8 are written \xNN."""
    try:
        return record.decode()
    except UnicodeDecodeError:
        found.complain(PolicyClass.UNDECODABLE_TEXT)
        return record.decode(errors="backslashreplace")


def _is_name(name: str) -> bool:
    return name.isascii() and name[:1].isalpha() and name.replace("_", "").isalnum()
