"""Messages made by dnspython, and what it reads in them, in the codec's own terms."""

from ipaddress import IPv6Address

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.CAA import CAA
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.SOA import SOA
from dns.rdtypes.ANY.TLSA import TLSA
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.SRV import SRV
from hypothesis import strategies as st

from stages.dns.answer import CaaData, MxData, Rdata, RRType, SoaData, SrvData, TlsaData
from stages.dns.message import OPCODE, RCODE, Edns, Entry, Message, Record

TYPES = tuple(RRType)

_labels = st.binary(min_size=1, max_size=12)
names = st.lists(_labels, max_size=4).map(lambda labels: dns.name.Name([*labels, b""]))
_hosts = st.lists(st.from_regex(r"[a-z0-9_-]{1,10}", fullmatch=True), min_size=1, max_size=4)
host_names = _hosts.map(lambda labels: dns.name.from_text(".".join(labels)))
any_names = names | host_names
_u8 = st.integers(0, 0xFF)
_u16 = st.integers(0, 0xFFFF)
_u32 = st.integers(0, 0xFFFFFFFF)
_blob = st.binary(max_size=40)


def _wire(item: dns.name.Name | dns.rdata.Rdata) -> bytes:
    wire = item.to_wire()
    assert wire is not None
    return wire


def _strings(strings: list[bytes]) -> bytes:
    return b"".join(bytes((len(string),)) + string for string in strings)


_name_data = any_names.map(_wire)
_tags = st.from_regex(rb"[A-Za-z0-9]{1,15}", fullmatch=True)
_tlsa = st.one_of(  # dnspython checks the length of a digest
    _blob.map(lambda whole: b"\0" + whole),
    st.binary(min_size=32, max_size=32).map(lambda sha256: b"\1" + sha256),
    st.binary(min_size=64, max_size=64).map(lambda sha512: b"\2" + sha512),
)
RDATA: dict[int, st.SearchStrategy[bytes]] = {
    RRType.A: st.binary(min_size=4, max_size=4),
    RRType.AAAA: st.binary(min_size=16, max_size=16),
    RRType.NS: _name_data,
    RRType.CNAME: _name_data,
    RRType.PTR: _name_data,
    RRType.MX: st.builds(lambda n, e: n.to_bytes(2) + e, _u16, _name_data),
    RRType.TXT: st.lists(st.binary(max_size=255), min_size=1, max_size=4).map(_strings),
    RRType.SOA: st.builds(
        lambda m, r, times: m + r + b"".join(t.to_bytes(4) for t in times),
        _name_data,
        _name_data,
        st.lists(_u32, min_size=5, max_size=5),
    ),
    RRType.SRV: st.builds(
        lambda head, target: head + target, st.binary(min_size=6, max_size=6), _name_data
    ),
    RRType.TLSA: st.builds(
        lambda head, rest: head + rest, st.binary(min_size=2, max_size=2), _tlsa
    ),
    RRType.CAA: st.builds(
        lambda flags, tag, value: bytes((flags, len(tag))) + tag + value, _u8, _tags, _blob
    ),
    65280: _blob,  # private use: no library knows it
}


