"""Scan files as other people write them, and as nobody should."""

import csv
import io
import ssl
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import ConfigError
from pipeline.journal import Journal
from pipeline.record import Record
from pipeline.scan.export import export_scan
from pipeline.scan.intake import import_scan
from pipeline.settings import Settings
from pipeline.warehouse import Run, Warehouse
from schemas import DOMAINS
from tests.certs.authority import issue
from tests.pipeline.command import mailcensus

HEADER = ("domain_name", "mx", "mx_pref", "ip_of_mx", "asn_of_ip", "dict_scanning_data")
GOOGLE = "250 mx.google.com at your service, [192.0.2.9]\nSIZE 157286400\nSTARTTLS"


def certificate(*names: str) -> str:
    """A certificate in PEM."""
    return ssl.DER_cert_to_PEM_cert(issue(names[0], dns=names).der)


def data(banner: str, ehlo: str, pem: str = "", *, trusted: bool = True) -> str:
    """Scanning data as the tool's repr writes them."""
    starttls: dict[str, object] = {"banner": banner, "ehlo": ehlo}
    smtp: dict[str, object] = {"starttls": starttls}
    if pem:
        validation = {"browser_trusted": trusted}
        parsed = {"raw": pem, "parsed": {"names": ["mx.example.net"]}}
        starttls["tls"] = {"certificate": parsed, "validation": validation}
        smtp["x509_msg"] = "OK" if trusted else "error 18 at 0 depth lookup"
    return str({"smtp": smtp})


