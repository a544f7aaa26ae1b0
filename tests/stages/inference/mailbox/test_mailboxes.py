"""Who keeps the mailboxes, by each signal and by all together."""

from typing import Any, NamedTuple

import ibis
import pyarrow as pa
import pytest

from schemas import CERTIFICATES, DOMAINS, HOSTS, POLICIES, SMTP, SPF
from schemas.mailbox_evidence import Signal
from schemas.outcomes import Outcome
from schemas.policies import DkimSelector, Policy, Service
from schemas.query import Text
from schemas.spf import Spf
from schemas.table import Table
from stages.dns.answer import Answer, Question, RRType
from stages.inference.mailbox.keepers import SELF
from stages.inference.mailbox.mailboxes import evidence, mailboxes
from stages.inference.mailbox.rules import WEIGHTS
from stages.inference.mailbox.signals import signals
from stages.inference.providers.companies import parse_companies
from stages.inference.providers.method import Method
from stages.spf.stage import spf_row
from tests.stages.inference.providers.census import ASKED, PORT, domain, host, server

COMPANIES = parse_companies("""
[[company]]
name = "Box"
role = "mailbox"
country = "US"
ids = ["box.com"]
spf = ["spf.boxmail.net"]
selectors = ["boxkey"]
autodiscover = ["autodiscover.boxapp.net"]
tokens = ["box-verify=", "MS="]

[[company]]
name = "Host"
role = "hosting"
country = "US"
ids = ["host.net"]

[[company]]
name = "Filter"
role = "gateway"
country = "DE"
ids = ["filter.de"]

[[company]]
name = "News"
role = "marketing"
country = "FR"
ids = ["news.fr"]
""")
METHOD = Method(companies=COMPANIES, port=PORT, ehlo_name=None)


class Gated(NamedTuple):
    """What a domain behind Filter publishes."""

    mx: tuple[str, ...] = ("in.filter.de",)
    spf: str = "v=spf1 -all"
    txt: tuple[str, ...] = ()
    dkim: tuple[tuple[str, str | None], ...] = ()
    """Selector and target of its alias; None: a key of its own."""
    autodiscover: str | None = None
    address: str | None = None
    srv: str | None = None
    wildcard: str | None = None
    greeting: str | None = None
    """Of the last exchange, which has an address of its own."""
    gone: bool = False
    """Whether there is a key where the aliases lead."""
    outcome: Outcome = Outcome.NXDOMAIN
    """Of a selector that is asked for beside the others."""


def _policy(name: str, gated: Gated) -> Policy:
    key = (Text("v=DKIM1; p=AA", None),)
    wild = (gated.wildcard,) if gated.wildcard else ()
    fields: dict[str, Any] = dict.fromkeys(Policy._fields, ())
    fields |= {field: ASKED for field in Policy._fields if field.endswith("query")}
    fields |= {"domain": name, "asked": 0, "domainkey_chain": wild}
    fields["dkim"] = tuple(
        DkimSelector(selector, (alias,) if alias else (), () if gated.gone else key, ASKED)
        for selector, alias in gated.dkim
    )
    fields["dkim"] += (DkimSelector("none", (), (), ASKED._replace(outcome=gated.outcome)),)
    fields["autodiscover_chain"] = (gated.autodiscover,) if gated.autodiscover else ()
    fields["autodiscover"] = (gated.address,) if gated.address else ()
    fields["autodiscover_srv"] = (Service(0, 0, 443, gated.srv),) if gated.srv else ()
    return Policy(**fields)


def _spf(name: str, *texts: str) -> Spf:
    return spf_row(Answer(Question(name, RRType.TXT), 0, ASKED, tuple(t.encode() for t in texts)))


