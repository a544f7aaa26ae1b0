"""The RFC 7208 conformance suite, as far as syntax goes."""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

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
            found.append(Case(document["description"], name, domain, results, texts))
    return found


def _texts(records: list[object]) -> list[bytes]:
    """TXT records of a name; SPF ones double as TXT unless it has TXT of its own."""
    typed = [item for record in records if isinstance(record, dict) for item in record.items()]
    own = [value for kind, value in typed if kind == "TXT"]
    values = own or [value for kind, value in typed if kind == "SPF"]
    strings = [value if isinstance(value, list) else [value] for value in values if value != "NONE"]
    return ["".join(value).encode("latin-1") for value in strings]
