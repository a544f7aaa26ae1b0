"""The whole consultation."""

import asyncio
import io
from pathlib import Path

from rich.console import Console

from pipeline.doctor import Check, State, doctor, failed, show
from pipeline.settings import Settings
from tests.stages.dns.responder import code, responder

LOOPBACK = {"scope": "loopback", "dns_timeout": 0.2, "dns_attempts": 1}


async def test_a_machine_that_is_fit(tmp_path: Path) -> None:
    async with responder(code(3)) as server:
        settings = Settings.model_validate({**LOOPBACK, "nameservers": (server.label,)})
        checks = await asyncio.to_thread(doctor, settings, str(tmp_path))
    names = [check.name for check in checks]
    assert [name for name in names if name.startswith("resolver")] == [
        f"resolver 127.0.0.1 port {server.address[1]}"
    ]
    assert {"libraries", "open files", "disk", "contact", "EHLO name", "port 25"} <= set(names)
    assert not failed(checks), checks


def test_without_a_nameserver_the_rest_is_checked_all_the_same() -> None:
    checks = doctor(Settings.model_validate(LOOPBACK), None)
    (network,) = [check for check in checks if check.state is State.FAIL]
    assert network.name == "resolvers"
    assert "name a nameserver on loopback" in network.found
    assert failed(checks)
    assert "companies" in [check.name for check in checks]


async def test_port_443_is_spoken_of_where_policies_are_fetched() -> None:
    fetching = {**LOOPBACK, "plan": "policy", "sts_policies": True}
    async with responder(code(3)) as server:
        settings = Settings.model_validate({**fetching, "nameservers": (server.label,)})
        checks = await asyncio.to_thread(doctor, settings, None, None, "a.example")
    (found,) = [check for check in checks if check.name == "port 443"]
    assert found.state is State.UNCHECKED
    assert "mta-sts.a.example has no address" in found.found


def test_a_line_a_check_and_what_to_do_below_it() -> None:
    out = io.StringIO()
    checks = [
        Check("disk", State.OK, "12 GB free"),
        Check("port 25", State.UNCHECKED, "nobody is contacted unasked", "name one"),
        Check("table [asn]", State.FAIL, "[red]no\x1b[31m such file", "replace it"),
    ]
    show(checks, Console(file=out, width=80))
    assert [line.rstrip() for line in out.getvalue().splitlines()] == [
        "ok           disk         12 GB free",
        "not checked  port 25      nobody is contacted unasked",
        "                          -> name one",
        r"fail         table [asn]  [red]no\x1b[31m such file",
        "                          -> replace it",
    ]
    assert failed(checks)
    assert not failed(checks[:2])
