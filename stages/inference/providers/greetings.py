"""Claims of greetings: the host that a server says it is, and the domain that it speaks for.

Every distinct reply is read once, in as few words as say the same.
"""

from collections.abc import Callable, Iterable

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from stages.inference.providers.evidence import Claims, table_of
from stages.inference.providers.hostname import reply_host, word_host
from stages.inference.providers.rented import rented_patterns


def greeting_claims(
    live: ir.Table, probes: ir.Table, addresses: ir.Table, ehlo_name: str | None
) -> Claims:
    """Each host that a greeting or EHLO reply of a live address names speaks for its domain.

    ``addresses`` gives the probed ones their numbers. Replies that name no host have no say.
    """
    speakers = addresses.filter(addresses.address_id.isin(live.address_id)).join(probes, "address")
    replies = ibis.union(
        speakers.select("address_id", reply="banner"), speakers.select("address_id", reply="ehlo")
    )
    replies = replies.drop_null("reply")
    replies = replies.mutate(word=replies.reply.re_extract(_PLAIN, 1).nullif("")).cache()
    hosts = Hosts()
    words = _distinct(replies.word)
    words = ibis.memtable(hosts.named("word", words, lambda word: word_host(word, ehlo_name)))
    # Few: whose first word is no host that counts, so that another one may be.
    unread = _distinct(replies.anti_join(words, "word").reply)
    whole = ibis.memtable(hosts.named("reply", unread, lambda reply: reply_host(reply, ehlo_name)))
    made = ibis.union(
        replies.join(words, "word").select("address_id", "name_id"),
        replies.join(whole, "reply").select("address_id", "name_id"),
        distinct=True,
    )
    claims = ibis.memtable(hosts.claims())
    made = made.join(claims.select("name_id", "claim_id"), "name_id").drop("name_id")
    return Claims(
        claims.select("claim_id", "provider_id", "name", "rented"),
        made.mutate(certificate_id=ibis.null("int64")),
    )


_PLAIN = (
    r"^[ \t]*2\d\d[ -][ \t]*([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,63})(?:[ \t][\t -~]*)?"
    r"(?:\r?\n2\d\d[ -][\t -~]*)*\r?\n?$"
)
"""A reply all of whose lines are positive and whose first word looks like a host."""


def _distinct(column: ir.StringColumn) -> list[str]:
    found = column.as_table().distinct().drop_null().to_pyarrow()
    values: list[str] = found[column.get_name()].to_pylist()
    return values


class Hosts:
    """Hosts that replies name, each once, and the domains they speak for."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._domains: list[str] = []

    def named(
        self, column: str, texts: Iterable[str], host_of: Callable[[str], str | None]
    ) -> pa.Table:
        """The texts that name a host, as ``column``, and its name_id."""
        rows = [(text, self._number(host)) for text in texts if (host := host_of(text))]
        return table_of(rows, pa.schema([(column, pa.string()), ("name_id", pa.int64())]))

    def _number(self, host: str) -> int:
        number = self._numbers.setdefault(host, len(self._domains))
        if number == len(self._domains):
            self._domains.append(registered_domain(host) or host)
        return number

    def claims(self) -> pa.Table:
        """name_id, name, provider_id, rented, and claim_id in the order of id and name."""
        names, domains = [*self._numbers], self._domains
        rows = pa.table(
            {
                "name_id": pa.array(range(len(names)), pa.int64()),
                "name": pa.array(names, pa.string()),
                "provider_id": pa.array(domains, pa.string()),
                "rented": pa.array(rented_patterns(names, domains), pa.string()),
            }
        )
        rows = rows.sort_by([("provider_id", "ascending"), ("name", "ascending")])
        return rows.append_column("claim_id", pa.array(range(len(rows)), pa.int64()))
