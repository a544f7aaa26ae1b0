"""A crawl of a night without the network: the product's stages over answers from memory.

    survey(night, place, Warehouse.at(folder))

What the stages, the frontier and the tables make of answers is the product's own; left out are
transport (time-outs are immediate, nothing is asked twice) and SMTP. A run of plan full under the
night's day, as complete as one that was crawled, in a fraction of the time.
"""

import asyncio
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

import certifi
from rich.console import Console

from pipeline.frontier import committed, frontier, seed_keys
from pipeline.graph import References
from pipeline.instruments import Tables, nodes, open_prober, open_tables
from pipeline.journal import Journal
from pipeline.lock import locked
from pipeline.progress import Earlier
from pipeline.report.measure import keep, report
from pipeline.runner import Runner
from pipeline.seeding import begin
from pipeline.settings import Settings, load
from pipeline.sink import Sink
from pipeline.warehouse import Run, Warehouse
from schemas import DOMAINS
from schemas.outcomes import Outcome
from schemas.query import Query
from scripts.world.dns import DnsWorld
from scripts.world.files import SETTINGS, write_settings
from scripts.world.model import World
from scripts.world.nights.files import write_night
from scripts.world.nights.model import Night
from stages.dns.answer import Answer, Question
from stages.dns.message import HEADER, encode_query, encode_question, prepare
from stages.dns.reply import read_reply

_PORT = 9
"""Stands for a name server that is not there."""
_SERVER = f"127.0.0.1:{_PORT}"
_SMTP_PORT = 2525
_FLAGS = {"plan": "full", "smtp": False, "dns_retry_after": 0.001}
_ID = b"\0\0"
_NOON = dt.time(12, tzinfo=dt.UTC)


class Memory:
    """A Resolver that answers from a world."""

    def __init__(self, world: World, day: dt.date) -> None:
        self._world = DnsWorld(world.records, world.faults)
        self._asked = round(dt.datetime.combine(day, _NOON).timestamp() * 1_000_000)

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers, at noon."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        section = encode_question(prepare(question.name, mix_case=False), question.type, b"")
        data = self._world.respond(encode_query(_ID, section), tcp=True)
        if data is None:
            silence = Query(Outcome.TIMEOUT, None, None, None, None, 1, tcp=False)
            return Answer(question, self._asked, silence)
        reply = read_reply(data, question, HEADER.size + len(section))
        account = Query(reply.outcome, reply.rcode, reply.ttl, 0.1, _SERVER, 1, tcp=False)
        return Answer(question, self._asked, account, reply.records, reply.cname_chain)


def survey(night: Night, place: Path, warehouse: Warehouse) -> Run:
    """Write a night's files, and its run into the warehouse; nothing may be there yet."""
    write_night(night, place)
    write_settings(place, _PORT, _SMTP_PORT)
    settings = load(place / SETTINGS, {**_FLAGS, "roots": certifi.where()})
    run = warehouse.run(night.day.isoformat())
    with locked(run):
        tables = open_tables(settings)
        begin(run, [str(place / "seeds.csv")], settings, tables, Console(file=io.StringIO()))
        asyncio.run(_work(run, settings, tables, Memory(night.world, night.day)))
        journal = Journal.load(run)
        keep(run, report(run, journal, Earlier.of(()), seconds=1.0, complete=True))
    return run


async def _work(run: Run, settings: Settings, tables: Tables, resolver: Memory) -> None:
    """Rounds of the frontier until it is empty, as in pipeline.crawl."""
    journal = Journal.load(run)
    stages = nodes(settings, resolver, open_prober(settings), tables)
    references = References(
        seed_keys(run), settings.smtp_port, tables={node.table for node in stages}
    )
    claims, sink = committed(journal), Sink(journal, 0)
    async with Runner(stages, references, claims, sink) as runner:
        while await runner.work_off(frontier(journal, references, claims[DOMAINS])):
            await sink.commit()
    await sink.commit()
