"""The way out to policy hosts, against servers on loopback."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.doctor.check import Check, State
from pipeline.doctor.policy_hosts import way_to_policies
from pipeline.settings import Settings
from tests.pipeline.doctor.test_network import serving, settings
from tests.servers.nsd import free_port
from tests.stages.dns.responder import responder, silence
from tests.stages.sts.peer import HOST, LEAVES, ROOT, Client, context, playing

DOMAIN = HOST.removeprefix("mta-sts.")
ZONE = {(HOST, "A"): "127.0.0.1"}
FILE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
PUBLIC = {"scope": "public", "contact": "https://census.example.net"}


def fetching(folder: Path, **given: Any) -> Settings:
    roots = folder / "roots.pem"
    roots.write_bytes(ROOT.pem)
    return settings(sts_policies=True, plan="policy", roots=roots, **given)


async def checked(folder: Path, answer: bytes, leaf: str = "right") -> tuple[Check, list[bytes]]:
    """What is found of a policy host that gives this answer, and what it was asked."""

    async def play(client: Client) -> None:
        await client.say(answer)

    tls = context(folder, LEAVES[leaf])
    async with playing(play, tls) as peer, responder(serving(ZONE)) as server:
        given = fetching(folder, sts_port=peer.port)
        (check,) = await way_to_policies(given, [server.address], DOMAIN)
    assert check.name == f"port {peer.port}"
    return check, peer.heard


async def test_a_policy_host_is_found_and_asked_once(tmp_path: Path) -> None:
    check, heard = await checked(tmp_path, FILE)
    assert (check.state, check.found) == (State.OK, f"{HOST} [127.0.0.1] answers: ok")
    (request,) = heard
    assert request.startswith(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("answer", "leaf", "state", "found"),
    [
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "right", State.OK, "client_error"),
        (b"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", "right", State.WARN, "blocked"),
        (b"hello\r\n\r\n", "right", State.WARN, "garbage"),
        (FILE, "nobody's", State.WARN, "its certificate is unknown_issuer"),
        (FILE, "another's", State.WARN, "for its name other_names"),
    ],
)
async def test_the_way_is_open_but(
    tmp_path: Path, answer: bytes, leaf: str, state: State, found: str
) -> None:
    check, _ = await checked(tmp_path, answer, leaf)
    assert check.state is state
    assert found in check.found
    assert bool(check.advice) is (state is State.WARN)


async def test_a_way_that_is_shut(tmp_path: Path) -> None:
    async with responder(serving(ZONE)) as server:
        given = fetching(tmp_path, sts_port=free_port())
        (check,) = await way_to_policies(given, [server.address], DOMAIN)
    assert check.state is State.FAIL
    assert "refused" in check.found
    assert "firewall" in check.advice


async def test_nobody_is_contacted_unasked_and_nothing_said_where_no_policy_is_fetched(
    tmp_path: Path,
) -> None:
    async with responder(silence) as server:
        (check,) = await way_to_policies(fetching(tmp_path), [server.address], None)
        assert await way_to_policies(settings(), [server.address], None) == []
        (off,) = await way_to_policies(settings(), [server.address], DOMAIN)
        assert server.asked == []
    assert (check.state, check.found) == (State.UNCHECKED, "nobody is contacted unasked")
    assert (off.state, off.found) == (
        State.UNCHECKED, "sts_policies is off: no policy is fetched",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "domain", "found"),
    [
        (PUBLIC, DOMAIN, f"{HOST} has no address in scope public (has: 127.0.0.1;"),
        ({}, "none.example", "mta-sts.none.example has no address in scope loopback (has: none;"),
        ({}, "no domain", "no domain is no domain: "),
        ({"scope": "public"}, DOMAIN, "contact must be set before"),
    ],
)
async def test_nobody_is_contacted_outside_the_scope_or_without_a_name(
    tmp_path: Path, given: dict[str, object], domain: str, found: str
) -> None:
    name = {"ehlo_name": "census.example.net"}
    async with responder(serving(ZONE)) as server:
        asked = fetching(tmp_path, sts_port=free_port(), **name, **given)
        (check,) = await way_to_policies(asked, [server.address], domain)
    assert check.state is State.UNCHECKED
    assert check.found.startswith(found)