@st.composite
def rrsets(draw: st.DrawFn) -> dns.rrset.RRset:
    number = draw(st.sampled_from(list(RDATA)))
    data = draw(RDATA[number])
    rrtype = dns.rdatatype.RdataType.make(number)
    rdata = dns.rdata.from_wire(dns.rdataclass.IN, rrtype, data, 0, len(data))
    return dns.rrset.from_rdata(draw(any_names), draw(st.integers(0, 0x7FFFFFFF)), rdata)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A message with compressed names and records of all types in every section."""
    message = dns.message.Message(id=draw(_u16))
    message.flags = dns.flags.Flag(draw(_u16) & ~(OPCODE | RCODE))
    message.set_rcode(dns.rcode.Rcode(draw(st.sampled_from([0, 1, 2, 3, 5, 16, 23]))))
    rrtype = draw(st.sampled_from(TYPES))
    message.question = [
        dns.rrset.RRset(draw(any_names), dns.rdataclass.IN, dns.rdatatype.RdataType(rrtype))
    ]
    for section in (message.answer, message.authority, message.additional):
        section.extend(draw(st.lists(rrsets(), max_size=4)))
    if draw(st.booleans()) or message.rcode() > RCODE:
        message.use_edns(0, draw(st.sampled_from([0, 0x8000])), draw(st.integers(512, 4096)))
    return message.to_wire(max_size=0xFFFF)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A message with some bytes changed, cut off or put in."""
    data = bytearray(draw(messages()))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["set", "cut", "insert", "pointer"])):
            case "set":
                data[at : at + 1] = bytes((draw(_u8),))
            case "cut":
                del data[at : at + draw(st.integers(1, 20))]
            case "insert":
                data[at:at] = draw(st.binary(max_size=4))
            case _:
                data[at : at + 2] = (0xC000 | draw(st.integers(0, len(data)))).to_bytes(2)
    return bytes(data)


def reference(data: bytes) -> Message | None:
    """What dnspython reads in a message; None if it rejects it."""
    try:
        message = dns.message.from_wire(data, one_rr_per_rrset=True)
        edns = None
        if message.edns >= 0:
            options = b"".join(
                option.otype.to_bytes(2) + len(option.to_wire()).to_bytes(2) + option.to_wire()
                for option in message.options
            )
            dnssec_ok = bool(message.ednsflags & 0x8000)
            edns = Edns(message.payload, message.edns, dnssec_ok, options)
        return Message(
            message.id,
            int(message.flags) & ~RCODE,
            int(message.rcode()),
            tuple(Entry(_text(q.name), q.rdtype, q.rdclass) for q in message.question),
            tuple(map(_record, message.answer)),
            tuple(map(_record, message.authority)),
            tuple(map(_record, message.additional)),
            edns,
        )
    except (dns.exception.DNSException, ValueError, NotImplementedError):
        return None


def without_foreign_data(message: Message) -> Message:
    """Without data of other classes than IN: dnspython follows pointers there, we keep bytes."""

    def section(records: tuple[Record, ...]) -> tuple[Record, ...]:
        return tuple(r if r.rclass == dns.rdataclass.IN else r._replace(data=b"") for r in records)

    return message._replace(
        answer=section(message.answer),
        authority=section(message.authority),
        additional=section(message.additional),
    )


def _text(name: dns.name.Name) -> str:
    return ".".join("".join(map(_character, label)) for label in name.labels[:-1]).lower() or "."


def _character(byte: int) -> str:
    if byte in b".\\":
        return "\\" + chr(byte)
    return chr(byte) if 0x21 <= byte <= 0x7E else f"\\{byte:03}"


def _record(rrset: dns.rrset.RRset) -> Record:
    (rdata,) = rrset
    return Record(_text(rrset.name), rrset.rdtype, rrset.rdclass, rrset.ttl, _rdata(rdata))


def _rdata(rdata: dns.rdata.Rdata) -> Rdata:  # noqa: C901, PLR0911  (one a type)
    if rdata.rdclass != dns.rdataclass.IN:
        return _wire(rdata)
    match rdata:
        case A():
            return str(rdata.address)
        case AAAA():
            return str(IPv6Address(rdata.address))
        case NS() | CNAME() | PTR():
            return _text(rdata.target)
        case MX():
            return MxData(rdata.preference, _text(rdata.exchange))
        case TXT():
            return b"".join(rdata.strings)
        case SOA():
            times = (rdata.serial, rdata.refresh, rdata.retry, rdata.expire, rdata.minimum)
            return SoaData(_text(rdata.mname), _text(rdata.rname), *times)
        case SRV():
            return SrvData(rdata.priority, rdata.weight, rdata.port, _text(rdata.target))
        case TLSA():
            return TlsaData(rdata.usage, rdata.selector, rdata.mtype, rdata.cert)
        case CAA():
            return CaaData(rdata.flags, rdata.tag.decode(), rdata.value)
        case _:
            return _wire(rdata)
