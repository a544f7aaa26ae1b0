"""Real servers and a real client with the files of an edition."""

import datetime as dt
import smtplib
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.blacklist.dnset import dnset
from stages.blacklist.edition import NOT_A_DOMAIN, SHADOW_CODE, Edition
from stages.blacklist.rpz import rpz
from stages.blacklist.snippets import postfix as restrictions
from stages.blacklist.snippets import rspamd as rules
from stages.blacklist.snippets import rspamd_scores as scores
from tests.servers.daemon import Mailer
from tests.servers.nsd import nsd
from tests.servers.postfix import HOST, postfix
from tests.servers.rbldnsd import Rbldnsd, open_folder, rbldnsd
from tests.servers.rspamd import Rspamd, rspamd
from tests.servers.unbound import unbound
from tests.stages.blacklist.editions import ZONE, edition, entry


def written(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    return path


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def server() -> Iterator[Rbldnsd]:
    with open_folder() as folder:
        path = written(folder / "dnset", dnset(edition()))
        with rbldnsd(ZONE, path) as server:
            yield server


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("bad.com", ["127.0.0.2"]),
        ("www.bad.com", ["127.0.0.2"]),
        ("likely.net", ["127.0.0.3"]),
        ("good.bad.com", []),
        ("www.good.bad.com", []),
        ("com", []),
        ("notbad.com", []),
        ("test", ["127.0.0.2"]),
        ("invalid", []),
        ("a.invalid", []),
        ("4.3.2.1", [NOT_A_DOMAIN]),
        ("2.0.0.127", [NOT_A_DOMAIN]),
        (".".join("0123456789abcdef" * 2), [NOT_A_DOMAIN]),
    ],
)
def test_rbldnsd_answers(server: Rbldnsd, name: str, answer: list[str]) -> None:
    assert server.ask(name) == answer


def test_rbldnsd_says_why(server: Rbldnsd) -> None:
    (why,) = server.ask("bad.com", "TXT")
    assert why == (
        "snowshoe pattern, high, since 2026-11-20, last seen 2026-11-22; "
        "spf_v4_addresses 4096, a_ases unknown; https://bl.example/why/bad.com"
    )
    assert server.ask("good.bad.com", "TXT") == []


def test_rbldnsd_has_the_zones_own_records(server: Rbldnsd) -> None:
    query = server._replace(zone="example")
    assert sorted(query.ask("bl", "NS")) == ["ns1.bl.example.", "ns2.bl.example."]
    (soa,) = query.ask("bl", "SOA")
    assert soa.startswith("ns1.bl.example. hostmaster.bl.example. ")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_fresh_edition_is_served_wherever_the_clock_is(folder: Path, zone: str) -> None:
    path = written(folder / "dnset", dnset(edition()))
    with rbldnsd(ZONE, path, environment={"TZ": zone}) as server:
        assert server.ask("bad.com") == ["127.0.0.2"]


def test_old_data_stop_answering_while_the_server_runs(folder: Path) -> None:
    """An edition that has three seconds left when the server starts."""
    made = dt.datetime.now(dt.UTC) - dt.timedelta(days=3) + dt.timedelta(seconds=3)
    path = written(folder / "dnset", dnset(edition(made=made)))
    with rbldnsd(ZONE, path) as server:
        server.until("bad.com", ["SERVFAIL"])
        assert server.ask("test") == ["SERVFAIL"]


def test_the_server_takes_a_new_edition_through_the_link_and_the_old_one_again(
    folder: Path,
) -> None:
    for name, domain in (("one", "bad.com"), ("two", "worse.com")):
        (folder / name).mkdir()
        written(folder / name / "dnset", dnset(edition(entries=(entry(domain),))))
    link = folder / "current"
    link.symlink_to("one")

    def point(name: str) -> None:
        (folder / "new").symlink_to(name)
        (folder / "new").replace(link)

    with rbldnsd(ZONE, link / "dnset") as server:
        assert server.ask("worse.com") == []
        point("two")
        server.until("worse.com", ["127.0.0.2"])
        assert server.ask("bad.com") == []
        point("one")
        server.until("bad.com", ["127.0.0.2"])


def test_a_shadow_edition_has_a_code_of_no_effect(folder: Path) -> None:
    path = written(folder / "dnset", dnset(edition(shadow=True)))
    with rbldnsd(ZONE, path) as server:
        assert server.ask("bad.com") == server.ask("likely.net") == [SHADOW_CODE]
        assert server.ask("bad.com", "TXT")[0].startswith("would be listed: ")


UPSTREAM = """\
$TTL 60
@ SOA ns. h. 1 1h 1h 1w 60
@ NS ns.
ns A 127.0.0.1
bad.com A 192.0.2.1
www.bad.com A 192.0.2.2
good.bad.com A 192.0.2.3
fine.org A 192.0.2.4
"""


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    with nsd({".": UPSTREAM}) as server:
        yield server.port


def test_unbound_denies_listed_domains_and_answers_for_others(
    upstream: int, tmp_path: Path
) -> None:
    zone = written(tmp_path / "rpz.zone", rpz(edition()))
    with unbound("rpz.bl.example", zone, upstream) as resolver:
        assert resolver.ask("bad.com") == ("NXDOMAIN", [])
        assert resolver.ask("www.bad.com", "MX") == ("NXDOMAIN", [])
        assert resolver.ask("good.bad.com") == ("NOERROR", ["192.0.2.3"])
        assert resolver.ask("fine.org") == ("NOERROR", ["192.0.2.4"])
        assert resolver.ask("rpz-test.bl.example") == ("NOERROR", ["127.0.0.2"])


