"""Record data in wire form and in zone files agree, and dnspython is the judge."""

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.world.model import Record
from scripts.world.rdata import TYPES, BadData, encode, text_bytes, type_code, zone_text

SAMPLES = {
    "A": "127.1.2.3",
    "AAAA": "2001:db8::1",
    "CNAME": "alias.example.net",
    "MX": "10 mail.example.net",
    "NS": "ns.example.net",
    "PTR": "host.example.net",
    "SOA": "ns.example.net hostmaster.example.net 1 3600 600 86400 60",
    "SRV": "0 5 443 autodiscover.example.net",
    "TLSA": "3 1 1 " + "ab" * 32,
    "TXT": 'v=spf1 "quoted" back\\slash \u2013all ; $x @y',
}


def _by_dnspython(record: Record) -> bytes:
    rdata = dns.rdata.from_text(dns.rdataclass.IN, record.type, zone_text(record))
    return bytes(rdata.to_wire() or b"")


def test_every_type_has_a_sample() -> None:
    assert set(SAMPLES) == set(TYPES)
    assert all(type_code(kind) == dns.rdatatype.from_text(kind) for kind in TYPES)


@pytest.mark.parametrize(("kind", "data"), SAMPLES.items())
def test_zone_text_and_wire_form_say_the_same(kind: str, data: str) -> None:
    record = Record("example.net", kind, data)
    assert encode(record) == _by_dnspython(record)


@pytest.mark.parametrize("data", ["0 .", r"10 mail\032server", "20 127.0.0.9", "30 https://x.y"])
def test_odd_exchanges_survive(data: str) -> None:
    record = Record("example.net", "MX", data)
    assert encode(record) == _by_dnspython(record)


@given(st.text(st.characters(codec="utf-8"), max_size=600) | st.just("m\udce4rz"))
def test_texts_survive_whole_whatever_they_hold(text: str) -> None:
    record = Record("example.net", "TXT", text)
    strings = _strings(encode(record))
    assert b"".join(strings) == text_bytes(text)
    assert all(len(string) == 255 for string in strings[:-1])
    assert encode(record) == _by_dnspython(record)


@pytest.mark.parametrize(
    "record",
    [
        Record("a.b", "A", "::1"),
        Record("a.b", "AAAA", "127.0.0.1"),
        Record("a.b", "MX", "mail.example"),
        Record("a.b", "MX", "70000 mail.example"),
        Record("a.b", "MX", "10"),
        Record("a.b", "CNAME", "a..b"),
        Record("a.b", "HINFO", "x y"),
    ],
)
def test_data_of_no_such_type_is_refused_in_both_forms(record: Record) -> None:
    with pytest.raises(BadData):
        encode(record)
    with pytest.raises(BadData):
        zone_text(record)


def _strings(data: bytes) -> list[bytes]:
    strings = []
    while data:
        strings.append(data[1 : 1 + data[0]])
        data = data[1 + data[0] :]
    return strings
