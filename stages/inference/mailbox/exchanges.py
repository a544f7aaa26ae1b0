"""Exchanges beside the gateway's: those of who keeps the mailboxes, of lower preference mostly.

Whose an exchange is, its server says if it was probed (trusted certificate, banner, EHLO), and
its name otherwise. The gateway's own are a gateway's, so they lead to no keeper.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.mailbox_evidence import Signal
from schemas.outcomes import Verdict
from stages.inference.mailbox.keepers import Reading, below, named, of_self, reading
from stages.inference.providers.hostname import reply_host
from stages.inference.providers.method import Method

_READ = pa.schema([("reply", pa.string()), ("value", pa.string())])


def of_exchanges(
    domains: ir.Table, census: Mapping[str, ir.Table], method: Method
) -> list[ir.Table]:
    """``domains`` as in the crawl, those behind gateways alone."""
    look = method.companies.of
    listed = domains.select("domain", "registered_domain", host=domains.mail_hosts.unnest())
    hosts = census["hosts"]
    hosts = hosts.select("host", name="registered_domain", addresses=hosts.a.concat(hosts.aaaa))
    listed = listed.join(hosts, "host").cache()
    by_name = listed.mutate(value="name")
    reached = listed.filter(listed.name == listed.registered_domain)
    reached = reached.select(
        "domain", "registered_domain", "host", address=reached.addresses.unnest()
    )
    said = _said(reached, census, method).cache()
    by_server = named(said, reading(look, Signal.LOWER_MX))
    explained = said.filter(said.value.isin(by_server.value)).select("host")
    own = by_name.filter(below(by_name.host, by_name.registered_domain)).anti_join(
        explained, "host"
    )
    by_name = named(by_name, Reading(look, Signal.LOWER_MX, Signal.LOWER_MX, Signal.LOWER_MX))
    return [by_name, by_server, of_self(own.select("domain", value="host"), Signal.OWN_MX)]


def _said(reached: ir.Table, census: Mapping[str, ir.Table], method: Method) -> ir.Table:
    """domain, registered_domain, host, value: registered domains that servers stand by.

    ``reached`` has domain, registered_domain, host, address.
    """
    probes = census["smtp"].filter(census["smtp"].port == method.port)
    probes = probes.select("address", "banner", "ehlo", sha256=probes.chain[0])
    probes = probes.join(reached, "address").cache()
    trusted = census["certificates"].filter(census["certificates"].verdict == Verdict.TRUSTED)
    shown = trusted.select("sha256", value=trusted.registered_domains.unnest())
    keys = ("domain", "registered_domain", "host")
    replies = probes.select(*keys, reply="banner").union(probes.select(*keys, reply="ehlo"))
    texts = replies.select("reply").distinct().drop_null().to_pyarrow()["reply"].to_pylist()
    read = [
        {"reply": text, "value": registered_domain(host)}
        for text in texts
        if (host := reply_host(text, method.ehlo_name))
    ]
    spoken = replies.join(ibis.memtable(pa.Table.from_pylist(read, schema=_READ)), "reply")
    return spoken.select(*keys, "value").union(probes.join(shown, "sha256").select(*keys, "value"))
