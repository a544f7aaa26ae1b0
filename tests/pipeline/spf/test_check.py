"""`spf check` over a finished run and `spf live` against the same Internet."""

import asyncio
from contextlib import closing
from ipaddress import ip_address

import pyarrow.parquet as pq

from pipeline.rows import Rows
from pipeline.spf.answers import Answers
from pipeline.spf.check import begin
from pipeline.warehouse import Warehouse
from stages.dns.client import UdpResolver
from stages.spf.evaluation.check import evaluate, evaluate_live
from stages.spf.evaluation.verdict import Verdict
from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census

_STRANGER = "198.51.100.77"
_DOMAINS = 16


def _clients(census: Census) -> dict[str, str]:
    """Domains with an SPF record, and an address of a mail host or network of the record."""
    spf = pq.read_table(census.warehouse / "spf", columns=["name", "terms", "record"]).to_pylist()
    seeds = set(
        pq.read_table(census.warehouse / "domains", columns=["domain"])["domain"].to_pylist()
    )
    clients = {}
    for row in spf:
        if row["name"] in seeds and row["record"]:
            networks = [term["network"] for term in row["terms"] if term["network"]]
            clients[row["name"]] = networks[0].partition("/")[0] if networks else "127.1.0.1"
    return dict(sorted(clients.items())[:: max(1, len(clients) // _DOMAINS)])


def test_a_run_says_what_the_dns_says(census: Census) -> None:
    """The two differ only where the run never asked, and then say so."""
    clients = _clients(census)
    results = set()
    unasked = 0
    with closing(Rows(Warehouse.at(str(census.warehouse)).existing(census.run))) as rows:
        for domain, own in clients.items():
            for client in (own, _STRANGER):
                ip = ip_address(client)
                over_run = evaluate(begin(ip, domain, None, None), Answers(rows, ip))
                live = asyncio.run(_live(census, domain, client))
                assert over_run.unasked or over_run == live
                unasked += over_run.unasked is not None
                results.add(str(over_run.result))
    assert len(clients) >= _DOMAINS
    assert unasked <= _DOMAINS // 4
    assert {"pass", "fail", "softfail"} <= results


async def _live(census: Census, domain: str, client: str) -> Verdict:
    async with UdpResolver([("127.0.0.1", census.world.dns_port)]) as resolver:
        return await evaluate_live(begin(ip_address(client), domain, None, None), resolver)


def test_commands(census: Census) -> None:
    domain, client = next(
        (domain, client) for domain, client in _clients(census).items() if client != "127.1.0.1"
    )
    checked = mailcensus("spf", "check", census.warehouse, census.run, domain, client)
    live = mailcensus(
        "spf", "live", domain, client,
        "--nameserver", census.world.nameserver, "--config", census.world.config,
    )  # fmt: skip
    assert checked.returncode == live.returncode == 0, checked.stderr + live.stderr
    assert checked.stdout == live.stdout
    assert checked.stdout.startswith("pass: ip4:")
    assert f"  {domain} ip4:" in checked.stdout
    assert "0 of 10 look-ups, 0 of 2 in vain" in checked.stdout


def test_wrong_words_are_one_clear_line(census: Census) -> None:
    for words, says in (
        (("nowhere.example", "192.0.2.1"), "never asked nowhere.example for SPF"),
        (("a..b", "192.0.2.1"), "no domain"),
        (("example.com", "192.0.2.300"), "no address"),
    ):
        done = mailcensus("spf", "check", census.warehouse, census.run, *words)
        assert done.returncode == 2
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