CASES: list[tuple[Gated, tuple[str, str, str] | None]] = [
        (Gated(), None),
        (Gated(mx=("in.filter.de", "mx.box.com")), ("Box", "lower_mx", "box.com")),
        (Gated(spf="v=spf1 include:spf.boxmail.net ~all"),
         ("Box", "spf_include", "spf.boxmail.net")),
        (Gated(spf="v=spf1 redirect=SPF.boxmail.net"), ("Box", "spf_include", "spf.boxmail.net")),
        (Gated(spf="v=spf1 include:_spf.ant.com ~all"),
         ("Box", "spf_include", "spf.boxmail.net")),
        (Gated(spf="v=spf1 ?include:spf.boxmail.net ~all"),
         ("Box", "spf_soft", "spf.boxmail.net")),
        (Gated(spf="v=spf1 -include:spf.boxmail.net ~all"), None),
        (Gated(spf="v=spf1 include:xspf.boxmail.net ~all"),
         ("boxmail.net", "spf_other", "xspf.boxmail.net")),
        (Gated(spf="v=spf1 ip4:192.0.2.16/28 ~all"), ("Box", "spf_range", "192.0.2.16/28")),
        (Gated(spf="v=spf1 ~ip4:192.0.2.16/28 ~all"), None),
        (Gated(spf="v=spf1 ip4:10.1.2.3 ~all"), None),  # within a /8, which is nobody's own
        (Gated(spf="v=spf1 mx ~all"), ("(self)", "own_spf", "mx")),
        (Gated(spf="v=spf1 mx:filter.de ~all"), None),
        (Gated(spf="v=spf1 a:Mail.ant.com ~all"), ("(self)", "own_host", "mail.ant.com")),
        (Gated(spf="v=spf1 include:host.net ~all"), ("Host", "spf_host", "host.net")),
        (Gated(spf="v=spf1 include:spf.other.fr ~all"),
         ("other.fr", "spf_other", "spf.other.fr")),
        (Gated(txt=("MS=ms1",)), ("Box", "tenant", "MS=ms1")),
        (Gated(dkim=(("s1", "s1.dkim.box.com"),), gone=True),
         ("Box", "dkim_gone", "s1.dkim.box.com")),
        (Gated(mx=("in.filter.de", "mail.ant.com"), greeting="220 mx.box.com ESMTP"),
         ("Box", "lower_mx", "box.com")),
        (Gated(mx=("in.filter.de", "mail.ant.com"), greeting="220 mail.ant.com"),
         ("(self)", "own_mx", "mail.ant.com")),
        (Gated(mx=("in.filter.de", "mx.other.fr")), ("other.fr", "lower_mx", "other.fr")),
        (Gated(autodiscover="auto.host.net"), ("Host", "autodiscover_host", "auto.host.net")),
        (Gated(autodiscover="auto.box.com", wildcard="auto.box.com"), None),
        (Gated(address="198.51.100.1", outcome=Outcome.NODATA), None),
        (Gated(txt=("BOX-verify=1",)), ("Box", "token", "BOX-verify=1")),
        (Gated(txt=("not box-verify=1",)), None),
        (Gated(dkim=(("s1", "s1.dkim.box.com"),)), ("Box", "dkim_cname", "s1.dkim.box.com")),
        (Gated(dkim=(("s1", "s1.dkim.news.fr"),)), None),
        (Gated(dkim=(("s1", "x.box.com"),), wildcard="x.box.com"), None),
        (Gated(dkim=(("boxkey", None),)), ("Box", "dkim_selector", "boxkey")),
        (Gated(autodiscover="autodiscover.boxapp.net"),
         ("Box", "autodiscover", "autodiscover.boxapp.net")),
        (Gated(srv="eu.autodiscover.boxapp.net"),
         ("Box", "autodiscover", "eu.autodiscover.boxapp.net")),
        (Gated(autodiscover="exchange.ant.com"),
         ("(self)", "own_autodiscover", "exchange.ant.com")),
        (Gated(address="198.51.100.1"), ("(self)", "own_autodiscover", "198.51.100.1")),
        (Gated(autodiscover="auto.other.fr", address="198.51.100.1"),
         ("other.fr", "autodiscover", "auto.other.fr")),
    ]  # fmt: skip