def written(path: Path, rows: Iterable[tuple[str, ...]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter="\t").writerows((HEADER, *rows))
    path.write_bytes(text.getvalue().encode())
    return path


def run_in(folder: Path, name: str = "scan") -> Run:
    run = Warehouse.at(str(folder / "warehouse")).run(name)
    Path(run.folder).mkdir(parents=True, exist_ok=True)
    return run


def select(run: Run, columns: str, table: str) -> list[tuple[object, ...]]:
    path = f"{run.warehouse.root}/{table}/run={run.id}/*.parquet"
    return duckdb.sql(f"SELECT {columns} FROM '{path}' ORDER BY ALL").fetchall()


def rows() -> list[tuple[str, ...]]:
    google, own = certificate("mx.google.com"), certificate("mail.b-mail.net", "b-mail.net")
    first = data("220 mx.google.com ESMTP 1 - gsmtp", GOOGLE, google)
    later = data("220 mx.google.com ESMTP 2 - gsmtp", GOOGLE, google, trusted=False)
    return [
        ("a-mail.net", "aspmx.l.google.com", "1", "192.0.2.1", "15169", ""),
        ("a-mail.net", "aspmx.l.google.com", "1", "192.0.2.2", "", first, "OK"),
        ("b-mail.net", "mail.b-mail.net", "10", "192.0.2.3", "64500",
         data("220 mail.b-mail.net ESMTP Exim 4.96", "250 mail.b-mail.net", own, trusted=False)),
        ("b-mail.net", "backup.b-mail.net", "20", "", "", ""),
        ("c-mail.net", "", "", "", "", ""),
        ("d-mail.net", "ASPMX.L.GOOGLE.com.", "1", "192.0.2.1", "", later),
        ("d-mail.net", ".", "5", "", "", ""),
        ("e-mail.net", ".", "0", "", "", ""),
    ]  # fmt: skip


@pytest.fixture
def imported(tmp_path: Path) -> Run:
    run = run_in(tmp_path)
    import_scan(written(tmp_path / "night.tsv", rows()), run, Settings(smtp_port=25))
    return run


def test_what_lines_say_of_one_thing_is_brought_together(imported: Run) -> None:
    assert select(imported, "host, status, a", "hosts") == [
        ("aspmx.l.google.com", "resolved", ["192.0.2.1", "192.0.2.2"]),
        ("backup.b-mail.net", "failed", []),
        ("mail.b-mail.net", "resolved", ["192.0.2.3"]),
    ]
    assert select(imported, "address, outcome, banner, software, software_version", "smtp") == [
        ("192.0.2.1", "ok", "220 mx.google.com ESMTP 2 - gsmtp", "Google gsmtp", None),
        ("192.0.2.2", "ok", "220 mx.google.com ESMTP 1 - gsmtp", "Google gsmtp", None),
        ("192.0.2.3", "ok", "220 mail.b-mail.net ESMTP Exim 4.96", "Exim", "4.96"),
    ]
    assert select(imported, "address, asn", "addresses") == [
        ("192.0.2.1", 15169),
        ("192.0.2.2", None),
        ("192.0.2.3", 64500),
    ]
    assert select(imported, "domain, mail, [x.exchange for x in mx]", "domains") == [
        ("a-mail.net", "mx", ["aspmx.l.google.com"]),
        ("b-mail.net", "mx", ["mail.b-mail.net", "backup.b-mail.net"]),
        ("c-mail.net", "failed", []),
        ("d-mail.net", "mx", ["aspmx.l.google.com", "."]),
        ("e-mail.net", "null_mx", ["."]),
    ]


def test_certificates_are_read_anew_and_keep_the_first_verdict(imported: Run) -> None:
    assert select(imported, "names, verdict, verdict_reason", "certificates") == [
        (["b-mail.net", "mail.b-mail.net"], "untrusted", "error 18 at 0 depth lookup"),
        (["mx.google.com"], "trusted", "OK"),
    ]
    assert select(imported, "address, starttls", "smtp")[0] == ("192.0.2.1", "ok")


def test_the_run_says_where_it_is_from(imported: Run, tmp_path: Path) -> None:
    record = Record.load(imported)
    assert record is not None
    assert record.imported == str(tmp_path / "night.tsv")
    assert record.smtp_port == 25
    assert record.tally.distinct == Journal.load(imported).rows(DOMAINS) == 5
    assert [source.name for source in record.sources] == ["night"]
    when = (tmp_path / "night.tsv").stat().st_mtime_ns // 1000
    assert set(select(imported, "epoch_us(asked)", "domains")) == {(when,)}


def test_nothing_but_the_run_is_left(imported: Run) -> None:
    assert sorted(path.name for path in Path(imported.folder).iterdir()) == [
        "journal", "run.json", "seeds.parquet",
    ]  # fmt: skip


def test_a_consistent_scan_comes_back_line_by_line(tmp_path: Path) -> None:
    kept = [row for row in rows() if row[0] != "d-mail.net"]
    path = written(tmp_path / "night.tsv", kept)
    run = run_in(tmp_path)
    import_scan(path, run, Settings(smtp_port=25))
    assert export_scan(run, tmp_path / "again.tsv") == len(kept)
    with (tmp_path / "again.tsv").open(newline="") as file:
        _, *lines = csv.reader(file, delimiter="\t")
    names = {"b-mail.net": "['b-mail.net', 'mail.b-mail.net']", "a-mail.net": "['mx.google.com']"}
    expected = {
        (*row[:5], row[5].replace("['mx.example.net']", names.get(row[0], "")), *(row[6:] or ("",)))
        for row in kept
    }
    assert set(map(tuple, lines)) == expected


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (b"f.example\tmx.example\t1\n", "line 5: 3 fields"),
        (b"f.example\tmx.example\t1\t192.0.2.1\t\texit()\n", "line 5: scanning data are no Python"),
        (b"f.ex\xffample\t\t\t\t\t\n", "line 5: not UTF-8"),
        (b"f.example\t\t\t\t\t\t" + b"x" * (1 << 21) + b"\n", "line 5: field larger"),
    ],
)
def test_one_bad_line_and_nothing_is_there(tmp_path: Path, bad: bytes, error: str) -> None:
    path = written(tmp_path / "night.tsv", rows()[:3])
    path.write_bytes(path.read_bytes() + bad + b"g.example\t\t\t\t\t\n")
    warehouse = tmp_path / "warehouse"
    done = mailcensus("import-scan", path, warehouse, "scan")
    assert done.returncode == 2
    assert f"{path}, {error}" in done.stderr
    assert done.stderr.count("\n") == 1
    left = [each for each in warehouse.rglob("*") if each.is_file() and each.name != "lock"]
    assert left == []
    assert mailcensus("status", warehouse, "scan").returncode == 2
    written(path, rows()[:3])
    assert mailcensus("import-scan", path, warehouse, "scan").returncode == 0


def test_what_a_broken_import_has_left_is_taken_away(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    (Path(run.folder) / "importing").touch()
    stray = Path(run.table(DOMAINS)) / "part-0-000009.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half")
    import_scan(written(tmp_path / "night.tsv", rows()), run, Settings(smtp_port=25))
    assert not stray.exists()
    assert Journal.load(run).rows(DOMAINS) == 5


def test_the_rows_of_somebody_else_are_not(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    stray = Path(run.table(DOMAINS)) / "part-0-000009.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"theirs")
    with pytest.raises(ConfigError, match="already"):
        import_scan(written(tmp_path / "night.tsv", rows()), run, Settings(smtp_port=25))
    assert stray.read_bytes() == b"theirs"


def test_no_file_and_an_empty_one(tmp_path: Path) -> None:
    for path, error in (
        (tmp_path / "none", "cannot read"),
        (written(tmp_path / "e", ()), "no line"),
    ):
        with pytest.raises(ConfigError, match=error):
            import_scan(path, run_in(tmp_path), Settings(smtp_port=25))
