"""Who keeps the mailboxes, by each signal and by all together."""

from typing import Any, NamedTuple

import ibis
import pyarrow as pa
import pytest

from schemas import DOMAINS, HOSTS, POLICIES, SPF
from schemas.mailbox_evidence import Signal
from schemas.policies import DkimSelector, Policy, Service
from schemas.query import Text
from schemas.spf import Spf
from schemas.table import Table
from stages.dns.answer import Answer, Question, RRType
from stages.inference.mailbox.mailboxes import evidence, mailboxes
from stages.inference.mailbox.rules import WEIGHTS
from stages.inference.mailbox.signals import SELF, signals
from stages.inference.providers.companies import parse_companies
from stages.spf.stage import spf_row
from tests.stages.inference.providers.census import ASKED, domain, host

COMPANIES = parse_companies("""
[[company]]
name = "Box"
role = "mailbox"
country = "US"
ids = ["box.com"]
spf = ["spf.boxmail.net"]
selectors = ["boxkey"]
autodiscover = ["autodiscover.boxapp.net"]
tokens = ["box-verify="]

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


def _policy(name: str, gated: Gated) -> Policy:
    key = (Text("v=DKIM1; p=AA", None),)
    wild = (gated.wildcard,) if gated.wildcard else ()
    fields: dict[str, Any] = dict.fromkeys(Policy._fields, ())
    fields |= {field: ASKED for field in Policy._fields if field.endswith("query")}
    fields |= {"domain": name, "asked": 0, "domainkey_chain": wild}
    fields["dkim"] = tuple(
        DkimSelector(selector, (alias,) if alias else (), () if alias else key, ASKED)
        for selector, alias in gated.dkim
    )
    fields["autodiscover_chain"] = (gated.autodiscover,) if gated.autodiscover else ()
    fields["autodiscover"] = (gated.address,) if gated.address else ()
    fields["autodiscover_srv"] = (Service(0, 0, 443, gated.srv),) if gated.srv else ()
    return Policy(**fields)


def _spf(name: str, *texts: str) -> Spf:
    return spf_row(Answer(Question(name, RRType.TXT), 0, ASKED, tuple(t.encode() for t in texts)))


def _found(gated: Gated, name: str = "ant.com") -> tuple[dict[str, Any], set[tuple[str, str, str]]]:
    """The row of mailboxes, empty if nobody is named, and all (keeper, signal, value)."""
    names = [(10 * place, mx) for place, mx in enumerate(gated.mx, start=1)]
    seed = domain(name, *names)._replace(txt=tuple(Text(text, None) for text in gated.txt))
    records = [
        _spf(name, gated.spf),
        _spf("spf.boxmail.net", "v=spf1 ip4:192.0.2.0/24 ip4:10.0.0.0/8 -all"),
        _spf(f"_spf.{name}", "v=spf1 include:spf.boxmail.net -all"),
    ]
    hosts = [host(mx, "192.0.2.1") for mx in gated.mx]
    tables: list[tuple[Table, list[Any]]] = [
        (DOMAINS, [seed]), (HOSTS, hosts), (SPF, records), (POLICIES, [_policy(name, gated)]),
    ]  # fmt: skip
    connection = ibis.duckdb.connect()
    census = {
        table.name: connection.create_table(table.name, pa.Table.from_batches([table.batch(rows)]))
        for table, rows in tables
    }
    behind = ibis.memtable(pa.table({"domain": [name], "registered_domain": [name]}))
    rows = evidence(signals(behind, census, COMPANIES)).cache()
    found = {(row["keeper"], row["signal"], row["value"]) for row in rows.to_pyarrow().to_pylist()}
    named = mailboxes(rows).to_pyarrow().to_pylist()
    assert len(named) <= 1
    return (named[0] if named else {}), found


@pytest.mark.parametrize(
    ("gated", "signal"),
    [
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
        (Gated(spf="v=spf1 include:xspf.boxmail.net ~all"), None),
        (Gated(spf="v=spf1 ip4:192.0.2.16/28 ~all"), ("Box", "spf_range", "192.0.2.16/28")),
        (Gated(spf="v=spf1 ~ip4:192.0.2.16/28 ~all"), None),
        (Gated(spf="v=spf1 ip4:10.1.2.3 ~all"), None),  # within a /8, which is nobody's own
        (Gated(spf="v=spf1 mx ~all"), ("(self)", "own_spf", "mx")),
        (Gated(spf="v=spf1 mx:filter.de ~all"), None),
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
        (Gated(autodiscover="elsewhere.org", address="198.51.100.1"), None),
    ],
)  # fmt: skip
def test_each_signal(gated: Gated, signal: tuple[str, str, str] | None) -> None:
    _, found = _found(gated)
    assert found == ({signal} if signal else set())


def test_weak_signals_name_nobody_and_strong_ones_win() -> None:
    assert _found(Gated(txt=("box-verify=1",)))[0] == {}
    named, _ = _found(Gated(dkim=(("s1", "s1.box.com"),), spf="v=spf1 a mx ~all"))
    assert named["keeper"] == "Box"
    assert 0.8 < named["probability"] < 0.95
    named, _ = _found(Gated(autodiscover="mail.ant.com", spf="v=spf1 mx ~all"))
    assert named["keeper"] == SELF


def test_every_signal_has_a_weight() -> None:
    assert set(WEIGHTS) == set(Signal)
