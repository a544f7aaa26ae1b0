"""A line of a scan: its fields as a value, and a value as its fields.

    domain_name  mx  mx_pref  ip_of_mx  asn_of_ip  dict_scanning_data  ip_scan_debug_message

One line a (domain, MX, address), tab-separated, an empty field for what there is none of; older
files lack the last column. The scanning data are a Python literal:

    {'smtp': {'starttls': {'banner': '220 …', 'ehlo': '250 …', 'tls': {
        'certificate': {'raw': '-----BEGIN …', 'parsed': {'names': […]}},
        'validation': {'browser_trusted': True}}}, 'x509_msg': 'OK'}}

``parse`` takes the fields of any file; ``fields`` writes what the tool can read, in its order.
"""

import base64
import binascii
import re
import ssl
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from stages.scan.literal import ScanError, literal
from stages.seeds.entry import Rejected
from stages.seeds.name import domain as domain_name

COLUMNS = (
    "domain_name",
    "mx",
    "mx_pref",
    "ip_of_mx",
    "asn_of_ip",
    "dict_scanning_data",
    "ip_scan_debug_message",
)
_OLD = len(COLUMNS) - 1
_PREFERENCE_MAX = 0xFFFF
_ASN_MAX = 0xFFFFFFFF
_PEM = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*", re.ASCII
)


class Leaf(NamedTuple):
    """The certificate an address showed, and what the scanner made of it."""

    der: bytes
    names: tuple[str, ...]
    trusted: bool
    message: str | None


class ScanRow(NamedTuple):
    """One line; None for what it has not."""

    domain: str
    mx: str | None = None
    preference: int | None = None
    address: str | None = None
    asn: int | None = None
    banner: str | None = None
    ehlo: str | None = None
    leaf: Leaf | None = None
    message: str | None = None


def is_header(cells: Sequence[str]) -> bool:
    """Whether the first line of a file names the columns."""
    return bool(cells) and cells[0] == COLUMNS[0]


def parse(cells: Sequence[str]) -> ScanRow:
    """The row of a line's fields, six or seven; ScanError says what is wrong with them."""
    if len(cells) not in (_OLD, len(COLUMNS)):
        raise ScanError(f"{len(cells)} fields where 6 or 7 belong")
    domain, mx, preference, address, asn, data, *rest = map(_text, cells)
    if address and not mx:
        raise ScanError("an address without an MX")
    if not address and (asn or data):
        raise ScanError("an AS number or scanning data without an address")
    scanned = _Scanned(literal(data)) if data else None
    return ScanRow(
        _domain(domain),
        _exchange(mx) if mx else None,
        _number(preference, "preference", _PREFERENCE_MAX) if mx else None,
        _address(address) if address else None,
        _number(asn, "AS number", _ASN_MAX) if asn else None,
        scanned.said("banner") if scanned else None,
        scanned.said("ehlo") if scanned else None,
        scanned.leaf() if scanned else None,
        next(iter(rest), "") or (scanned.message() if scanned else None) or None,
    )


def fields(row: ScanRow) -> tuple[str, ...]:
    """The seven fields of a row."""
    return (
        row.domain,
        row.mx or "",
        "" if row.preference is None else str(row.preference),
        row.address or "",
        "" if row.asn is None else str(row.asn),
        scanning_data(row.banner, row.ehlo, row.leaf),
        row.message or "",
    )


def scanning_data(banner: str | None, ehlo: str | None, leaf: Leaf | None) -> str:
    """The literal of what an address said and showed; empty if nothing."""
    if banner is None and ehlo is None and leaf is None:
        return ""
    starttls: dict[str, object] = {}
    if banner is not None:
        starttls["banner"] = banner
    if ehlo is not None:
        starttls["ehlo"] = ehlo
    smtp: dict[str, object] = {"starttls": starttls}
    if leaf is not None:
        parsed = {"names": list(leaf.names)}
        starttls["tls"] = {
            "certificate": {"raw": ssl.DER_cert_to_PEM_cert(leaf.der), "parsed": parsed},
            "validation": {"browser_trusted": leaf.trusted},
        }
        smtp["x509_msg"] = leaf.message or ""
    return repr({"smtp": smtp})


class _Scanned:
    """Scanning data with whatever else they hold."""

    def __init__(self, value: object) -> None:
        self._smtp = _mapping(_mapping(value, "scanning data").get("smtp"), "'smtp'")
        self._starttls = _mapping(self._smtp.get("starttls"), "'starttls'")

    def said(self, what: str) -> str | None:
        return _optional(self._starttls, what)

    def message(self) -> str | None:
        return _optional(self._smtp, "port_scan_msg")

    def leaf(self) -> Leaf | None:
        if self._starttls.get("tls") is None:
            return None
        tls = _mapping(self._starttls["tls"], "'tls'")
        certificate = _mapping(tls.get("certificate"), "'certificate'")
        trusted = _mapping(tls.get("validation", {}), "'validation'").get("browser_trusted")
        if trusted not in (True, False, None):
            raise ScanError("'browser_trusted' is no truth value")
        der = _der(_optional(certificate, "raw") or "")
        message = _optional(self._smtp, "x509_msg") or None
        return Leaf(der, _names(certificate.get("parsed")), bool(trusted), message)


def _mapping(value: object, what: str) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise ScanError(f"{what} is missing or no mapping")
    return value


def _optional(mapping: Mapping[object, object], key: str) -> str | None:
    value = mapping.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ScanError(f"{key!r} is no text")
    return value.encode(errors="backslashreplace").decode()


def _names(parsed: object) -> tuple[str, ...]:
    names = _mapping(parsed, "'parsed'").get("names") if parsed is not None else None
    if names is None:
        return ()
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ScanError("'names' is no list of names")
    return tuple(str(name).encode(errors="backslashreplace").decode() for name in names)


def _der(pem: str) -> bytes:
    match = _PEM.fullmatch(pem)
    try:
        return base64.b64decode("".join(match[1].split()), validate=True) if match else b""
    except binascii.Error:
        match = None
    finally:
        if match is None:
            raise ScanError("the certificate is no PEM of one")


def _text(cell: str) -> str:
    try:
        cell.encode()
    except UnicodeEncodeError:
        raise ScanError("not UTF-8") from None
    return cell


def _domain(text: str) -> str:
    try:
        return domain_name(text, exact=True)
    except Rejected as error:
        raise ScanError(f"{text[:80]!r} is no domain: {error.reason}") from None


def _exchange(text: str) -> str:
    return text.lower().rstrip(".") or "."


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ScanError(f"{text[:80]!r} is no address") from None


def _number(text: str, what: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        raise ScanError(f"{text[:80]!r} is no {what}")
    if int(text) > most:
        raise ScanError(f"{what} {text} is too large")
    return int(text)
