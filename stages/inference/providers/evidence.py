"""What the addresses of an exchange say of its provider: by certificate, and by greeting.

Both are views on distinct values: every greeting is read once and every certificate name
looked at once, however many addresses show it; the results are joined back as small tables.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.outcomes import Verdict
from stages.inference.providers.groups import certificate_groups
from stages.inference.providers.hostname import reply_host
from stages.inference.providers.rules import looks_rented

_REPLY_SCHEMA = pa.schema(
    [("reply", pa.string()), ("registered_domain", pa.string()), ("rented", pa.bool_())]
)
_RENTED_SCHEMA = pa.schema([("fqdn", pa.string()), ("registered_domain", pa.string())])


class Certificates(NamedTuple):
    """Trusted certificates that probed addresses show as their own, and what they say."""

    shown: ir.Table
    """address, sha256."""
    names: ir.Table
    """sha256, fqdn."""
    registered_domains: ir.Table
    """sha256, registered_domain: those of the names."""


def trusted_certificates(probes: ir.Table, certificates: ir.Table) -> Certificates:
    """The leafs that ``probes``, rows of smtp, have shown and that chain to a trusted root."""
    leafs = probes.select("address", sha256=probes.chain[0]).drop_null("sha256")
    trusted = certificates.filter(certificates.verdict == Verdict.TRUSTED)
    trusted = trusted.select("sha256", "names", "registered_domains").semi_join(leafs, "sha256")
    trusted = trusted.cache()
    return Certificates(
        leafs.semi_join(trusted, "sha256").cache(),
        trusted.select("sha256", fqdn=trusted.names.unnest()),
        trusted.select("sha256", registered_domain=trusted.registered_domains.unnest()),
    )


def tls_ids(live: ir.Table, certificates: Certificates, by_domain: ir.Table) -> ir.Table:
    """host, tls_id, rented: exchanges all of whose trusted certificates are of one group.

    An address without a trusted certificate has no say, as in IMC'21, where the valid ones
    decide. Groups of the same name count as one: ids are registered domains. ``by_domain`` has
    the popularity of registered domains: registered_domain, domains.
    """
    popularity = by_domain.to_pyarrow()
    names = certificates.names.to_pyarrow()
    counts = dict(
        zip(
            popularity["registered_domain"].to_pylist(),
            popularity["domains"].to_pylist(),
            strict=True,
        )
    )
    groups = ibis.memtable(certificate_groups(names, counts))
    seen = live.join(certificates.shown, "address").join(groups, "sha256")
    ids = seen.group_by("host").agg(tls_id=seen.group.min(), groups=seen.group.nunique())
    ids = ids.filter(ids.groups == 1).select("host", "tls_id")
    return _with_rented(ids, seen, certificates.names, names["fqdn"].unique().to_pylist())


def _with_rented(ids: ir.Table, seen: ir.Table, names: ir.Table, fqdns: Iterable[str]) -> ir.Table:
    """``ids`` and whether a name of the id on those certificates looks like a rented server."""
    registered = ((fqdn, registered_domain(fqdn.removeprefix("*."))) for fqdn in fqdns)
    rented = [(fqdn, name) for fqdn, name in registered if name and looks_rented(fqdn, name)]
    table = ibis.memtable(_table(rented, _RENTED_SCHEMA))
    suspects = names.join(table, "fqdn").select("sha256", "registered_domain").distinct()
    hosts = seen.join(suspects, ["sha256", ("group", "registered_domain")]).select("host")
    hosts = hosts.distinct().mutate(rented=True)
    return ids.left_join(hosts, "host").drop("host_right")


def banner_ids(live: ir.Table, probes: ir.Table, ehlo_name: str | None) -> ir.Table:
    """host, banner_id, rented: exchanges whose greetings all name hosts of one domain.

    Greeting and EHLO reply of every live address count; those that name no host have no say.
    """
    speakers = probes.semi_join(live, "address").select("address", "banner", "ehlo")
    replies = ibis.union(
        speakers.select("address", reply="banner"), speakers.select("address", reply="ehlo")
    )
    replies = replies.drop_null("reply").cache()
    texts = replies.select("reply").distinct().to_pyarrow()["reply"].to_pylist()
    read = ibis.memtable(_table(_read(texts, ehlo_name), _REPLY_SCHEMA))
    said = live.join(replies.join(read, "reply").drop("reply"), "address")
    ids = said.group_by("host").agg(
        banner_id=said.registered_domain.min(),
        registered_domains=said.registered_domain.nunique(),
        rented=said.rented.any(),
    )
    return ids.filter(ids.registered_domains == 1).drop("registered_domains")


def _read(replies: Iterable[str], ehlo_name: str | None) -> list[tuple[str, str, bool]]:
    """The replies that name a host: text, registered domain, whether the host looks rented."""
    rows = []
    for reply in replies:
        host = reply_host(reply, ehlo_name)
        registered = host and registered_domain(host)
        if host and registered:
            rows.append((reply, registered, looks_rented(host, registered)))
    return rows


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_struct_array(pa.array(rows, pa.struct(list(schema))))
