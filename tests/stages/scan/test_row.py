import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.scan.literal import ScanError
from stages.scan.row import COLUMNS, Leaf, ScanRow, fields, is_header, parse

DER = bytes(range(256)) * 3
PEM = ssl.DER_cert_to_PEM_cert(DER)
DATA = {
    "smtp": {
        "starttls": {
            "banner": "220 mx.example.net ESMTP",
            "ehlo": "250 mx.example.net at your service\nSIZE 35882577\nSTARTTLS",
            "tls": {
                "certificate": {"raw": PEM, "parsed": {"names": ["mx.example.net"]}},
                "validation": {"browser_trusted": False},
            },
        },
        "x509_msg": "error 18 at 0 depth lookup: self signed certificate",
    }
}
FULL = ["example.com", "mx.example.net", "10", "192.0.2.1", "64500", repr(DATA), "OK"]
LEAF = Leaf(
    DER,
    ("mx.example.net",),
    trusted=False,
    message="error 18 at 0 depth lookup: self signed certificate",
)
ROW = ScanRow(
    "example.com",
    "mx.example.net",
    10,
    "192.0.2.1",
    64500,
    "220 mx.example.net ESMTP",
    "250 mx.example.net at your service\nSIZE 35882577\nSTARTTLS",
    LEAF,
    "OK",
)


def test_a_full_row_is_read_and_written_back() -> None:
    assert parse(FULL) == ROW
    assert list(fields(ROW)) == FULL


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (["example.com", "", "", "", "", ""], ScanRow("example.com")),
        (["example.com", "", "", "", "", "", ""], ScanRow("example.com")),
        (["EXAMPLE.com", "MX.Example.NET.", "0", "", "", "", "x"],
         ScanRow("example.com", "mx.example.net", 0, message="x")),
        (["example.com", ".", "0", "", "", ""], ScanRow("example.com", ".", 0)),
        (["example.com", "mx.example.net", "5", "2001:DB8:0::1", "", ""],
         ScanRow("example.com", "mx.example.net", 5, "2001:db8::1")),
        (["example.com", "mx.example.net", "5", "192.0.2.1", "1", "{'smtp': {'starttls': {}}}"],
         ScanRow("example.com", "mx.example.net", 5, "192.0.2.1", 1)),
        (["example.com", "mx.example.net", "5", "192.0.2.1", "1",
          "{'smtp': {'starttls': {'banner': '220 \\ud800'}, 'port_scan_msg': 'so'}}"],
         ScanRow("example.com", "mx.example.net", 5, "192.0.2.1", 1, "220 \\ud800", message="so")),
    ],
)  # fmt: skip
def test_rows_of_six_and_seven_fields(cells: list[str], row: ScanRow) -> None:
    assert parse(cells) == row


def altered(**changes: str) -> list[str]:
    cells = dict(zip(COLUMNS, FULL, strict=True)) | changes
    return list(cells.values())


def certificate(raw: object) -> str:
    return repr({"smtp": {"starttls": {"tls": {"certificate": {"raw": raw}}}}})


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ([], "0 fields"),
        (FULL[:5], "5 fields"),
        ([*FULL, ""], "8 fields"),
        (altered(domain_name=""), "no domain"),
        (altered(domain_name="no domain"), "no domain"),
        (altered(domain_name="x\udc80.com"), "not UTF-8"),
        (altered(mx=""), "without an MX"),
        (altered(mx_pref=""), "no preference"),
        (altered(mx_pref="-1"), "no preference"),
        (altered(mx_pref="٣"), "no preference"),
        (altered(mx_pref="65536"), "too large"),
        (altered(ip_of_mx="192.0.2.256"), "no address"),
        (altered(ip_of_mx=""), "without an address"),
        (altered(asn_of_ip="AS1"), "no AS number"),
        (altered(asn_of_ip="4294967296"), "too large"),
        (altered(asn_of_ip="9" * 400), "no AS number"),
        (altered(dict_scanning_data="[]"), "no mapping"),
        (altered(dict_scanning_data="{'smtp': 1}"), "no mapping"),
        (altered(dict_scanning_data="{'smtp': {}}"), "'starttls' is missing"),
        (altered(dict_scanning_data="exit()"), "no Python literal"),
        (altered(dict_scanning_data="{'smtp': {'starttls': {'banner': b'220'}}}"), "no text"),
        (altered(dict_scanning_data=certificate(None)), "no PEM"),
        (altered(dict_scanning_data=certificate("")), "no PEM"),
        (altered(dict_scanning_data=certificate(PEM + PEM)), "no PEM"),
        (altered(dict_scanning_data=certificate(PEM.replace("A", "*"))), "no PEM"),
        (altered(dict_scanning_data=certificate(PEM.replace("A", "", 1))), "no PEM"),
        (altered(dict_scanning_data=repr(DATA).replace("False", "'False'")), "no truth value"),
        (altered(dict_scanning_data=repr(DATA).replace("['mx.", "[1, 'mx.")), "no list of names"),
    ],
)
def test_what_is_wrong_is_said(cells: list[str], error: str) -> None:
    with pytest.raises(ScanError, match=error):
        parse(cells)


def test_the_header_is_known() -> None:
    assert is_header(COLUMNS)
    assert is_header(COLUMNS[:6])
    assert not is_header(FULL)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.builds(
    Leaf, st.binary(min_size=1), st.lists(TEXT).map(tuple), st.booleans(), TEXT | st.none()
)
ROWS = st.builds(
    ScanRow,
    st.just("example.com"),
    st.just("mx.example.net"),
    st.integers(0, 65535),
    st.ip_addresses().map(str),
    st.none() | st.integers(0, 2**32 - 1),
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | LEAVES,
    st.none() | TEXT.filter(bool),
)


@given(ROWS)
def test_any_row_comes_back(row: ScanRow) -> None:
    leaf = row.leaf and row.leaf._replace(message=row.leaf.message or None)
    assert parse(fields(row)) == row._replace(leaf=leaf)


@given(st.lists(st.text() | st.sampled_from(FULL), max_size=8))
def test_any_fields_give_a_row_or_the_error(cells: list[str]) -> None:
    try:
        row = parse(cells)
    except ScanError:
        return
    assert parse(fields(row)) == row