def test_unbound_only_notes_what_is_on_trial(upstream: int, tmp_path: Path) -> None:
    zone = written(tmp_path / "rpz.zone", rpz(edition(shadow=True)))
    with unbound("rpz.bl.example", zone, upstream) as resolver:
        assert resolver.ask("www.bad.com") == ("NOERROR", ["192.0.2.2"])
        assert "rpz-passthru" in resolver.log.read_text()


ACCEPTING = f"""\
mydestination = {HOST}
mynetworks = 192.0.2.0/24
"""


def test_postfix_refuses_listed_senders_and_accepts_others(folder: Path) -> None:
    """With the snippet as it is."""
    made = edition()
    path = written(folder / "dnset", dnset(made))
    settings = ACCEPTING + "\n".join(restrictions(made))
    address = _with_a_free_port_53()
    with (
        rbldnsd(ZONE, path, at=(address, 53)),
        postfix(settings, resolver=address) as mailer,
    ):
        code, said = _rcpt(mailer, "a@bad.com")
        assert (code, b"blocked using bl.example; snowshoe pattern" in said) == (554, True), said
        assert _rcpt(mailer, "a@www.bad.com")[0] == 554
        assert _rcpt(mailer, "a@good.bad.com")[0] == 250
        assert _rcpt(mailer, "a@likely.net")[0] == 250
        assert _rcpt(mailer, "a@fine.org")[0] == 250


def test_postfix_goes_on_without_a_list_that_is_stale(folder: Path) -> None:
    made = edition(made=dt.datetime.now(dt.UTC) - dt.timedelta(days=4))
    path = written(folder / "dnset", dnset(made))
    settings = ACCEPTING + "\n".join(restrictions(made))
    address = _with_a_free_port_53()
    with (
        rbldnsd(ZONE, path, at=(address, 53)) as server,
        postfix(settings, resolver=address) as mailer,
    ):
        assert server.ask("bad.com") == ["SERVFAIL"]
        assert _rcpt(mailer, "a@bad.com")[0] == 250


def test_postfix_rejects_nothing_on_trial(folder: Path) -> None:
    made = edition(shadow=True)
    path = written(folder / "dnset", dnset(made))
    settings = ACCEPTING + "\n".join(restrictions(made))
    address = _with_a_free_port_53()
    with (
        rbldnsd(ZONE, path, at=(address, 53)),
        postfix(settings, resolver=address) as mailer,
    ):
        assert _rcpt(mailer, "a@bad.com")[0] == 250
        log = mailer.identity.chain_pem.parent / "log"
        assert "reject_warning: RCPT" in log.read_text()


def _with_a_free_port_53() -> str:
    """A loopback address at which we may serve DNS; skips if there is none."""
    for last in range(2, 250):
        address = f"127.53.0.{last}"
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                udp.bind((address, 53))
            except PermissionError:
                pytest.skip("port 53 is root's")
            except OSError:
                continue
        return address
    pytest.skip("no loopback address has a free port 53")


def _rcpt(mailer: Mailer, sender: str) -> tuple[int, bytes]:
    with smtplib.SMTP(mailer.address, mailer.port, "client.example", timeout=20) as client:
        client.ehlo()
        client.mail(sender)
        return client.rcpt(f"postmaster@{HOST}")


@contextmanager
def scanner(folder: Path, made: Edition) -> Iterator[Rspamd]:
    """An rspamd with the snippets as they are, and the list it asks."""
    path = written(folder / "dnset", dnset(made))
    parts = {"rbl.conf": rules(made), "rbl_group.conf": scores(made)}
    files = {name: "\n".join([*lines, ""]) for name, lines in parts.items()}
    with rbldnsd(ZONE, path) as server, rspamd(files, (server.address, server.port)) as scanner:
        yield scanner


LETTER = """\
From: Someone <a@{author}>
Reply-To: b@{reply}
Subject: hello
Date: Sun, 22 Nov 2026 09:00:00 +0000
Message-ID: <1@fine.org>

See {link}
"""


def _found(scanner: Rspamd, **names: str) -> dict[str, float]:
    """Symbols of the list in a letter that is fine but for what is named."""
    words = dict.fromkeys(("author", "reply", "sender"), "fine.org") | {"link": ""} | names
    sender = f"a@{words.pop('sender')}"
    client = {word: words.pop(word) for word in ("helo", "name") if word in words}
    found = scanner.symbols(LETTER.format(**words).encode(), sender, **client)
    return {name: score for name, score in found.items() if name.startswith("BL_EXAMPLE")}


def test_rspamd_weighs_listed_domains_wherever_they_stand(folder: Path) -> None:
    """Of clients with and without reverse DNS."""
    with scanner(folder, edition()) as here:
        assert _found(here) == {}
        for where in ("sender", "author", "reply", "helo"):
            assert _found(here, **{where: "www.bad.com"}) == {"BL_EXAMPLE_HIGH": 6}, where
        assert _found(here, sender="good.bad.com", link="http://192.0.2.1/") == {}
        both = {"BL_EXAMPLE_HIGH": 6, "BL_EXAMPLE_MEDIUM": 3}
        assert _found(here, link="http://bad.com/x http://likely.net", name="a.fine.org") == both
        assert _found(here, name="mail.bad.com") == {"BL_EXAMPLE_RDNS_HIGH": 6}


def test_rspamd_adds_nothing_on_trial(folder: Path) -> None:
    with scanner(folder, edition(shadow=True)) as here:
        assert _found(here, sender="bad.com") == {"BL_EXAMPLE_SHADOW": 0}
