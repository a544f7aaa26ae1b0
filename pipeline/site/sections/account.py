"""The run's own account: what was asked, what came back, how gently."""

from pipeline.site.charts import bars
from pipeline.site.exhibit import Exhibit, Page

_BALANCE = Exhibit(
    "balance",
    "Every key has its row",
    "Keys that seeds and other rows refer to, against rows. Missing and twice must be 0.",
    ("account_balances",),
    'SELECT "table", wanted, rows, missing, unwanted, twice FROM account_balances',
)

_OUTCOMES = Exhibit(
    "table-outcomes",
    "Rows by outcome",
    "A failure is a row, not a gap. Addresses are counted by country.",
    ("account_outcomes",),
    'SELECT "table", outcome, rows FROM account_outcomes',
)

_QUESTIONS = Exhibit(
    "questions",
    "Questions to the DNS",
    "Failed ones got no definite answer after every retry. Times in milliseconds.",
    ("account_questions",),
    """
    SELECT question, asked, failed, failed / greatest(asked, 1) AS share_failed, attempts, tcp,
           p50_ms, p95_ms, p99_ms FROM account_questions
    """,
    bars("question", "asked"),
)

_STEPS = Exhibit(
    "smtp-times",
    "Time that mail servers took",
    "Steps of SMTP dialogues, in milliseconds: half of them took less than p50.",
    ("account_steps",),
    "SELECT step, servers, p50_ms, p95_ms, p99_ms FROM account_steps",
    bars("step", "p50_ms"),
)

_WORDS = Exhibit(
    "left-out",
    "Left out, and why",
    "Seed lines that are no domains, servers that blocked us, servers that were left alone.",
    ("account_words",),
    "SELECT what, word AS reason, times FROM account_words",
    bars("reason", "times", "what"),
)

_RESOLVERS = Exhibit(
    "resolvers",
    "Resolvers",
    "What came of asking each. Strays are datagrams that belong to no open question.",
    ("account_resolvers",),
    "SELECT server, sent, answers, losses, losses / greatest(sent, 1) AS share_lost, mismatches, "
    "strays FROM account_resolvers",
)

_SETTINGS = Exhibit(
    "settings",
    "Settings",
    "Of the first command: limits of politeness, servers that were asked, time allowed.",
    ("account_settings",),
    "SELECT setting, value FROM account_settings",
)

_SOURCES = Exhibit(
    "sources",
    "Sources",
    "Seed lists, and the tables that networks, owners and certificates were looked up in.",
    ("account_sources",),
    "SELECT what, source, date, sha256 FROM account_sources",
)

PAGE = Page(
    "account",
    "The run",
    "How the census itself went.",
    (
        _BALANCE,
        _OUTCOMES,
        _QUESTIONS,
        _STEPS,
        _WORDS,
        _RESOLVERS,
        _SETTINGS,
        _SOURCES,
    ),
)
