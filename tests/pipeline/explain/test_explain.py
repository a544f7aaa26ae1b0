"""What `explain` prints, as transcripts."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipeline.errors import ConfigError
from pipeline.explain import explain
from pipeline.journal import Journal
from pipeline.sink import Sink
from pipeline.warehouse import Run
from schemas import ADDRESSES, CERTIFICATES
from schemas.domains import SeedRank
from schemas.mailbox_evidence import MailboxEvidence, Signal
from schemas.mx_providers import Source
from schemas.outcomes import (
    ExchangeKind,
    HostStatus,
    Mail,
    Outcome,
    ProbeOutcome,
    ProbeStep,
    StartTls,
    Verdict,
)
from schemas.providers import Category, Mailbox, Role
from schemas.query import Text
from tests.pipeline.explain.rows import (
    LEAF,
    NXDOMAIN,
    OK,
    domain,
    exchange,
    host,
    probe,
    provider,
    row,
    shop,
    spf,
    store,
    vote,
)

SHOP = """\
shop.example: mail run by Provider (provider.example)
├── seeds: tranco rank 1,234; umbrella
├── asked: 2026-09-21 14:13 UTC
├── verdict: by_tls: labelled by certificate
│   ├── operator: Provider (provider.example), gateway: filters it and passes it on
│   ├── share: 100% Provider (provider.example)
│   └── rules: 1-abc
├── MX: [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
│   ├── 10 mx1.provider.example
│   │   ├── label: Provider (provider.example), by tls, 100% of the domain
│   │   │   ├── confidence: 42 (popularity of the evidence, in domains)
│   │   │   ├── tls: provider.example (wins: the first source in order to give an id)
│   │   │   ├── banner: none: greetings and EHLO replies name no host, or hosts of different domains
│   │   │   ├── mx: provider.example
│   │   │   └── doubt: foreign_as: an address lies outside the ASes known of the company: the name
│   │   │       may be borrowed
│   │   ├── host: resolved, alias for a.provider.example
│   │   │   ├── A: 192.0.2.1, 192.0.2.2 [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
│   │   │   └── AAAA: [nodata, ttl 60 s, 1.5 ms, 127.0.0.1:53]
│   │   ├── 192.0.2.1 AS64500 Provider Inc, NL, cloud aws eu-west-1 EC2, PTR mx1.provider.example
│   │   │   ├── SMTP port 25: ok, 82 ms, 2026-09-21 14:13 UTC
│   │   │   ├── banner: 220-mx1.provider.example ESMTP Postfix / 220 hello
│   │   │   ├── EHLO: 250-mx1.provider.example
│   │   │   ├── extensions: SIZE, STARTTLS
│   │   │   ├── software: Postfix
│   │   │   ├── STARTTLS: ok, TLSv1.3, TLS_AES_256_GCM_SHA384, SNI mx1.provider.example
│   │   │   └── certificate: 1f2e3d4c5b6a7988 (first of 2 sent)
│   │   │       ├── verdict: trusted, chains to CN=Root
│   │   │       ├── names: *.provider.example, mx1.provider.example
│   │   │       ├── issuer: CN=R11,O=Example CA
│   │   │       └── valid: 2026-09-21 14:13 UTC to 2026-12-20 14:13 UTC
│   │   └── 192.0.2.2 special-purpose: Documentation, PTR nxdomain
│   │       └── SMTP port 25: connect_timeout: the TCP handshake was not finished in time, at
│   │           connect, 2 attempts, 2026-09-21 14:13 UTC
│   ├── 10 192.0.2.9 ip_literal: an address written as if it were a name
│   └── 20 mx.shop.example
│       ├── label: none: more preferred exchanges are live, and only those count
│       ├── host: resolved
│       │   ├── A: 192.0.2.1 [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
│       │   └── AAAA: [nodata, ttl 60 s, 1.5 ms, 127.0.0.1:53]
│       └── 192.0.2.1 (seen above)
├── DMARC: v=DMARC1; p=none [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53, 2 attempts, over TCP]
└── SPF: [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
    ├── ip4:192.0.2.0/28
    ├── a -> 192.0.2.80
    ├── mx
    │   ├── mx1.provider.example -> 192.0.2.1, 192.0.2.2
    │   └── mx.shop.example -> 192.0.2.1
    ├── include:spf.provider.example [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
    │   ├── ip6:2001:db8::/32
    │   ├── include:shop.example (seen above)
    │   └── ~all
    └── -all
"""


def printed(run: Run, name: str, width: int = 100) -> str:
    """What explain prints on a console that is no terminal."""
    out = io.StringIO()
    explain(run, name, Console(file=out, width=width))
    return "\n".join(text.rstrip() for text in out.getvalue().splitlines()) + "\n"


def told(folder: Path, *rows: Any, inferred: tuple[Any, ...] = (), name: str = "d.example") -> str:
    """What is printed of rows, lines as they are, without the tree around them."""
    text = printed(store(folder, list(rows), inferred, [name]), name, width=400)
    return "\n".join(text.lstrip("│├└─ ") for text in text.splitlines())


def test_the_whole_chain_from_seed_to_verdict(tmp_path: Path) -> None:
    crawled, inferred = shop()
    run = store(tmp_path, crawled, inferred, ["shop.example"])
    assert printed(run, "shop.example") == SHOP


def test_a_name_is_taken_as_people_write_it(tmp_path: Path) -> None:
    run = store(tmp_path, [domain("xn--bcher-kva.example")], (), ["xn--bcher-kva.example"])
    assert printed(run, " Bücher.EXAMPLE. ").startswith("xn--bcher-kva.example\n")


def test_before_inference_there_is_no_verdict_and_no_label(tmp_path: Path) -> None:
    crawled, _ = shop()
    text = printed(store(tmp_path, crawled, (), ["shop.example"]), "shop.example")
    assert "verdict: none: inference has not run" in text
    assert "label:" not in text
    assert "certificate: 1f2e3d4c5b6a7988" in text


def test_what_was_not_asked_yet_is_said(tmp_path: Path) -> None:
    text = told(
        tmp_path,
        domain("d.example", mx=(exchange(5, "mx.a.example"), exchange(6, "mx.b.example"))),
        host("mx.b.example", "192.0.2.7"),
    )
    assert "5 mx.a.example\nhost: not asked yet\n6 mx.b.example" in text
    assert "192.0.2.7 not looked up yet\nSMTP: not probed" in text
    assert "SPF: not asked yet" in text


@pytest.mark.parametrize(
    ("mail", "outcome", "expected"),
    [
        (Mail.NULL_MX, OK, 'MX: null_mx: a single "0 .": accepts no mail [ok, ttl 300 s'),
        (Mail.NXDOMAIN, NXDOMAIN, "MX: nxdomain: no such domain [nxdomain, rcode 3, 1.5 ms"),
        (
            Mail.FAILED,
            OK._replace(outcome=Outcome.TIMEOUT, rcode=None, ttl=None, rtt_ms=None, server=None),
            "MX: failed: the question got no definite answer [timeout]",
        ),
    ],
)
def test_no_exchange_and_why(tmp_path: Path, mail: Mail, outcome: Any, expected: str) -> None:
    assert expected in told(tmp_path, domain("d.example", mail, mx_query=outcome))


def test_exchanges_that_are_no_hosts(tmp_path: Path) -> None:
    mx = (exchange(0, ".", ExchangeKind.NULL), exchange(1, "localhost", ExchangeKind.LOCALHOST))
    text = told(tmp_path, domain("d.example", mx=mx))
    assert '0 . null: the root, "."' in text
    assert "1 localhost localhost: localhost or a name below it, or of localdomain" in text


def test_an_implicit_mx_is_the_domain_itself(tmp_path: Path) -> None:
    text = told(
        tmp_path,
        domain("d.example", Mail.NO_MX, mail_hosts=("d.example",)),
        host("d.example", "192.0.2.1"),
        inferred=(provider("d.example", Category.NO_SMTP, implicit=True),),
    )
    assert "implicit MX d.example\nlabel: none: no address of it answers SMTP" in text
    assert "A: 192.0.2.1 [ok" in text


VOTE = {"tls_id": None, "banner_id": None, "mx_id": None, "addresses": ("192.0.2.1",)}


@pytest.mark.parametrize(
    ("chain", "verdict", "reason"),
    [
        ((), None, "no certificate is shown"),
        ((LEAF,), Verdict.EXPIRED, "no certificate shown is trusted"),
        ((LEAF,), Verdict.TRUSTED, "trusted certificates name no host, or hosts of differe"),
    ],
)
def test_why_certificates_give_no_id(
    tmp_path: Path, chain: tuple[str, ...], verdict: Verdict | None, reason: str
) -> None:
    certificates = [row(CERTIFICATES, LEAF, verdict=verdict)] if verdict else []
    votes = vote(
        "d.example",
        "mx.d.example",
        **{**VOTE, "banner_id": "b.example", "provider_id": "b.example", "source": Source.BANNER},
    )
    text = told(
        tmp_path,
        domain("d.example", mx=(exchange(10, "mx.d.example"),)),
        host("mx.d.example", "192.0.2.1"),
        probe("192.0.2.1", chain=chain),
        *certificates,
        inferred=(votes, provider("d.example", Category.BY_BANNER, operator_id="b.example")),
    )
    assert f"tls: none: {reason}" in text
    assert "label: b.example, by banner, 100% of the domain" in text
    assert "banner: b.example (wins: the first source in order to give an id)" in text
    assert "mx: none: the exchange's name has no registered domain" in text


def test_mailboxes_behind_a_gateway_with_all_that_speaks_for_anybody(tmp_path: Path) -> None:
    clues = (
        MailboxEvidence("d.example", "Host", Signal.SPF_HOST, "spf.host.example", 0.7),
        MailboxEvidence("d.example", "Box", Signal.DKIM_CNAME, "k.box.example", 3.3),
        MailboxEvidence("other.example", "Box", Signal.TOKEN, "box=1", 0.0),
    )
    label = provider(
        "d.example",
        Category.BY_TLS,
        operator_id="filter.example",
        operator_company="Filter",
        role=Role.GATEWAY,
        probability=0.99,
        mailbox=Mailbox.BEHIND,
        mailbox_company="Box",
        mailbox_probability=0.9,
    )
    lines = told(tmp_path, domain("d.example"), inferred=(*clues, label)).splitlines()
    place = lines.index(
        "mailboxes: Box, behind: with a company behind the operator, probability 0.90"
    )
    assert lines[place - 1].endswith("probability 0.99")
    assert lines[place + 1 : place + 3] == [
        "Box: dkim_cname, k.box.example, weight 3.3",
        "Host: spf_host, spf.host.example, weight 0.7",
    ]


def test_a_likelier_operator_than_the_label_stands_beside_it(tmp_path: Path) -> None:
    other = {"provider_id": "lessor.example", "source": Source.BANNER, "operator_id": "d.example"}
    text = told(
        tmp_path,
        domain("d.example", mx=(exchange(10, "mx.d.example"),)),
        inferred=(
            vote("d.example", "mx.d.example", **{**VOTE, **other}),
            provider("d.example", Category.BY_BANNER, operator_id="d.example"),
        ),
    )
    assert "more probably: d.example" in text


def test_no_source_gives_an_id(tmp_path: Path) -> None:
    text = told(
        tmp_path,
        domain("d.example", mx=(exchange(10, "mx.d.example"),)),
        inferred=(
            vote("d.example", "mx.d.example", **{**VOTE, "addresses": (), "weight": 0.5}),
            provider("d.example", Category.UNLABELLED),
        ),
    )
    assert "label: none: no source gives an id 50% of the domain" in text
    assert "banner: none: no address answers SMTP" in text


def test_every_way_a_dialogue_ends_is_spelled_out(tmp_path: Path) -> None:
    failed = probe(
        "192.0.2.1",
        outcome=ProbeOutcome.CLOSED,
        step=ProbeStep.EHLO,
        detail="Connection reset by peer",
        starttls=StartTls.NOT_TRIED,
    )
    broken = probe("192.0.2.2", starttls=StartTls.TLS_FAILED, tls_error="wrong version number")
    text = told(
        tmp_path,
        domain("d.example", mx=(exchange(10, "mx.d.example"),)),
        host("mx.d.example", "192.0.2.1", "192.0.2.2"),
        failed,
        broken,
    )
    assert "closed: the peer closed or reset; the step column says when, Connection reset" in text
    assert "at ehlo, 82 ms" in text
    assert "tls_failed: the handshake failed; see tls_error, wrong version number" in text


def test_text_from_the_network_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    evil = "220 [bold red]mx[/] \x1b[2J\x9b31m\u202e:smile: [link=x]"
    text = told(
        tmp_path,
        domain(
            "d.example",
            mx=(exchange(10, "mx.d.example"),),
            dmarc=(Text("v=DMARC1; rua=[/red]\x07", None),),
            seeds=(SeedRank("[green]list[/]", 1),),
        ),
        host("mx.d.example", "192.0.2.1"),
        row(ADDRESSES, "192.0.2.1", as_name="[blink]\nAS"),
        probe("192.0.2.1", banner=evil, software="[u]"),
        spf("d.example", "v=spf1 include:[red].example -all"),
    )
    assert r"banner: 220 [bold red]mx[/] \x1b[2J\x9b31m\u202e:smile: [link=x]" in text
    assert r"DMARC: v=DMARC1; rua=[/red]\x07" in text
    assert "seeds: [green]list[/] rank 1" in text
    assert r"192.0.2.1 [blink]\nAS" in text
    assert "include:[red].example" in text
    assert all(c.isprintable() or c == "\n" for c in text)


def test_spf_includes_nest_and_loops_are_marked(tmp_path: Path) -> None:
    text = printed(
        store(
            tmp_path,
            [
                domain("d.example"),
                spf("d.example", "v=spf1 include:a.example include:b.example ?all"),
                spf("a.example", "v=spf1 include:b.example include:%{i}.c.example"),
                spf("b.example", "v=spf1 redirect=D.Example."),
            ],
            (),
            ["d.example"],
        ),
        "d.example",
    )
    account = "[ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]"
    assert (
        text.partition("└── SPF:")[2].replace(account, "[]")
        == """ []
    ├── include:a.example []
    │   ├── include:b.example []
    │   │   └── redirect=D.Example. (seen above)
    │   └── include:%{i}.c.example depends on the message: not followed
    ├── include:b.example (seen above)
    └── ?all
"""
    )


def test_spf_of_any_depth_stays_readable(tmp_path: Path) -> None:
    names = ["d.example", *(f"n{i}.example" for i in range(40))]
    chain = [
        spf(name, f"v=spf1 include:{below} -all")
        for name, below in zip(names, [*names[1:], "end.example"], strict=True)
    ]
    text = printed(store(tmp_path, [domain("d.example"), *chain], (), ["d.example"]), "d.example")
    assert all(text.count(f"include:{name} [ok") == 1 for name in names[1:])
    assert "include:end.example not asked yet" in text
    assert text.count("(goes on below)") == text.count("(from above)") == 3
    indents = [len(line) - len(line.lstrip("│├└─ ")) for line in text.splitlines()]
    assert max(indents) < 60


def test_spf_hosts_faults_and_missing_records(tmp_path: Path) -> None:
    text = told(
        tmp_path,
        domain("d.example", mx=(exchange(10, "mx.d.example"),)),
        host("mx.d.example", "192.0.2.1"),
        host("gone.example", status=HostStatus.NXDOMAIN),
        spf(
            "d.example",
            "v=spf1 a:gone.example a:later.example mx mx:other.example ip4:300.1.1.1 "
            "include:none.example include:two.example",
        ),
        spf("none.example"),
        spf("two.example", "v=spf1 -all", "v=spf1 +all"),
    )
    assert "bad_ip4: not an IPv4 address (section 5.6) ip4:300.1.1.1" in text
    assert "a:gone.example -> nxdomain\na:later.example -> not asked yet" in text
    assert "mx\nmx.d.example -> 192.0.2.1\nmx:other.example -> not asked yet" in text
    assert "include:none.example no SPF record [nxdomain, rcode 3" in text
    assert "include:two.example 2 SPF records [ok" in text
    assert "v=spf1 +all v=spf1 -all" in text


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("www.shop.example", "did you mean shop.example?"),
        ("sohp.example", "did you mean shop.example?"),
        ("waiting.example", "is a seed of run 'night' that has not been asked yet"),
        ("quite-another-name.test", "is no seed of run 'night'$"),
        ("no domain", "'no domain' is no domain: not_a_name"),
    ],
)
def test_a_domain_that_is_not_in_the_run(tmp_path: Path, asked: str, message: str) -> None:
    run = store(tmp_path, [domain("shop.example")], (), ["shop.example", "waiting.example"])
    with pytest.raises(ConfigError, match=message):
        printed(run, asked)


def test_rows_that_no_commit_names_do_not_exist(tmp_path: Path) -> None:
    run = store(tmp_path, [domain("shop.example")], (), ["shop.example", "late.example"])
    sink = Sink(Journal.load(run))
    sink.add([domain("late.example")])
    asyncio.run(sink.commit())
    assert printed(run, "late.example").startswith("late.example")
    (newest,) = [path for path in run.warehouse.files(run.journal) if "000002" in path]
    run.warehouse.remove(newest)
    with pytest.raises(ConfigError, match="has not been asked yet"):
        printed(run, "late.example")
