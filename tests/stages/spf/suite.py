"""The RFC 7208 conformance suite: its cases, and its zones as a source of answers."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from schemas.outcomes import Outcome
from schemas.query import Query
from stages.dns.answer import Answer, MxData, Question, Rdata, RRType

DATA = Path(__file__).parents[3].parent / "shared" / "data"
_PATH = DATA / "spf" / "rfc7208-tests.yml"


class Case(NamedTuple):
    """One test of the suite: whose record decides, and what may come of it."""

    section: str
    name: str
    domain: str
    results: tuple[str, ...]
    texts: dict[str, list[bytes]]
    """TXT records of every name of the section."""
    ip: str
    sender: str
    helo: str
    explanation: str | None
    """What a fail must say, DEFAULT for nothing of the domain's; None where it does not matter."""
    zone: "Zone"


class Zone:
    """The records of a section as a function from question to answer."""

    def __init__(self, data: Mapping[str, list[object]]) -> None:
        self._names = {name.lower(): records for name, records in data.items()}

    def __call__(self, question: Question) -> Answer:
        """The answer; a name with TIMEOUT gives none for types that it does not list."""
        records = self._names.get(question.name.replace("\\032", " "))
        if records is None:
            return _answer(question, Outcome.NXDOMAIN)
        typed = [item for record in records if isinstance(record, dict) for item in record.items()]
        aliases = [_name(value) for kind, value in typed if kind == "CNAME"]
        if aliases and aliases[0] == question.name:  # a loop
            return _answer(question, Outcome.SERVFAIL)
        if aliases:
            return self(question._replace(name=aliases[0]))._replace(question=question)
        if question.type is RRType.TXT:
            found: list[Rdata] = list(_texts(records))
        else:
            found = [_RDATA[kind](value) for kind, value in typed if kind == question.type.name]
        if not found and "TIMEOUT" in records:
            return _answer(question, Outcome.TIMEOUT)
        return _answer(question, Outcome.OK if found else Outcome.NODATA, tuple(found))


def _name(value: object) -> str:
    return str(value).lower().rstrip(".")


_RDATA: dict[str, Callable[[Any], Rdata]] = {
    "A": lambda value: str(ip_address(value)),
    "AAAA": lambda value: str(ip_address(value)),
    "PTR": _name,
    "MX": lambda value: MxData(int(value[0]), _name(value[1]) or "."),
}


def _answer(question: Question, outcome: Outcome, records: tuple[Rdata, ...] = ()) -> Answer:
    return Answer(question, 0, Query(outcome, None, None, None, None, 1, tcp=False), records)


def cases() -> list[Case]:
    """Every case; skips the test if the suite is not there."""
    if not _PATH.exists():
        pytest.skip(f"needs the RFC 7208 suite, {_PATH.name}, in ../shared/data/spf")
    found = []
    for document in yaml.safe_load_all(_PATH.read_text("latin-1")):
        texts = {name.lower(): _texts(records) for name, records in document["zonedata"].items()}
        for name, test in document["tests"].items():
            domain = (test["mailfrom"] or test["helo"]).rpartition("@")[2].lower()
            result = test["result"]
            results = (result,) if isinstance(result, str) else tuple(result)
            found.append(
                Case(
                    document["description"],
                    name,
                    domain,
                    results,
                    texts,
                    test["host"],
                    test["mailfrom"] or f"postmaster@{test['helo']}",
                    test["helo"],
                    test.get("explanation"),
                    Zone(document["zonedata"]),
                )
            )
    return found


def _texts(records: list[object]) -> list[bytes]:
    """TXT records of a name; SPF ones double as TXT unless it has TXT of its own."""
    typed = [item for record in records if isinstance(record, dict) for item in record.items()]
    own = [value for kind, value in typed if kind == "TXT"]
    values = own or [value for kind, value in typed if kind == "SPF"]
    strings = [value if isinstance(value, list) else [value] for value in values if value != "NONE"]
    return ["".join(value).encode("latin-1") for value in strings]
