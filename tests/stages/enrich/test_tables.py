import gzip
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from schemas.provenance import TableError
from stages.enrich.tables import AsnTable, Origin, Owner, OwnerTable, owner_of, stated_date

DATA = Path(__file__).parents[4] / "shared" / "data" / "ip"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/ip")

TABLE = """\
; IP-ASN32-DAT file
; Original file : rib.20260613.0600.bz2
10.0.0.0/8\t64500
10.1.0.0/16\t64501
2001:db8::/32\t4200000000
"""


@pytest.fixture(params=["ipasn.dat", "ipasn.dat.gz"])
def asn_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    path.write_bytes(
        gzip.compress(TABLE.encode(), mtime=0) if path.suffix == ".gz" else TABLE.encode()
    )
    return path


def test_the_most_specific_prefix_gives_the_origin(asn_file: Path) -> None:
    table = AsnTable.open(asn_file)
    assert table["10.2.0.1"] == Origin(64500, "10.0.0.0/8")
    assert table["10.1.0.1"] == Origin(64501, "10.1.0.0/16")
    assert table["2001:db8::1"] == Origin(4200000000, "2001:db8::/32")
    assert table["192.0.2.1"] is None


def test_a_table_says_where_it_comes_from(asn_file: Path) -> None:
    provenance = AsnTable.open(asn_file).provenance
    assert provenance.source == str(asn_file)
    assert (provenance.date, provenance.dated_by) == ("2026-06-13", "header")
    assert provenance.sha256 == sha256(asn_file.read_bytes()).hexdigest()


def test_a_table_that_states_no_date_has_its_files(tmp_path: Path) -> None:
    path = tmp_path / "ipasn.dat"
    path.write_text("10.0.0.0/8\t64500\n")
    os.utime(path, (0, datetime(2026, 2, 3, 12, tzinfo=UTC).timestamp()))
    provenance = AsnTable.open(path).provenance
    assert (provenance.date, provenance.dated_by) == ("2026-02-03", "file system")


@pytest.mark.parametrize(
    ("comments", "date"),
    [
        (
            "; Original file : rib.20140513.0600.bz2\n; Converted on  : Tue May 27 22:32:36 2014",
            "2014-05-13",
        ),
        ("; Converted on  : Tue May 27 22:32:36 2014", "2014-05-27"),
        ("; Converted on  : Sun Nov  1 02:03:04 2026", "2026-11-01"),
        ("; iptoasn, 2026-06-30", "2026-06-30"),
        ("; IP-ASN32-DAT file", None),
        ("; Prefixes : 20991399", None),
    ],
)
def test_dates_are_read_from_comments(comments: str, date: str | None) -> None:
    assert stated_date(comments) == date


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.dat", b""),
        ("comments.dat", b"; nothing\n"),
        ("text.dat", b"no table at all\n"),
        ("binary.dat", bytes(range(256))),
        ("binary.dat.gz", gzip.compress(bytes(range(256)), mtime=0)),
        ("plain.dat.gz", TABLE.encode()),
        ("truncated.dat.gz", gzip.compress(TABLE.encode(), mtime=0)[:-20]),
        ("corrupt.dat.gz", gzip.compress(TABLE.encode(), mtime=0)[:20] + b"\xff" * 40),
    ],
)
@pytest.mark.parametrize("opener", [AsnTable.open, OwnerTable.open])
def test_a_wrong_file_is_one_line_that_names_it(
    opener: Callable[[Path], object], name: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError, match=name) as raised:
        opener(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("opener", [AsnTable.open, OwnerTable.open])
def test_a_missing_file_and_a_directory_are_named(
    opener: Callable[[Path], object], tmp_path: Path
) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(TableError, match=path.name):
            opener(path)


@pytest.mark.parametrize(
    ("record", "owner"),
    [
        (
            {
                "asn": "AS15169",
                "as_name": "Google LLC",
                "country_code": "US",
                "country": "United States",
            },
            Owner(15169, "Google LLC", "US"),
        ),
        (
            {"autonomous_system_number": 15169, "autonomous_system_organization": "GOOGLE"},
            Owner(15169, "GOOGLE", None),
        ),
        ({"country": {"iso_code": "DE", "names": {"en": "Germany"}}}, Owner(None, None, "DE")),
        ({"asn": "", "as_name": "", "country_code": ""}, Owner(None, None, None)),
        ({"asn": "ASX", "as_name": 7, "country": []}, Owner(None, None, None)),
        ("text", Owner(None, None, None)),
        (None, Owner(None, None, None)),
    ],
)
def test_both_vocabularies_of_mmdb_records_are_read(record: object, owner: Owner) -> None:
    assert owner_of(record) == owner


@pytest.fixture
def countries(tmp_path: Path) -> Path:
    """A table of IPv4 alone, in MaxMind's words."""
    writer = MMDBWriter(ip_version=4, database_type="Test-Country")
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "NL"}})
    path = tmp_path / "country.mmdb"
    writer.to_db_file(str(path))
    return path


def test_a_table_of_ipv4_knows_no_ipv6(countries: Path) -> None:
    table = OwnerTable.open(countries)
    assert table["192.0.2.1"] == Owner(None, None, "NL")
    assert table["198.51.100.1"] is None
    assert table["2001:db8::1"] is None


def test_an_mmdb_of_something_else_is_refused(tmp_path: Path) -> None:
    writer = MMDBWriter(database_type="Test-Proxies")
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"is_proxy": True})
    path = tmp_path / "proxies.mmdb"
    writer.to_db_file(str(path))
    with pytest.raises(TableError, match="a Test-Proxies holds no AS or country"):
        OwnerTable.open(path)


@needs_data
def test_real_origins() -> None:
    table = AsnTable.open(DATA / "ipasn.dat.gz")
    assert table["8.8.8.8"] == Origin(15169, "8.8.8.0/24")
    assert table["10.0.0.1"] is None
    google6 = table["2001:4860:4860::8888"]
    assert google6 is not None
    assert google6.asn == 15169


@needs_data
def test_real_owners() -> None:
    table = OwnerTable.open(DATA / "ipinfo_lite.mmdb")
    assert table["8.8.8.8"] == Owner(15169, "Google LLC", "US")
    assert table["2001:4860:4860::8888"] == Owner(15169, "Google LLC", "US")
    assert table["10.0.0.1"] is None
    assert table.provenance[:4] == (
        "owner", str(DATA / "ipinfo_lite.mmdb"), "2026-10-26", "build time",
    )  # fmt: skip


@needs_data
def test_a_truncated_mmdb_is_named(tmp_path: Path) -> None:
    path = tmp_path / "short.mmdb"
    shutil.copy(DATA / "ipinfo_lite.mmdb", path)
    path.chmod(0o600)
    os.truncate(path, 1 << 20)
    with pytest.raises(TableError, match=r"short\.mmdb"):
        OwnerTable.open(path)
