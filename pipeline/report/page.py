"""The report for people, in 80 columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from pipeline.display import duration
from pipeline.report.figures import Balance, Report, Slow, Spread, TableFigures
from pipeline.terminal import clean

_WIDTH = 79
_NAME = 15
_COUNT = 10
_TIME = 8
_PERCENTILES = "     p50     p95  p99 ms"
_MOST = 15
"""Words of a kind that are shown."""


def page(report: Report, console: Console) -> None:
    """Print a report; its alarms last, where eyes are."""
    for block in _blocks(report):
        title, *rest = (clean(line) for part in block for line in part.split("\n"))
        console.print(Text(title, style="bold"), soft_wrap=True)
        console.print(Text("\n".join([*rest, ""])), soft_wrap=True)
    for alarm in report.alarms:
        for line in wrap(
            f"ALARM: {alarm}. Begin another run once it is mended: to repeat "
            "this one asks nothing again.",
            _WIDTH,
        ):
            console.print(Text(clean(line), style="bold red"), soft_wrap=True)


def _blocks(report: Report) -> list[list[str]]:
    """Blocks of lines, the first of each its title; none is empty."""
    blocks = (
        _head(report), table_lines(report.tables), _account(report), _questions(report),
        _probes(report),
        _slow("slowest servers", report.slow_servers),
        _slow("slowest networks", report.slow_networks),
        _left_alone(report), _software(report), _resolvers(report),
    )  # fmt: skip
    return [block for block in blocks if block]


def _head(report: Report) -> list[str]:
    ended = datetime.fromtimestamp(report.command.ended, UTC)
    seconds = report.command.seconds
    rows = report.command.rows
    rates = [
        f"{rows[table]:,} {table} ({rows[table] / max(seconds, 1e-3):,.0f}/s)"
        for table in ("domains", "smtp")
        if rows.get(table)
    ]
    done = f"{report.state} after {duration(seconds)}"
    work = f"This command, to {ended:%Y-%m-%d %H:%M} UTC: {', '.join(rates) or 'nothing new'}"
    counts = [f"{report.retries:,} items tried twice"]
    if report.bugs:
        counts.append(f"{report.bugs:,} BUGS of ours (see crawl.log)")
    return [f"run {report.run}: {done}", work, "; ".join(counts)]


def table_lines(tables: Sequence[TableFigures]) -> list[str]:
    """Rows and outcomes, table by table."""
    found = [_row("table", "rows") + "  outcomes"]
    for table in tables:
        start = _row(table.table, table.rows)
        found += _hanging(start, _words(table.outcomes))
    return found


def _hanging(start: str, words: Sequence[str]) -> list[str]:
    """Words after a start, on as many lines as it takes, all under each other."""
    text = wrap(
        "  ".join(w.replace(" ", "\N{NO-BREAK SPACE}") for w in words) or "-",
        _WIDTH - len(start) - 2,
    )
    first, *rest = (line.replace("\N{NO-BREAK SPACE}", " ") for line in text)
    return [f"{start}  {first}", *(" " * (len(start) + 2) + line for line in rest)]


def _account(report: Report) -> list[str]:
    rejected = sum(report.rejected.values())
    why = f" ({', '.join(_words(report.rejected))})" if rejected else ""
    accepted = report.lines - rejected
    found = [
        "account",
        *wrap(
            f"{report.lines:,} lines = {accepted:,} names + {rejected:,} rejected{why}; "
            f"{accepted:,} names = {report.seeds:,} seeds + {accepted - report.seeds:,} repeated",
            _WIDTH,
        ),
        _row("", "wanted", "rows", "missing", "unwanted", "twice"),
    ]
    found += [_balance(each) for each in report.balances]
    uneven = [each.table for each in report.balances if not each.even]
    if not uneven:
        return [*found, "Every key that seeds and rows refer to has its row, and one only."]
    if report.state == "stopped":
        return [*found, "Missing is what is still to be asked, as far as it is known."]
    return [*found, f"DOES NOT ADD UP: {', '.join(uneven)}. That is a bug of ours."]


def _balance(each: Balance) -> str:
    return _row(each.table, each.wanted, each.rows, each.missing, each.unwanted, each.twice)


def _questions(report: Report) -> list[str]:
    found = [
        _row("questions", "asked", "failed", "sent", "by TCP") + _times("p50", "p95", "p99 ms")
    ]
    for each in report.questions:
        numbers = _row(each.what, each.count, each.failed, each.attempts, each.tcp)
        found.append(numbers + _times(*_spread(each.rtt)))
    return found if report.questions else []


def _probes(report: Report) -> list[str]:
    found = [_row("SMTP dialogues", "times") + _PERCENTILES]
    found += [_row(each.what, each.count) + _times(*_spread(each)) for each in report.probes]
    return found if report.probes else []


def _slow(title: str, slow: Sequence[Slow]) -> list[str]:
    found = [_row(title, "probes") + _times("ms")]
    for each in slow:
        start = f"{_row(each.what, each.probes)}{_times(_ms(each.ms))}  "
        found.append(start + each.detail[: _WIDTH - len(start.rpartition("\n")[2])])
    return found if slow else []


def _left_alone(report: Report) -> list[str]:
    domains = (each.outcomes for each in report.tables if each.table == "domains")
    opted_out = sum(outcomes.get("opted_out", 0) for outcomes in domains)
    found = [_row("domains opted out", opted_out)] if opted_out else []
    for title, counts in (("blocked us", report.blocked), ("not probed", report.not_probed)):
        if counts:
            found += _hanging(_row(title, sum(counts.values())), _words(counts))
    return ["left alone", *found] if found else []


def _software(report: Report) -> list[str]:
    named = report.software
    return _hanging(_row("mail software", sum(named.values())), _words(named)) if named else []


def _resolvers(report: Report) -> list[str]:
    found = [_row("resolvers", "sent", "answers", "losses", "blames") + _times("ms")]
    for each in report.resolvers:
        numbers = _row(each.server, each.sent, each.answers, each.losses, each.blames)
        latency = _ms(each.rtt_ms) if each.rtt_ms is not None else "-"
        found.append(numbers + _times(latency) + ("  benched" if each.benched else ""))
    return found if report.resolvers else []


def _row(name: str, *cells: int | str) -> str:
    """A name and numbers in columns; a name too long for its own stands on a line before."""
    first, *rest = (cell if isinstance(cell, str) else f"{cell:,}" for cell in cells)
    room = _NAME + _COUNT - len(name)
    if len(first) >= room:
        return f"{name}\n{_row('', *cells)}"
    return f"{name}{first:>{room}}" + "".join(f"{text:>{_COUNT}}" for text in rest)


def _times(*values: str) -> str:
    return "".join(f"{value:>{_TIME}}" for value in values)


def _spread(spread: Spread) -> tuple[str, str, str]:
    return _ms(spread.p50), _ms(spread.p95), _ms(spread.p99)


def _words(counts: Mapping[str, int]) -> list[str]:
    """The most frequent, and how many there are beside them."""
    shown = dict(list(counts.items())[:_MOST])
    if rest := sum(counts.values()) - sum(shown.values()):
        shown["others"] = shown.get("others", 0) + rest
    return [f"{word} {count:,}" for word, count in shown.items()]


def _ms(value: float) -> str:
    """Two digits that matter, and no more."""
    digits = 2 if value < 1 else 1 if value < 10 else 0  # noqa: PLR2004
    return f"{value:,.{digits}f}"