"""What a domain publishes, and the one (keeper, signal, value) that it tells, if any."""
TOGETHER: list[tuple[Gated, str | None]] = [
    (Gated(txt=("box-verify=1",)), None),
    (Gated(spf="v=spf1 include:host.net include:spf.boxmail.net ~all"), "Box"),
    (Gated(dkim=(("s1", "s1.box.com"),), spf="v=spf1 include:host.net ~all"), "Box"),
    (Gated(txt=("box-verify=1",), autodiscover="exchange.ant.com"), SELF),
    (Gated(autodiscover="mail.ant.com", spf="v=spf1 mx ~all"), SELF),
]
"""And who is named, if anybody."""


class Found(NamedTuple):
    """Of one domain."""

    signals: set[tuple[str, str, str]]
    named: str | None
    probability: float | None


def _called(name: str, thing: object) -> Any:
    """What is said of ant.com, of a domain of another name."""
    if isinstance(thing, str):
        return thing.replace("ant.com", name)
    if isinstance(thing, tuple):
        return tuple(_called(name, each) for each in thing)
    return thing


def _tables(given: dict[str, Gated]) -> list[tuple[Table, list[Any]]]:
    hosts = list(dict.fromkeys(mx for gated in given.values() for mx in gated.mx))
    address = {mx: f"198.18.0.{place}" for place, mx in enumerate(hosts, start=1)}
    seeds = [
        domain(name, *((10 * n, mx) for n, mx in enumerate(gated.mx)))._replace(
            txt=tuple(Text(text, None) for text in gated.txt)
        )
        for name, gated in given.items()
    ]
    records = [_spf("spf.boxmail.net", "v=spf1 ip4:192.0.2.0/24 ip4:10.0.0.0/8 -all")]
    for name, gated in given.items():
        records += [_spf(name, gated.spf), _spf(f"_spf.{name}", "v=spf1 include:spf.boxmail.net")]
    greeted = [(address[g.mx[-1]], g.greeting) for g in given.values() if g.greeting]
    return [
        (DOMAINS, seeds),
        (HOSTS, [host(mx, address[mx]) for mx in hosts]),
        (SPF, records),
        (POLICIES, [_policy(name, gated) for name, gated in given.items()]),
        (SMTP, [server(where, greeting) for where, greeting in greeted]),
        (CERTIFICATES, []),
    ]


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    """All cases at once, by domain."""
    cases: list[tuple[Gated, object]] = [*CASES, *TOGETHER]
    given = {f"a{n}.com": Gated(*_called(f"a{n}.com", case[0]))
             for n, case in enumerate(cases)}  # fmt: skip
    connection = ibis.duckdb.connect()
    census = {
        table.name: connection.create_table(table.name, pa.Table.from_batches([table.batch(rows)]))
        for table, rows in _tables(given)
    }
    behind = ibis.memtable(pa.table({"domain": [*given], "registered_domain": [*given]}))
    clues = evidence(signals(behind, census, METHOD)).cache()
    named = {row["domain"]: row for row in mailboxes(clues).to_pyarrow().to_pylist()}
    told: dict[str, set[tuple[str, str, str]]] = {name: set() for name in given}
    for row in clues.to_pyarrow().to_pylist():
        told[row["domain"]].add((row["keeper"], row["signal"], row["value"]))
    return {
        name: Found(
            told[name],
            named.get(name, {}).get("keeper"),
            named.get(name, {}).get("probability"),
        )
        for name in given
    }


@pytest.mark.parametrize("number", range(len(CASES)))
def test_each_signal(number: int, found: dict[str, Found]) -> None:
    name = f"a{number}.com"
    _, signal = CASES[number]
    assert found[name].signals == ({_called(name, signal)} if signal else set())


def test_weak_signals_name_nobody_and_fresh_ones_win(found: dict[str, Found]) -> None:
    for number, (_, keeper) in enumerate(TOGETHER, start=len(CASES)):
        one = found[f"a{number}.com"]
        assert one.named == keeper, TOGETHER[number - len(CASES)]
        assert one.probability is None or 0.55 <= one.probability < 1


def test_every_signal_has_a_weight() -> None:
    assert set(WEIGHTS) == set(Signal)
