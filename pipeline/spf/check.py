"""`spf check` and `spf live`: what SPF says of one client, and the terms that say it."""

from contextlib import closing
from ipaddress import IPv4Address, IPv6Address

from rich.console import Console
from rich.text import Text

from pipeline.errors import ConfigError
from pipeline.explain.wording import faint, line, strong, warned
from pipeline.instruments import open_resolver
from pipeline.rows import Rows
from pipeline.settings import Settings
from pipeline.spf.answers import Answers
from pipeline.warehouse import Run
from schemas import SPF
from schemas.spf import Spf
from stages.spf.evaluation.check import Check, check_host, evaluate, evaluate_live
from stages.spf.evaluation.inquiry import MAX_LOOKUPS, MAX_VOIDS
from stages.spf.evaluation.verdict import Result, Step, Verdict

Address = IPv4Address | IPv6Address

_STYLE = {Result.PASS: "green", Result.FAIL: "red", Result.PERMERROR: "red"}


def begin(ip: Address, domain: str, sender: str | None, helo: str | None) -> Check:
    """The evaluation for a message; by default from the postmaster of the domain."""
    return check_host(ip, domain, sender or f"postmaster@{domain}", helo or domain)


def check_run(run: Run, check: Check, domain: str, ip: Address) -> Verdict:
    """The verdict by what a run asked; ConfigError if the domain was not asked for SPF."""
    with closing(Rows(run)) as rows:
        if domain not in rows.by_key(SPF, Spf, [domain]):
            raise ConfigError(f"run {run.id!r} never asked {domain} for SPF; see spf live")
        return evaluate(check, Answers(rows, ip))


async def check_live(settings: Settings, check: Check) -> Verdict:
    """The verdict by the DNS as it is now."""
    async with open_resolver(settings) as resolver:
        return await evaluate_live(check, resolver)


def show(verdict: Verdict, console: Console) -> None:
    """Print the result, why, and the path to it, a term a line."""
    result = Text(verdict.result, style=_STYLE.get(verdict.result, "yellow"))
    console.print(line(result, verdict.reason, between=": "), highlight=False)
    for step in verdict.path:
        console.print(_step(step), highlight=False)
    if verdict.explanation:
        console.print(line("they say:", verdict.explanation), highlight=False)
    if verdict.unasked:
        question = f"{verdict.unasked.type.name} of {verdict.unasked.name}"
        console.print(warned(f"the run never asked for {question}; spf live does"))
    counts = f"{verdict.lookups} of {MAX_LOOKUPS} look-ups, {verdict.voids} of {MAX_VOIDS} in vain"
    console.print(faint(counts))


def _step(step: Step) -> Text:
    indent = "  " * (step.depth + 1)
    return line(f"{indent}{step.domain}", strong(step.term))
