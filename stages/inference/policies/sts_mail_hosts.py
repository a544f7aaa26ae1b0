"""Whether mail hosts that an MTA-STS policy lists show certificates that senders accept.

    sts_mail_hosts(listed, census, port) -> domain, sts_tls, sts_mail_hosts

A certificate must chain to a trusted root, not be over, and be the host's own by a dNSName (RFC
8461 section 4.2). An address is probed once, with the name of one of the hosts that it has; where
another host's certificate is not its own, it might have shown another one if asked by its name:
then nothing is known. Python looks at each distinct pair of certificate and host once.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.host import check
from schemas.mail_policies import NO_TLS, StsTls
from schemas.outcomes import HostCheck, Verdict
from stages.inference.policies.shown import shown

_ACCEPTED = str(HostCheck.MATCHES)
_UNJUDGED = [str(Verdict.NOT_JUDGED), str(Verdict.BUG)]
_OTHERS = [str(each) for each in (HostCheck.OTHER_NAMES, HostCheck.NO_NAMES, HostCheck.UNPARSABLE)]
"""What a server that has several certificates may show to a client that names another host."""
_CHECKS = pa.schema([("sha256", pa.string()), ("host", pa.string()), ("check", pa.string())])
_KEPT = ("host", "tls", "seen", "accepted", "reasons")


def sts_mail_hosts(listed: ir.Table, census: Mapping[str, ir.Table], port: int) -> ir.Table:
    """Of domains whose policy lists mail hosts; ``listed`` has domain and host."""
    hosts = _hosts(listed.select("host").distinct().cache(), census, port)
    rows = listed.join(hosts, "host")
    one = ibis.struct({name: rows[name] for name in _KEPT})
    found = rows.group_by("domain").agg(
        all_good=(rows.tls == str(StsTls.ACCEPTED)).all(),
        some_good=(rows.accepted > 0).any(),
        sts_mail_hosts=one.collect(order_by=rows.host),
    )
    return found.select("domain", "sts_mail_hosts", sts_tls=_word(found.all_good, found.some_good))


def _hosts(names: ir.Table, census: Mapping[str, ir.Table], port: int) -> ir.Table:
    """Columns ``_KEPT`` of hosts of which a certificate, or that they give no TLS, is known."""
    rows = _addresses(names, census, port)
    rows = rows.filter(rows.said.notnull())
    good = rows.said == _ACCEPTED
    found = rows.group_by("host").agg(
        seen=rows.count().cast("int32"),
        accepted=good.sum().cast("int32"),
        reasons=rows.said.collect(where=~good, distinct=True).sort(),
    )
    none = ibis.literal([], "array<string>")
    return found.mutate(
        tls=_word(found.accepted == found.seen, found.accepted > 0),
        reasons=found.reasons.fill_null(none),
    ).cache()


def _word(every: ir.BooleanValue, some: ir.BooleanValue) -> ir.StringValue:
    return ibis.cases(
        (every, str(StsTls.ACCEPTED)), (some, str(StsTls.PARTLY)), else_=str(StsTls.REFUSED)
    )


def _addresses(names: ir.Table, census: Mapping[str, ir.Table], port: int) -> ir.Table:
    """host, said: what speaks against the certificate at an address, null where it is not known."""
    rows = shown(names, census, port)
    rows = rows.filter(rows.answers).mutate(sha256=rows.chain[0]).drop("chain").cache()
    leaves = census["certificates"].semi_join(rows, "sha256").select("sha256", "verdict").cache()
    rows = rows.left_join(leaves, "sha256").drop("sha256_right")
    pairs = rows.filter(rows.verdict.notnull()).select("sha256", "host").distinct()
    checks = _checks(pairs, census)
    rows = rows.left_join(checks, ["sha256", "host"]).drop("sha256_right", "host_right")
    elsewhere = rows.check.isin(_OTHERS) & ~rows.server_name.identical_to(rows.host)
    said = ibis.cases(
        (rows.sha256.isnull(), NO_TLS),
        (rows.verdict.isnull() | rows.verdict.isin(_UNJUDGED) | elsewhere, ibis.null("string")),
        (rows.verdict != str(Verdict.TRUSTED), rows.verdict),
        else_=rows.check,
    )
    return rows.select("host", said=said)


def _checks(pairs: ir.Table, census: Mapping[str, ir.Table]) -> ir.Table:
    """sha256, host, check."""
    found = pairs.to_pyarrow()
    wanted = ibis.memtable(found.select(["sha256"]).group_by("sha256").aggregate([]))
    leaves = census["certificates"].join(wanted, "sha256").select("sha256", "der").to_pyarrow()
    ders = dict(zip(leaves["sha256"].to_pylist(), leaves["der"].to_pylist(), strict=True))
    rows = [
        (sha, host, str(check(ders[sha], host)))
        for sha, host in zip(found["sha256"].to_pylist(), found["host"].to_pylist(), strict=True)
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(_CHECKS)
    return ibis.memtable(pa.table([pa.array(each, pa.string()) for each in columns], _CHECKS))
