"""Damage told from bugs: by reading what an error names, not by its words."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import damage


def part(folder: Path, table: str) -> Path:
    path = folder / table / "run=night" / "part-0.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"domain": [f"{n}.example" for n in range(9999)]}), path)
    return path


def read(path: Path) -> None:
    duckdb.sql(f"SELECT max(domain) FROM read_parquet('{path}')").fetchall()


@pytest.mark.parametrize(
    ("table", "remedy"),
    [
        ("domains", "repeat the command of its crawl"),
        ("providers", "`mailcensus infer` writes it anew"),
        ("changes", "`mailcensus diff` writes it anew"),
        ("snowshoe_scores", "`mailcensus snowshoe score` writes it anew"),
        ("others", "restore it, or move it away"),
    ],
)
@pytest.mark.parametrize("harm", ["cut", "empty", "flipped"])
def test_what_duckdb_cannot_read_is_named(
    tmp_path: Path, table: str, remedy: str, harm: str
) -> None:
    path = part(tmp_path, table)
    data = path.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 64])
    harmed = {"cut": data[:middle], "empty": b"", "flipped": flipped + data[middle + 64 :]}
    path.write_bytes(harmed[harm])
    with pytest.raises(duckdb.Error) as raised:
        read(path)
    found = damage.named(raised.value)
    assert found
    assert str(found).startswith(f"{path} is damaged (")
    assert remedy in str(found)
    assert len(str(found).splitlines()) == 1


def test_an_error_about_a_sound_file_is_none_of_it(tmp_path: Path) -> None:
    path = part(tmp_path, "domains")
    assert damage.named(ValueError(f"Failed to read file '{path}'")) is None
    assert damage.named(ValueError("a bug")) is None


def test_a_file_that_is_gone_is_none_of_it(tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error) as raised:
        read(tmp_path / "gone.parquet")
    assert damage.named(raised.value) is None
