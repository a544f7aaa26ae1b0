"""DANE of mail hosts and of the domains that they serve (RFC 7672).

    hosts(census, port)    host, dane, records, usable, seen, matched, secure, faults
    domains(…)             domain, dane, dane_secure, dane_hosts

Python holds each host's TLSA records against the chains that its addresses showed, once for each
distinct chain; only hosts that have records come to that.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mail_policies import Dane
from schemas.policy_class import PolicyClass, PolicyKind
from schemas.tlsa import TlsaRecord
from stages.inference.policies.readings import ANSWERED, FAULTS, UNASKED, fault_rows
from stages.inference.policies.shown import shown
from stages.policy.dane import faults, matches, usable
from stages.policy.fault import Fault

_MADE = pa.schema(
    [
        ("host", pa.string()),
        ("dane", pa.string()),
        ("usable", pa.int32()),
        ("seen", pa.int32()),
        ("matched", pa.int32()),
        ("faults", FAULTS),
    ]
)
_COUNTED = ("records", "usable", "seen", "matched")
_MOST_FAULTS = 20  # of one host


def hosts(census: Mapping[str, ir.Table], port: int) -> ir.Table:
    """Every host that was asked for TLSA; ``port`` is that of the probes."""
    tlsa = census["tlsa"]
    some = tlsa.filter(tlsa.records.length() > 0).cache()
    made = _judged(some, census, port)
    outcome = tlsa.tlsa_query["outcome"].cast("string")
    asked = tlsa.filter(outcome.notin(UNASKED))
    rows = asked.left_join(made, "host").drop("host_right")
    rows = rows.left_join(_secured(census["hosts"]), "host").drop("host_right")
    outcome = rows.tlsa_query["outcome"].cast("string")
    fallback = outcome.isin(ANSWERED).ifelse(str(Dane.ABSENT), str(Dane.UNKNOWN))
    return rows.select(
        "host",
        "faults",
        dane=rows.dane.coalesce(fallback),
        records=rows.records.length().cast("int32"),
        usable=rows.usable.fill_null(0),
        seen=rows.seen.fill_null(0),
        matched=rows.matched.fill_null(0),
        secure=rows.tlsa_query["secure"] & rows.addresses_secure,
        policy=ibis.literal(str(PolicyKind.DANE)),
        name=ibis.literal("_25._tcp.") + rows.host,
    ).cache()


def _secured(hosts: ir.Table) -> ir.Table:
    """host, addresses_secure: whether those questions that brought addresses were validated."""
    a = (hosts.a.length() == 0) | hosts.a_query["secure"]
    aaaa = (hosts.aaaa.length() == 0) | hosts.aaaa_query["secure"]
    return hosts.select("host", addresses_secure=a & aaaa)


def _judged(some: ir.Table, census: Mapping[str, ir.Table], port: int) -> ir.Table:
    """What was seen of hosts with records, as ``_MADE``."""
    probes = shown(some, census, port).select("host", "chain", "probed", "answers").to_pyarrow()
    seen = sorted({sha for chain in probes["chain"].to_pylist() for sha in chain or ()})
    wanted = ibis.memtable(pa.table({"sha256": pa.array(seen, pa.string())}))
    shas = census["certificates"].join(wanted, "sha256").select("sha256", "der").to_pyarrow()
    ders = dict(zip(shas["sha256"].to_pylist(), shas["der"].to_pylist(), strict=True))
    by_host: dict[str, list[dict[str, Any]]] = {}
    for each in probes.to_pylist():
        by_host.setdefault(each["host"], []).append(each)
    rows = [
        _judge(host, [TlsaRecord(**record) for record in records], by_host.get(host, ()), ders)
        for host, records in _records(some)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=_MADE))


def _records(some: ir.Table) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    table = some.select("host", "records").to_pyarrow()
    return zip(table["host"].to_pylist(), table["records"].to_pylist(), strict=True)


def _judge(
    host: str,
    records: list[TlsaRecord],
    probes: Iterable[Mapping[str, Any]],
    ders: Mapping[str, bytes],
) -> dict[str, object]:
    """One host: its records against each chain that it showed."""
    found = [fault for record in records for fault in faults(record)]
    good = [record for record in records if usable(record)]
    answered = [each for each in probes if each["answers"]]
    chains = [each for each in answered if each["chain"]]
    fits = {
        chain: matches(good, [ders[sha] for sha in chain if sha in ders], host, _micros(probed))
        for chain, probed in {tuple(each["chain"]): each["probed"] for each in chains}.items()
    }
    matched = sum(fits[tuple(each["chain"])] for each in chains)
    if good:
        found += [
            Fault(PolicyClass.NO_MATCH, f"certificate {chain[0]}")
            for chain, fit in fits.items()
            if not fit
        ]
        if len(chains) < len(answered):
            found.append(Fault(PolicyClass.NO_TLS))
    return {
        "host": host,
        "dane": _verdict(len(good), len(answered), len(chains), matched),
        "usable": len(good),
        "seen": len(chains),
        "matched": matched,
        "faults": fault_rows(found[:_MOST_FAULTS]),
    }


def _verdict(good: int, answered: int, seen: int, matched: int) -> Dane:
    if not good:
        return Dane.UNUSABLE
    if not seen:
        return Dane.NO_TLS if answered else Dane.UNSEEN
    if matched == answered:
        return Dane.MATCHED
    return Dane.PARTLY if matched else Dane.MISMATCHED


def _micros(moment: datetime) -> int:
    """A timestamp of Arrow as microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def domains(domains: ir.Table, hosts: ir.Table) -> ir.Table:
    """Domains of which a mail host was asked: what their hosts come to together."""
    rows = domains.select(
        "domain", mx_secure=domains.mx_query["secure"], host=domains.mail_hosts.unnest()
    )
    rows = rows.join(hosts, "host")
    with_records = rows.records > 0
    counts = {str(word): (rows.dane == str(word)).sum() for word in Dane}
    one = ibis.struct(
        {
            "host": rows.host,
            "dane": rows.dane,
            **{name: rows[name] for name in _COUNTED},
            "secure": rows.secure,
        }
    )
    found = rows.group_by("domain").agg(
        hosts=rows.count(),
        unsure=(with_records & (rows.secure & rows.mx_secure).isnull()).any(),
        insecure=(with_records & ~(rows.secure & rows.mx_secure)).any(),
        dane_hosts=one.collect(where=with_records, order_by=rows.host),
        **counts,
    )
    some = found.dane_hosts.length() > 0
    return found.select(
        "domain",
        dane=_together(found),
        dane_secure=ibis.cases(
            (~some.fill_null(False), ibis.null("boolean")),  # noqa: FBT003
            (found.insecure.fill_null(False), False),  # noqa: FBT003
            (found.unsure, ibis.null("boolean")),
            else_=True,
        ),
        dane_hosts="dane_hosts",
    )


def _together(found: ir.Table) -> ir.StringValue:
    """One word for all hosts; a host without records makes the others count only partly."""
    good = found[str(Dane.MATCHED)]
    some = good + found[str(Dane.PARTLY)]
    return ibis.cases(
        (good == found.hosts, str(Dane.MATCHED)),
        (some > 0, str(Dane.PARTLY)),
        *(
            (found[str(word)] > 0, str(word))
            for word in (Dane.MISMATCHED, Dane.NO_TLS, Dane.UNSEEN, Dane.UNUSABLE, Dane.UNKNOWN)
        ),
        else_=str(Dane.ABSENT),
    )
