"""A response policy zone, line by line: names that it blocks, and those that it lets pass.

The records of a name state an action (draft-vixie-dnsop-dns-rpz): a CNAME to the root, to `*.` or
to `rpz-drop.` blocks, one to `rpz-passthru.` or to the name itself is an exception, any other
record replaces the answer, which blocks too. Triggers other than the name asked for are refused.
"""

import re
from collections.abc import Iterator

from stages.labels.entry import Entry, Reason, Refused, listed_name

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|;.*|[()]|[^\s();"]+')
_CLASSES = frozenset({"in", "ch", "hs"})
_TTL = re.compile(r"[0-9]+[0-9smhdw]*", re.IGNORECASE)
_TRIGGERS = frozenset({"rpz-ip", "rpz-client-ip", "rpz-nsip", "rpz-nsdname"})
_APEX_ONLY = frozenset({"soa", "ns"})
_DNSSEC = frozenset({"rrsig", "nsec", "nsec3", "nsec3param", "dnskey", "zonemd", "ds"})
_WORDS_MAX = 64  # of a record; a parenthesis that never closes holds no more than this
_PASS, _NEITHER = "rpz-passthru.", frozenset({"rpz-tcp-only."})


class Zone:
    """What the lines so far have set: origin, apex, last owner, open parentheses."""

    def __init__(self) -> None:
        self._origin = ""
        self._apex = ""
        self._owner = ""
        self._open = 0
        self._record: list[str] = []

    def read(self, number: int, line: str) -> Iterator[Entry]:
        """What a line says; a record in parentheses counts when they close."""
        tokens = [token for token in _TOKEN.findall(line) if not token.startswith(";")]
        words = [token for token in tokens if token not in ("(", ")")]
        if self._open == 0:
            indented = line[:1] in (" ", "\t")
            self._record = [self._owner, *words] if indented and words else words
        else:
            self._record += words
        if len(self._record) > _WORDS_MAX:
            self._open, self._record = 0, []
            raise Refused(Reason.SYNTAX)
        self._open = max(0, self._open + tokens.count("(") - tokens.count(")"))
        if self._open == 0 and self._record:
            record, self._record = self._record, []
            yield from self._entry(number, record)

    def _entry(self, number: int, record: list[str]) -> Iterator[Entry]:
        owner, *rest = record
        if owner.startswith("$"):
            if owner.upper() == "$ORIGIN" and rest:
                self._origin = self._absolute(rest[0])
            return
        self._owner = owner
        while rest and (rest[0].lower() in _CLASSES or _TTL.fullmatch(rest[0])):
            rest = rest[1:]
        if not rest:
            raise Refused(Reason.SYNTAX)
        kind, data = rest[0].lower(), rest[1:]
        name = self._absolute(owner)
        if kind == "soa":
            self._apex = name
        if kind not in _APEX_ONLY | _DNSSEC:
            yield from self._trigger(number, self._relative(name), kind, data)

    def _trigger(self, number: int, name: str, kind: str, data: list[str]) -> Iterator[Entry]:
        if not data:
            raise Refused(Reason.SYNTAX)
        if not name:  # addresses or text of the zone itself
            return
        if name.rpartition(".")[2].lower() in _TRIGGERS:
            raise Refused(Reason.TRIGGER)
        below = name.startswith("*.")
        bare = name.removeprefix("*.")
        target = data[0].lower() if kind == "cname" else None
        if target in _NEITHER:
            raise Refused(Reason.ACTION)
        verdict = target not in (_PASS, f"{bare.lower()}.")
        found = listed_name(bare)
        yield Entry(number, found, None if below else verdict, verdict if below else None)

    def _absolute(self, name: str) -> str:
        """A name with the origin, without the final dot; "" for the root."""
        if name == "@":
            return self._origin
        if name.endswith("."):
            return name[:-1]
        return f"{name}.{self._origin}" if self._origin else name

    def _relative(self, name: str) -> str:
        """A name without the apex."""
        if name.lower() == self._apex.lower():
            return ""
        end = f".{self._apex}".lower()
        return name[: -len(end)] if self._apex and name.lower().endswith(end) else name
