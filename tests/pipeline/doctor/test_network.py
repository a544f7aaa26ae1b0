"""Resolvers, our own name and the way out, against servers on loopback."""

from pathlib import Path

import pytest

from pipeline.doctor.check import Check, State
from pipeline.doctor.network import identity, resolvers, way_out
from pipeline.settings import Settings
from stages.enrich.special import Scope
from tests.servers.nsd import free_port
from tests.stages.dns.responder import Asked, Script, responder, silence
from tests.stages.smtp.peer import Script as Transcript
from tests.stages.smtp.peer import playing

Zone = dict[tuple[str, str], str]

GREETED: Transcript = [
    b"220 mx.example ESMTP\r\n",
    "EHLO",
    b"250 mx.example\r\n",
    "QUIT",
    b"221 bye\r\n",
]


def serving(zone: Zone, rcode: int = 3) -> Script:
    """A server that has these records, and that answers all else with the response code."""

    def script(asked: Asked) -> list[bytes]:
        (question,) = asked.message.question
        data = zone.get((asked.name, question.rdtype.name))
        return [asked.answer(data) if data else asked.answer(rcode=rcode)]

    return script


def settings(**given: object) -> Settings:
    """Settings for loopback that do not wait long."""
    quick = {"scope": "loopback", "dns_timeout": 0.2, "dns_attempts": 1, "smtp_timeout": 5}
    return Settings.model_validate({**quick, "ehlo_name": "census.example", **given})


async def checked(script: Script) -> Check:
    """What is found of one resolver."""
    async with responder(script) as server:
        (check,) = await resolvers(settings(), [server.address])
    assert check.name == f"resolver 127.0.0.1 port {server.address[1]}"
    return check


async def test_a_resolver_that_answers() -> None:
    check = await checked(serving({("", "NS"): "a.root-servers.example."}))
    assert check.state is State.OK
    assert check.found.startswith("answers in ")


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (silence, "no answer (timeout)"),
        (serving({}, rcode=5), "answers refused"),
        (serving({}, rcode=2), "answers servfail"),
        (
            serving({("no-such-name.invalid", "A"): "192.0.2.1"}),
            "answers 192.0.2.1 for a name that does not exist",
        ),
    ],
    ids=["silent", "refuses", "lame", "rewrites"],
)
async def test_a_resolver_that_will_not_do(script: Script, found: str) -> None:
    check = await checked(script)
    assert (check.state, check.found) == (State.FAIL, found)
    assert check.advice


async def test_each_resolver_is_asked_on_its_own() -> None:
    async with responder(serving({})) as good, responder(silence) as bad:
        states = [c.state for c in await resolvers(settings(), [good.address, bad.address])]
    assert states == [State.OK, State.FAIL]


PTR = ("1.0.0.127.in-addr.arpa", "PTR")
OTHER = ("1.2.0.192.in-addr.arpa", "PTR")
FORWARD = {("census.example", "A"): "127.0.0.1"}


@pytest.mark.parametrize(
    ("zone", "state", "found"),
    [
        (
            {**FORWARD, PTR: "Census.Example."},
            State.OK,
            "census.example -> 127.0.0.1 and back",
        ),
        ({}, State.FAIL, "census.example has no address (A nxdomain, AAAA nxdomain)"),
        (
            {**FORWARD, PTR: "pool-1.isp.example."},
            State.FAIL,
            "the PTR of 127.0.0.1 -> pool-1.isp.example instead of census.example",
        ),
        (FORWARD, State.FAIL, "the PTR of 127.0.0.1 -> nxdomain instead of census.example"),
        (
            {("census.example", "A"): "192.0.2.1", OTHER: "census.example."},
            State.WARN,
            "census.example -> 192.0.2.1 and back; no address of this machine",
        ),
    ],
    ids=["matches", "no address", "other PTR", "no PTR", "not ours"],
)
async def test_the_ehlo_name_leads_to_us_and_back(zone: Zone, state: State, found: str) -> None:
    async with responder(serving(zone)) as server:
        checks = [c async for c in identity(settings(contact="https://x"), [server.address])]
    assert checks[0] == Check("contact", State.OK, "https://x")
    assert (checks[2].name, checks[2].state, checks[2].found) == ("EHLO name", state, found)


