"""The whole inference on random small censuses, against a slow and obvious reference."""

from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas import MX_PROVIDERS, PROVIDERS
from schemas.outcomes import HostStatus, Mail, ProbeOutcome, Verdict
from schemas.smtp import Smtp
from stages.inference.providers.inference import infer
from stages.inference.providers.rules import RULES
from tests.stages.inference.providers.census import (
    OWN,
    Row,
    arrow_of,
    batches,
    certificate,
    domain,
    host,
    labelled,
    labels,
    located,
    server,
    usual,
)
from tests.stages.inference.providers.reference import Reference

SEEDS = [f"{name}.com" for name in ("ant", "bee", "cat", "dog", "elk", "fox")]
HOSTS = ["mx.ant.com", "mx1.big.net", "mx2.big.net", "in.huge.org", "co.uk", "gone.net"]
ADDRESSES = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"]
NAMES = ["mx.ant.com", "mx.big.net", "*.big.net", "in.huge.org", "vps1.huge.org", "a.big.net"]
LEAFS = ["c1", "c2", "c3", "c4"]
GREETINGS = ["220 mx.ant.com ESMTP", "220 mx1.big.net", "250-big.net hi", "554 no", f"250 {OWN}"]
OUTCOMES = [ProbeOutcome.OK] * 4 + list(ProbeOutcome)
STATUSES = [HostStatus.RESOLVED] * 3 + list(HostStatus)

PLAIN = [rule.id for rule in RULES]
"""Without rules nothing hints at others: the priority of IMC'21 alone."""


@st.composite
def censuses(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = []
    exchange = st.tuples(st.integers(0, 2), st.sampled_from([*HOSTS, ".", "localhost", "10.0.0.1"]))
    for name in SEEDS:
        mx = draw(st.lists(exchange, max_size=4, unique=True))
        other = st.sampled_from([m for m in Mail if m != Mail.MX])
        mail = draw(other) if not mx or (draw(st.booleans()) and draw(st.booleans())) else Mail.MX
        rows.append(domain(name, *(mx if mail == Mail.MX else ()), mail=mail))
    for name in [*HOSTS[:-1], *SEEDS[:3]]:
        status = draw(st.sampled_from(STATUSES))
        leads = status in (HostStatus.RESOLVED, HostStatus.RESERVED)
        addresses = draw(st.lists(st.sampled_from(ADDRESSES), unique=True, min_size=1, max_size=3))
        rows.append(host(name, *(addresses if leads else ()), status=status))
    for address in draw(st.lists(st.sampled_from(ADDRESSES), unique=True)):
        greeting = st.none() | st.sampled_from(GREETINGS)
        leaf = draw(st.none() | st.sampled_from(LEAFS))
        outcome = draw(st.sampled_from(OUTCOMES))
        rows.append(server(address, draw(greeting), draw(greeting), leaf, outcome))
    for sha256 in LEAFS:
        names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
        verdict = draw(st.sampled_from([Verdict.TRUSTED, Verdict.TRUSTED, Verdict.EXPIRED]))
        rows.append(certificate(sha256, *names, verdict=verdict))
    return draw(st.permutations(rows))


@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
@given(censuses())
def test_sets_give_what_one_domain_after_the_other_gives(rows: list[Row]) -> None:
    found, expected = labelled(*rows, without=PLAIN), Reference(rows)
    assert found.domains.keys() == {row.domain for row in expected.domains}
    assert found.mx.keys() == {(d, h) for d, hosts in expected.chosen.items() for h in hosts}
    for (name, exchange), row in found.mx.items():
        hosts = expected.chosen[name]
        assert row.preference == hosts[exchange]
        assert row.weight == pytest.approx(1 / len(hosts))
        assert row.addresses == tuple(sorted(expected.live(exchange)))
        ids = (row.tls_id, row.banner_id, row.mx_id, row.provider_id, row.source, row.confidence)
        assert ids == expected.id(exchange)
        evidence = [
            (p.source, p.provider_id, p.name, p.certificate, p.addresses) for p in row.evidence
        ]
        assert evidence == expected.evidence(exchange)
    for seed in expected.domains:
        label = found.domains[seed.domain]
        assert label.category == expected.category(seed)
        assert (label.operator_id, label.source) == expected.operator(seed)
        assert label.exchanges == len(expected.chosen[seed.domain])
        shares = {share.provider_id: share.weight for share in label.shares}
        assert shares == pytest.approx(dict(expected.shares(seed)))
        order = [(s.provider_id is None, -s.weight, s.provider_id or "") for s in label.shares]
        assert order == sorted(order)


WORLD: list[Row] = [
    domain("ant.com", (10, "mx1.big.net"), (10, "mx.ant.com")),
    domain("bee.com", (10, "mx1.big.net")),
    host("mx1.big.net", "192.0.2.1", "2001:db8::1"),
    host("mx.ant.com", "192.0.2.2"),
    server("192.0.2.1", "220 mx1.big.net", None, "c1"),
    server("2001:db8::1", "220 mx1.big.net", None, "c1"),
    server("192.0.2.2", "220 mx.ant.com"),
    certificate("c1", "mx.big.net"),
    located("192.0.2.1", 64500),
]


def test_tables_read_from_parquet_give_the_same(tmp_path: Path) -> None:
    connection = ibis.duckdb.connect()
    census = {}
    for name, batch in batches(*WORLD).items():
        pq.write_table(pa.table(batch), tmp_path / f"{name}.parquet")
        census[name] = connection.read_parquet(tmp_path / f"{name}.parquet")
    assert labels(census, usual()) == labelled(*WORLD)


@pytest.mark.parametrize("rows", [[], WORLD])
def test_columns_and_types_are_those_of_the_schemas(rows: list[Row]) -> None:
    census = {name: ibis.memtable(pa.table(batch)) for name, batch in batches(*rows).items()}
    made = infer(census, usual())
    for table in (MX_PROVIDERS, PROVIDERS):
        found = arrow_of(made[table.name])
        assert found.column_names == table.schema.names
        assert found.cast(table.schema).schema.equals(table.schema)


def test_probes_of_another_port_do_not_count() -> None:
    rows = [row._replace(port=587) if isinstance(row, Smtp) else row for row in WORLD]
    assert labelled(*rows).domains["bee.com"].category == "not_probed"


def test_every_label_says_which_rules_made_it() -> None:
    version = usual().version
    found = labelled(*WORLD)
    assert {row.rules_version for row in found.mx.values()} == {version}
    assert {row.rules_version for row in found.domains.values()} == {version}
