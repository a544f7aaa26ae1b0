"""Address tables in files: which AS originates an address, and who owns it and where.

Each is opened once and asked for every address of the run. ``open`` reads and checks the file
and raises ``TableError`` for one that is none; a look-up takes about a microsecond.
"""

import gzip
import re
import socket
import zlib
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import maxminddb
import numpy as np
from pyasn import pyasn

from schemas.provenance import Provenance, TableError, date_of, file_date, file_sha256, one_line
from stages.enrich.layer import NONE, Layer, Layers, in_text
from stages.enrich.search_tree import leaves

_DATE = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_CONVERTED = re.compile(r"Converted on\s*:\s*(\w{3} \w{3} +\d+ [\d:]{8} \d{4})")


class Origin(NamedTuple):
    """The AS that originates an address."""

    asn: int
    prefix: str


class AsnTable:
    """A table in pyasn's format: lines of prefix, tab, AS number; ``;`` begins a comment.

    What the prefix of an origin means depends on the source. pyasn makes its tables from BGP
    dumps (RIB), and the prefix is the most specific one announced. Tables of ranges, such as
    iptoasn's, are flattened: neighbouring or nested announcements of one AS are one range,
    that range is cut into CIDR blocks again, and the prefix is such a block, which nobody may
    have announced as it is. It says where the AS begins and ends, not what is in BGP.
    """

    def __init__(self, table: pyasn, provenance: Provenance) -> None:
        self._table = table
        self.provenance = provenance

    @classmethod
    def open(cls, path: Path) -> "AsnTable":
        """The table of a .dat or .dat.gz file."""
        try:
            table = pyasn(str(path))
            comments = _comments(path)
            sha256 = file_sha256(path)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, RuntimeError) as error:
            raise TableError(f"ASN table {path}: {one_line(error)}") from error
        if next(iter(table), None) is None:
            raise TableError(f"ASN table {path}: no prefix in it")
        stated = stated_date(comments)
        date, dated_by = (stated, "header") if stated else (file_date(path), "file system")
        return cls(table, Provenance("asn", str(path), date, dated_by, sha256))

    def __getitem__(self, address: str) -> Origin | None:
        asn, prefix = self._table.lookup(address)
        return None if asn is None else Origin(asn, prefix)

    def layers(self) -> tuple[Layers, list[int]]:
        """The origins of all addresses; a code is a place in the list of AS numbers."""
        rows = [(node.asn, *node.prefix.split("/")) for node in self._table.radix]
        numbers, codes = np.unique([row[0] for row in rows], return_inverse=True)
        layers = {}
        for version, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
            chosen = [place for place, row in enumerate(rows) if (":" in row[1]) == (version == 6)]  # noqa: PLR2004
            packed = b"".join(socket.inet_pton(family, rows[place][1]) for place in chosen)
            lengths = np.array([int(rows[place][2]) for place in chosen], np.int64)
            layers[version] = Layer.of_prefixes(version, packed, lengths, codes[chosen])
        return layers, numbers.tolist()


def _comments(path: Path) -> str:
    """The comment lines that open a table."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        lines = islice(file, 20)
        return "".join(line for line in lines if line.startswith(";"))


def stated_date(comments: str) -> str | None:
    """The ISO date that a table's comments state: of the dump, or else of the conversion."""
    if dump := _DATE.search(comments):
        return "-".join(dump.groups())
    if converted := _CONVERTED.search(comments):
        moment = datetime.strptime(converted[1], "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 - a date
        return moment.date().isoformat()
    return None


class Owner(NamedTuple):
    """What an MMDB says of an address; None where it says nothing."""

    asn: int | None
    as_name: str | None
    country: str | None
    """ISO 3166 code."""


class OwnerTable:
    """An MMDB of AS, AS name and country, or some of them.

    Understands the keys of IPinfo (``asn`` "AS15169", ``as_name``, ``country_code``) and of
    MaxMind (``autonomous_system_number``, ``autonomous_system_organization``,
    ``country.iso_code``). Its AS numbers are its own and need not agree with an AsnTable.
    """

    def __init__(self, reader: maxminddb.Reader, provenance: Provenance) -> None:
        self._reader = reader
        self._ipv4_only = reader.metadata().ip_version == 4  # noqa: PLR2004
        self.provenance = provenance

    @classmethod
    def open(cls, path: Path) -> "OwnerTable":
        """The table of an .mmdb file."""
        try:
            reader = maxminddb.open_database(str(path))
            known = any(any(owner_of(record)) for _, record in islice(reader, 1000))
            sha256 = file_sha256(path)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise TableError(f"MMDB {path}: {one_line(error)}") from error
        metadata = reader.metadata()
        if not known:
            raise TableError(f"MMDB {path}: a {metadata.database_type} holds no AS or country")
        date = date_of(metadata.build_epoch)
        return cls(reader, Provenance("owner", str(path), date, "build time", sha256))

    def __getitem__(self, address: str) -> Owner | None:
        if self._ipv4_only and ":" in address:
            return None
        record = self._reader.get(address)
        return None if record is None else owner_of(record)

    def layers(self) -> tuple[Layers, list[Owner]]:
        """The owners of all addresses; a code is a place in the list. Reads the file whole."""
        about = self._reader.metadata()
        raw = Path(self.provenance.source).read_bytes()
        found = leaves(raw, about.node_count, about.record_size, about.ip_version)
        places: dict[Owner, int] = {}
        layers: dict[int, Layer] = {version: Layer.blank(version) for version in (4, 6)}
        for version, (starts, records) in found.items():
            _, examples, number = np.unique(records, return_index=True, return_inverse=True)
            owners = [self[in_text(version, starts[place])] for place in examples]
            codes = [NONE if o is None else places.setdefault(o, len(places)) for o in owners]
            layers[version] = Layer(starts, np.array(codes, np.int64)[number]).compressed()
        return layers, list(places)


def owner_of(record: object) -> Owner:
    """The owner in an MMDB record, whichever of the two vocabularies it uses."""
    if not isinstance(record, Mapping):
        return Owner(None, None, None)
    country = record.get("country")
    return Owner(
        _as_number(record.get("asn") or record.get("autonomous_system_number")),
        _text(record.get("as_name") or record.get("autonomous_system_organization")),
        _text(record.get("country_code"))
        or (_text(country.get("iso_code")) if isinstance(country, Mapping) else None),
    )


def _as_number(value: object) -> int | None:
    """15169, "15169" or "AS15169" as a number."""
    digits = str(value).removeprefix("AS")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
