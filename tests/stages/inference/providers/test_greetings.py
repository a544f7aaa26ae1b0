"""Greetings are read in brief where that says the same as in full."""

import ibis
import pyarrow as pa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from stages.inference.providers.greetings import greeting_claims
from stages.inference.providers.hostname import reply_host

OWN = "census.example.org"
WORDS = [
    "mx.ant.com", "MX1.Big.NET", "[mx.bee.com]", "host.local", "localhost", "co.uk", OWN,
    "mx.ant.com.", "bl.spamcop.net", "2.0.0", "-", "", "ESMTP", "Hello", "blocked", "using",
    "[192.0.2.1]", "192.0.2.1", "mx.dog.com\x0b550", "mx_1.elk.com", "mäil.fox.com",
]  # fmt: skip
LINE = st.tuples(
    st.sampled_from(["220", "220", "250", "250", "554", " 220", ""]),
    st.sampled_from(" - \t"),
    st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
).map("".join)
REPLY = st.tuples(
    st.lists(LINE, min_size=1, max_size=3), st.sampled_from(["\r\n", "\n", "\r"])
).map(lambda reply: reply[1].join(reply[0]))


@settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
)
@given(st.lists(REPLY, min_size=100, max_size=100))
def test_in_brief_as_in_full(replies: list[str]) -> None:
    names = [f"192.0.2.{number}" for number in range(len(replies))]
    numbers = list(range(len(replies)))
    probes = ibis.memtable(
        pa.table({"address": names, "banner": replies, "ehlo": pa.nulls(len(names), pa.string())})
    )
    addresses = ibis.memtable(pa.table({"address_id": numbers, "address": names}))
    found = greeting_claims(addresses, probes, addresses, OWN)
    made = found.made.join(found.claims, "claim_id").select("address_id", "name").to_pyarrow()
    claimed = dict(zip(made["address_id"].to_pylist(), made["name"].to_pylist(), strict=True))
    expected = {number: reply_host(reply, OWN) for number, reply in enumerate(replies)}
    assert claimed == {number: host for number, host in expected.items() if host}
