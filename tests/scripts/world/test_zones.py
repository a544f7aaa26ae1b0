"""Zone files for NSD: what stands in them and that NSD's own checker takes them."""

import shutil
import subprocess
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import pytest

from scripts.world import zones
from scripts.world.model import DnsFault, Record, World
from scripts.world.population import make
from tests.servers.nsd import nsd as serve

EMPTY = World((), (), {}, (), (), (), ())


def test_records_stand_in_presentation_form_and_faults_in_comments() -> None:
    records = (
        Record("example.com", "MX", "10 Mail.Example.com"),
        Record("example.com", "TXT", 'a"b\\c;d \u2013'),
        Record("example.com", "TXT", "x" * 300, ttl=60),
    )
    faults = {"large.example.com": DnsFault.TRUNCATED, "mute.example.com": DnsFault.SILENT}
    assert list(zones.zone_lines(records, faults)) == [
        "; left out: large.example.com. should be truncated\n",
        "example.com. 300 IN MX 10 mail.example.com.\n",
        'example.com. 300 IN TXT "a\\034b\\092c;d \\226\\128\\147"\n',
        f'example.com. 60 IN TXT "{"x" * 255}" "{"x" * 45}"\n',
    ]


def test_lines_are_made_one_by_one() -> None:
    def endless() -> object:
        while True:
            yield Record("example.com", "A", "127.1.0.1")

    lines = zones.zone_lines(endless(), {})  # type: ignore[arg-type]
    assert [next(lines) for _ in range(5)][-1].startswith("example.com.")


def test_nsd_fails_for_lame_names_and_all_below_them(tmp_path: Path) -> None:
    faults = {
        "lame.example.com": DnsFault.SERVFAIL,
        "mute.example.com": DnsFault.SILENT,
        "closed.example.com": DnsFault.REFUSED,
        "large.example.com": DnsFault.TRUNCATED,
    }
    records = tuple(Record(name, "A", "127.1.0.1") for name in (*faults, "example.com"))
    zones.write(EMPTY._replace(records=records, faults=faults), tmp_path, port=0)
    with serve({".": tmp_path / zones.ZONE_FILE}, include=tmp_path / zones.OTHERS_FILE) as server:

        def rcode(name: str) -> dns.rcode.Rcode:
            query = dns.message.make_query(name, "A")
            return dns.query.udp(query, server.address, 5, server.port).rcode()

        assert rcode("lame.example.com") == rcode("a.lame.example.com") == dns.rcode.SERVFAIL
        assert rcode("mute.example.com") == dns.rcode.SERVFAIL
        assert rcode("closed.example.com") == dns.rcode.REFUSED
        assert rcode("large.example.com") == rcode("example.com") == dns.rcode.NOERROR
        assert rcode("other.example.com") == dns.rcode.NXDOMAIN


def test_a_domain_with_an_authority_is_a_zone_of_its_own(tmp_path: Path) -> None:
    soa = "ns1.host.net root.host.net 1 3600 600 86400 300"
    records = (
        Record("example.com", "SOA", soa),
        Record("example.com", "NS", "ns1.host.net"),
        Record("example.com", "MX", "10 mail.example.com"),
        Record("mail.example.com", "CNAME", "mx.host.net"),
        Record("mx.host.net", "A", "127.1.0.9"),
        Record("deep.example.com", "SOA", soa),
        Record("deep.example.com", "NS", "ns1.host.net"),
        Record("a.deep.example.com", "TXT", "far down"),
    )
    zones.write(EMPTY._replace(records=records), tmp_path, port=0)
    others = tmp_path / zones.OTHERS_FILE
    with serve({".": tmp_path / zones.ZONE_FILE}, include=others) as server:

        def said(name: str, kind: str) -> set[str]:
            query = dns.message.make_query(name, kind)
            answer = dns.query.udp(query, server.address, 5, server.port).answer
            return {str(rdata) for rrset in answer for rdata in rrset}

        assert said("example.com", "NS") == {"ns1.host.net."}
        assert said("example.com", "MX") == {"10 mail.example.com."}
        assert said("mail.example.com", "A") == {"mx.host.net.", "127.1.0.9"}
        assert said("a.deep.example.com", "TXT") == {'"far down"'}
        assert said("deep.example.com", "SOA") == {
            "ns1.host.net. root.host.net. 1 3600 600 86400 300"
        }


def test_without_zones_of_their_own_the_rest_of_domains_is_served(tmp_path: Path) -> None:
    records = (
        Record("example.com", "SOA", "ns1.host.net root.host.net 1 3600 600 86400 300"),
        Record("example.com", "NS", "ns1.host.net"),
        Record("example.com", "MX", "10 mail.example.com"),
    )
    with zones.open_zone(tmp_path, own=False) as zone:
        zone.add(records, {})
    lines = (tmp_path / zones.ZONE_FILE).read_text().splitlines()
    assert [line for line in lines if "example.com" in line] == [
        "example.com. 300 IN MX 10 mail.example.com."
    ]
    assert not (tmp_path / zones.OTHERS_FILE).read_text()


@pytest.mark.parametrize("world", [EMPTY, make(600, seed=3)], ids=["empty", "made"])
def test_nsd_takes_zone_and_configuration(world: World, tmp_path: Path) -> None:
    path = "/usr/sbin:/usr/local/sbin:/usr/bin"
    checkzone = shutil.which("nsd-checkzone", path=path)
    checkconf = shutil.which("nsd-checkconf", path=path)
    if checkzone is None or checkconf is None:
        pytest.skip("NSD is not installed: apt-get install nsd")
    configuration = zones.write(world, tmp_path, port=5300)
    for command in (
        [checkzone, ".", str(tmp_path / zones.ZONE_FILE)],
        [checkconf, str(configuration)],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
