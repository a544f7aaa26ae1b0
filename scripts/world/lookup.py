"""The records of a world by name, and how a name server answers from them: no IO.

The world is one zone, the root's, so that every name has an answer: records, CNAME chains
followed to their end, wildcards (RFC 4592), and where there is nothing the closest SOA above
(RFC 2308).

    Zone(records).find(qname, qtype) -> Found
"""

from collections.abc import Iterable
from typing import NamedTuple

from scripts.world.model import Record
from scripts.world.names import parent, presentation, wire
from scripts.world.rdata import encode, type_code

NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)
ROOT = b"\0"
CNAME = 5
SOA = 6
APEX = (
    Record(".", "SOA", "ns.world.test hostmaster.world.test 1 3600 600 86400 60", 60),
    Record(".", "NS", "ns.world.test"),
    Record("ns.world.test", "A", "127.0.0.1"),
)
"""The records of the zone itself."""
_LONGEST_CHAIN = 16


class Entry(NamedTuple):
    """A record, ready to be sent."""

    owner: bytes
    type: int
    ttl: int
    data: bytes


class Found(NamedTuple):
    """What a zone says to a question."""

    rcode: int
    answers: tuple[Entry, ...]
    negative: bool
    """The SOA of the last name belongs into the answer."""
    names: tuple[bytes, ...]
    """The name asked for and those its CNAMEs lead to."""


class Zone:
    """An index of records. Raises BadName or BadData for a record that the DNS cannot hold."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._sets: dict[bytes, dict[int, list[Entry]]] = {}
        self._names = {ROOT}
        for record in (*APEX, *records):
            self._add(record)

    def find(self, qname: bytes, qtype: int) -> Found:
        """The answer to a question; the name in lower-case wire form."""
        answers: list[Entry] = []
        names = [qname]
        while (sets := self._sets_of(names[-1])) is not None:
            if entries := sets.get(qtype):
                answers += (entry._replace(owner=names[-1]) for entry in entries)
                return Found(NOERROR, tuple(answers), negative=False, names=tuple(names))
            alias = sets.get(CNAME)
            if alias is None or len(names) > _LONGEST_CHAIN:
                return Found(NOERROR, tuple(answers), negative=alias is None, names=tuple(names))
            answers.append(alias[0]._replace(owner=names[-1]))
            names.append(alias[0].data)
        return Found(NXDOMAIN, tuple(answers), negative=True, names=tuple(names))

    def authority(self, name: bytes) -> Entry:
        """The SOA that a negative answer for the name comes with, its TTL as RFC 2308 wants it."""
        while SOA not in self._sets.get(name, ()):
            name = parent(name)
        soa = self._sets[name][SOA][0]
        return soa._replace(ttl=min(soa.ttl, int.from_bytes(soa.data[-4:], "big")))

    def __contains__(self, name: str) -> bool:
        return wire(name) in self._sets

    def _add(self, record: Record) -> None:
        owner = wire(record.name)
        entry = Entry(owner, type_code(record.type), record.ttl, encode(record))
        entries = self._sets.setdefault(owner, {}).setdefault(entry.type, [])
        if all(entry.data != other.data for other in entries):
            entries.append(entry)
        while owner not in self._names:
            self._names.add(owner)
            owner = parent(owner)

    def _sets_of(self, name: bytes) -> dict[int, list[Entry]] | None:
        """The records of a name, its wildcard's included; None: no such name."""
        if (sets := self._sets.get(name)) is not None:
            return sets
        if name in self._names:
            return {}
        encloser = parent(name)
        while encloser not in self._names:
            encloser = parent(encloser)
        return self._sets.get(b"\x01*" + encloser)


def text(name: bytes) -> str:
    """A wire-form name without final dot, as seeds and tables write it."""
    return presentation(name).removesuffix(".") or "."
