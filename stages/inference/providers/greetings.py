"""Claims of greetings: the host that a server says it is, and the domain that it speaks for.

Every distinct reply is read once, in as few words as say the same.
"""

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from stages.inference.providers.evidence import Claims, table_of
from stages.inference.providers.hostname import reply_host
from stages.inference.providers.rented import rented_pattern

_HOSTS = pa.schema(
    [
        ("name_id", pa.int64()),
        ("name", pa.string()),
        ("provider_id", pa.string()),
        ("rented", pa.string()),
    ]
)


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
    replies = replies.mutate(brief=_brief(replies.reply)).cache()
    hosts = Hosts(ehlo_name)
    brief = ibis.memtable(hosts.named("brief", _distinct(replies.brief)))
    # Few: whose first word is no host that counts, so that another one may be.
    unread = replies.filter(replies.brief != replies.reply).anti_join(brief, "brief")
    whole = ibis.memtable(hosts.named("reply", _distinct(unread.reply)))
    made = ibis.union(
        replies.join(brief, "brief").select("address_id", "name_id"),
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


def _brief(reply: ir.StringColumn) -> ir.StringColumn:
    """A reply cut to what counts if its first word is a host: banner and EHLO say the same then."""
    host = reply.re_extract(_PLAIN, 1)
    return (host == "").ifelse(reply, "220 " + host)


def _distinct(column: ir.StringColumn) -> list[str]:
    values: list[str] = column.as_table().distinct().to_pyarrow()[column.get_name()].to_pylist()
    return values


class Hosts:
    """Hosts that replies name, as rows of ``_HOSTS``, each once."""

    def __init__(self, ehlo_name: str | None) -> None:
        self._ehlo_name = ehlo_name
        self._numbers: dict[str, int] = {}
        self._rows: list[tuple[int, str, str, str | None]] = []

    def named(self, column: str, replies: Iterable[str]) -> pa.Table:
        """The replies that name a host, as ``column``, and its name_id."""
        found = ((reply, self._number(reply)) for reply in replies)
        schema = pa.schema([(column, pa.string()), ("name_id", pa.int64())])
        return table_of([row for row in found if row[1] is not None], schema)

    def claims(self) -> pa.Table:
        """name_id, provider_id, name, rented, claim_id in the order of these."""
        rows = table_of(self._rows, _HOSTS).sort_by(
            [("provider_id", "ascending"), ("name", "ascending")]
        )
        return rows.append_column("claim_id", pa.array(range(len(rows)), pa.int64()))

    def _number(self, reply: str) -> int | None:
        host = reply_host(reply, self._ehlo_name)
        domain = host and registered_domain(host)
        if not host or not domain:
            return None
        number = self._numbers.setdefault(host, len(self._rows))
        if number == len(self._rows):
            self._rows.append((number, host, domain, rented_pattern(host, domain)))
        return number
