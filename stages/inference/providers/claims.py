"""The consistency of company entries: nothing stands twice, nothing is hidden by mistake."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from stages.inference.providers.company import (
    FALLING_BACK,
    NAMES,
    Company,
    CompanyMapError,
    Field,
)

SPACES: Mapping[str, tuple[Field, ...]] = {
    "id": ("ids", "suffixes"),
    "AS number": ("asns",),
    "spf": ("spf",),
    "dkim": ("dkim",),
    "autodiscover": ("autodiscover",),
    "selector": ("selectors",),
    "token": ("tokens",),
}
"""What must be unique over all entries: by what it is called, the fields it stands in."""


def check(entries: Iterable[Company]) -> None:
    """Refuse what makes a look-up ambiguous: ``CompanyMapError`` names the first such thing."""
    entries = tuple(entries)
    seats: dict[str, str] = {}
    for entry in entries:
        if entry.country != seats.setdefault(entry.name, entry.country):
            both = f"{seats[entry.name]} and {entry.country}"
            raise CompanyMapError(f"company map: {entry.name!r} has its seat in {both}")
    _reject_repeated("company", (f"{entry.name} ({entry.role})" for entry in entries))
    for space, fields in SPACES.items():
        _reject_repeated(space, (value for entry in entries for value in entry.values(*fields)))


def check_reach(entries: Iterable[Company]) -> None:
    """Refuse an entry that nothing leads to and a name that lies at or below another's.

    Between two roles of a company that is how one is told from the other; within an entry it is
    superfluous, and between companies more likely a mistake. Where it is meant, the narrower
    name goes into a further map.
    """
    entries = tuple(entries)
    for entry in entries:
        if not entry.values(*NAMES):
            raise CompanyMapError(f"company map: nothing leads to {entry.name!r}")
    ids = _owners(entries, "ids", "suffixes")
    for field in FALLING_BACK:
        own = _owners(entries, field)
        for key, entry in own.items():
            _reject_below(key, entry, [ids.get(key), *_above(key, {**ids, **own})])
    suffixes = _owners(entries, "suffixes")
    for key, entry in ids.items():  # an id is matched exactly: its own company may go below it
        others = (other for other in _above(key, ids) if other is not entry)
        _reject_below(key, entry, [*_above(key, suffixes), *others])


def _owners(entries: Iterable[Company], *fields: Field) -> dict[object, Company]:
    return {key: entry for entry in entries for key in entry.values(*fields)}


def _above(name: object, owners: Mapping[object, Company]) -> Iterator[Company | None]:
    labels = str(name).split(".")
    return (owners.get(".".join(labels[start:])) for start in range(1, len(labels)))


def _reject_below(key: object, entry: Company, above: Iterable[Company | None]) -> None:
    for other in above:
        if other is entry or (other and other.name != entry.name):
            found = f"{key!r} of {entry.name!r} lies within a name of {other.name!r}"
            raise CompanyMapError(f"company map: {found}")


def _reject_repeated(what: str, values: Iterable[object]) -> None:
    repeated = [value for value, times in Counter(values).items() if times > 1]
    if repeated:
        raise CompanyMapError(f"company map: {what} {repeated[0]!r} stands more than once")
