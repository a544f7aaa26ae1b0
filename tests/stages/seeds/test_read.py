import gzip
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from stages.seeds.entry import Reason, Reject, Seed, SeedError
from stages.seeds.layout import LINE_MAX
from stages.seeds.read import read
from stages.seeds.source import list_name

_ROOT = Path(__file__).parents[3]
_TEXT = b"1,www.example.com\n2,example.org\n3,192.0.2.1\n"
_EXPECTED = [
    Seed("example.com", "top-1m", 1),
    Seed("example.org", "top-1m", 2),
    Reject("top-1m", 3, Reason.ADDRESS, "3,192.0.2.1"),
]


def _zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("top-1m.csv", lambda path: path.write_bytes(_TEXT)),
        ("top-1m.csv.gz", lambda path: path.write_bytes(gzip.compress(_TEXT))),
        (
            "top-1m.gz",
            lambda path: path.write_bytes(gzip.compress(_TEXT[:20]) + gzip.compress(_TEXT[20:])),
        ),
        ("top-1m.csv.zst", lambda path: path.write_bytes(zstandard.compress(_TEXT))),
        ("top-1m.csv.zip", lambda path: _zip(path, {"top-1m.csv": _TEXT})),
        ("top-1m", lambda path: path.write_bytes(gzip.compress(_TEXT))),
    ],
)
def test_packings(tmp_path: Path, name: str, write: Callable[[Path], object]) -> None:
    path = tmp_path / name
    write(path)
    assert list(read([path], exact=False)) == _EXPECTED
    assert next(read([str(path)], exact=True)) == Seed("www.example.com", "top-1m", 1)


@pytest.mark.parametrize(
    "string", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_parquet(tmp_path: Path, string: pa.DataType) -> None:
    path = tmp_path / "crux.parquet"
    table = pa.table(
        {
            "popularity": pa.array([1000, None, 5000, 0, 1], pa.int32()),
            "Origin": pa.array(
                ["https://www.example.com", "example.org", None, "a.example", "com"]
            ).cast(string),
            "other": [1, 2, 3, 4, 5],
        }
    )
    pq.write_table(table, path, row_group_size=2)
    assert list(read([path], exact=False)) == [
        Seed("example.com", "crux", 1000),
        Seed("example.org", "crux", None),
        Reject("crux", 4, Reason.BAD_RANK, "0,a.example"),
        Reject("crux", 5, Reason.BARE_LABEL, "com"),
    ]


def test_parquet_without_ranks(tmp_path: Path) -> None:
    path = tmp_path / "names.parquet"
    pq.write_table(pa.table({"domain": ["a.com"]}), path)
    assert list(read([path], exact=False)) == [Seed("a.com", "names", None)]


@pytest.mark.parametrize(
    "data",
    [_TEXT, gzip.compress(_TEXT), zstandard.compress(_TEXT)],
    ids=["plain", "gzip", "zstandard"],
)
def test_standard_input_through_a_pipe(data: bytes) -> None:
    code = (
        "import os\nfrom stages.seeds.read import read\n"
        "for s in read(['-'], exact=False): print(*s)\n"
        "os.fstat(0)"  # still open
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=data, capture_output=True, cwd=_ROOT, check=True
    )
    assert done.stdout.decode().splitlines() == [
        "example.com stdin 1",
        "example.org stdin 2",
        "stdin 3 address 3,192.0.2.1",
    ]


def _zip_encrypted(path: Path) -> None:
    _zip(path, {"a": _TEXT})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1  # flag bit 0 of the local header, then of the central directory
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)


def _zip_damaged(path: Path) -> None:
    _zip(path, {"a": _TEXT})
    raw = bytearray(path.read_bytes())
    raw[31] = 0xFF  # the first of the packed data, behind 30 bytes of header and the name
    path.write_bytes(raw)


def test_list_that_must_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(_TEXT)
    path.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:  # root may read anything; nobody may not
            os.seteuid(65534)
        with pytest.raises(SeedError, match="Permission denied"):
            list(read([path], exact=False))
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("a.txt", lambda _: None, "No such file"),
        ("a", lambda path: path.mkdir(), "Is a directory"),
        ("a.txt", lambda path: path.write_bytes(os.urandom(50) + b"\0" * 50), "binary"),
        ("a.txt", lambda path: path.write_bytes("1,example.com\n".encode("utf-16")), "binary"),
        ("a.gz", lambda path: path.write_bytes(gzip.compress(_TEXT)[:-12]), "Truncated"),
        ("a.gz", lambda path: path.write_bytes(b"\x1f\x8bnothing of the kind"), "inflate"),
        ("a.zst", lambda path: path.write_bytes(zstandard.compress(_TEXT)[:-3]), "Truncated"),
        ("a.zip", lambda path: _zip(path, {"a": _TEXT, "b": _TEXT}), "one list, not 2"),
        ("a.zip", _zip_encrypted, "encrypted"),
        ("a.zip", _zip_damaged, "Error -3"),
        ("a.zip", lambda path: path.write_bytes(b"PK\x03\x04 no more"), "not a zip"),
        ("a.parquet", lambda path: path.write_bytes(b"PAR1 nothing else"), "magic"),
        ("a.parquet", lambda path: pq.write_table(pa.table({"x": [1]}), path), "no column"),
    ],
)
def test_list_that_cannot_be_read_is_one_line(
    tmp_path: Path, name: str, write: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / name
    write(path)
    with pytest.raises(SeedError, match=message) as error:
        list(read([path], exact=False))
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_zip_through_a_pipe_is_refused(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"a": _TEXT})
    code = (
        "from stages.seeds.entry import SeedError\nfrom stages.seeds.read import read\n"
        "try: list(read(['-'], exact=False))\nexcept SeedError as error: print(error)"
    )
    data = (tmp_path / "a.zip").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", code], input=data, capture_output=True, cwd=_ROOT, check=True
    )
    assert b"cannot be read from a pipe" in done.stdout


def test_broken_end_comes_after_the_seeds_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    lines = b"".join(f"{i * 7919}.example{i}.com\n".encode() for i in range(50_000))
    path.write_bytes(gzip.compress(lines)[:-100])
    seeds = read([path], exact=False)
    assert next(seeds) == Seed("example0.com", "a", None)
    with pytest.raises(SeedError, match="Truncated"):
        list(seeds)


def test_line_without_end_takes_no_memory_and_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a.com\n" + b"x" * (5 * LINE_MAX + 17) + b"\nb.com\n")
    assert [type(entry) for entry in read([path], exact=False)] == [Seed, Reject, Seed]


def test_two_lists_of_one_name(tmp_path: Path) -> None:
    for folder in ("tranco", "umbrella"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "top-1m.csv").write_bytes(_TEXT)
    with pytest.raises(SeedError, match="'top-1m'"):
        read([tmp_path / "tranco" / "top-1m.csv", tmp_path / "umbrella" / "top-1m.csv"], exact=True)
    with pytest.raises(SeedError, match="'stdin'"):
        read(["-", "-"], exact=True)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("-", "stdin"),
        ("a/top-1m.csv.zip", "top-1m"),
        ("tranco_2026.11.txt.GZ", "tranco_2026.11"),
        ("list", "list"),
        (".txt", ".txt"),
        (Path("x/crux.parquet"), "crux"),
    ],
)
def test_list_names(source: str | Path, name: str) -> None:
    assert list_name(source) == name