@pytest.mark.parametrize(("scope", "state"), [("public", State.FAIL), ("loopback", State.OK)])
async def test_who_we_are_must_be_said_to_the_public_only(scope: str, state: State) -> None:
    unnamed = settings(scope=scope, ehlo_name=None)
    checks = [check async for check in identity(unnamed, [])]
    assert [(c.name, c.state) for c in checks] == [
        ("contact", state),
        ("opt-out list", State.OK),
        ("EHLO name", state),
    ]


async def test_the_public_is_told_a_name_and_a_contact_that_can_be_ones() -> None:
    unclear = settings(scope="public", contact="ask us", ehlo_name="localhost")
    checks = [check async for check in identity(unclear, [])]
    assert [(c.name, c.state) for c in checks] == [
        ("contact", State.FAIL),
        ("opt-out list", State.OK),
        ("EHLO name", State.FAIL),
    ]


@pytest.mark.parametrize(("text", "state"), [("example.com\n", State.OK), ("?\n", State.FAIL)])
async def test_the_opt_out_list_is_read(tmp_path: Path, text: str, state: State) -> None:
    path = tmp_path / "opt-out"
    path.write_text(text)
    checks = [check async for check in identity(settings(opt_out=path, ehlo_name=None), [])]
    (check,) = [check for check in checks if check.name == "opt-out list"]
    assert check.state is state
    assert str(path) in check.found


async def test_without_smtp_nobody_is_greeted_or_probed() -> None:
    off = settings(smtp=False)
    checks = [*[c async for c in identity(off, [])], await way_out(off, [], "127.0.0.1")]
    assert {check.state for check in checks} == {State.UNCHECKED}


async def test_nobody_is_contacted_unasked() -> None:
    async with responder(silence) as server:
        check = await way_out(settings(), [server.address], None)
        assert server.asked == []
    assert (check.state, check.found) == (State.UNCHECKED, "nobody is contacted unasked")


async def test_a_mail_server_is_reached_by_name_and_greeted() -> None:
    zone = {("mx.example", "A"): "127.0.0.1"}
    async with responder(serving(zone)) as server, playing(GREETED) as peer:
        given = settings(smtp_port=peer.port)
        check = await way_out(given, [server.address], "mx.example")
    assert check == (
        f"port {peer.port}", State.OK, "mx.example [127.0.0.1] answers; STARTTLS not_offered", ""
    )  # fmt: skip
    assert peer.heard == ["EHLO census.example", "QUIT"]


async def test_a_mail_server_that_does_not_want_us() -> None:
    async with playing([b"554 no\r\n", "QUIT", b"221 bye\r\n"]) as peer:
        check = await way_out(settings(smtp_port=peer.port), [], "127.0.0.1")
    assert check.state is State.WARN
    assert check.found.startswith("127.0.0.1 [127.0.0.1]: banner_5xx")


async def test_a_way_that_is_shut() -> None:
    check = await way_out(settings(smtp_port=free_port()), [], "127.0.0.1")
    assert check.state is State.FAIL
    assert "refused" in check.found
    assert "filters the port" in check.advice


@pytest.mark.parametrize(
    ("given", "host", "found"),
    [
        ({}, "192.0.2.1", "192.0.2.1 has no address in scope loopback (has: 192.0.2.1)"),
        ({"scope": Scope.PUBLIC}, "192.0.2.1", "contact must be set before"),
        (
            {
                "scope": Scope.PUBLIC,
                "contact": "https://census.example.net",
                "ehlo_name": "census.example.net",
            },
            "127.0.0.1",
            "127.0.0.1 has no address in scope public (has: 127.0.0.1)",
        ),
    ],
)
async def test_nobody_is_contacted_outside_the_scope_or_without_a_name(
    given: dict[str, object], host: str, found: str
) -> None:
    check = await way_out(settings(**given), [], host)
    assert check.state is State.UNCHECKED
    assert check.found.startswith(found)
