"""MTA-STS policies as they were fetched: which stand, and which mail hosts they list, and how safe.

A policy stands if it was fetched from a host whose certificate is trusted and the host's own
(RFC 8461 section 3.3), and if no error in it makes it void. Each distinct file is read once.
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.mail_policies import StsMatch, StsState
from schemas.outcomes import FetchOutcome, HostCheck, Verdict
from schemas.policy_class import PolicyClass, PolicyKind
from stages.inference.policies.findings import of_faults
from stages.inference.policies.readings import FAULTS, Row, fault_rows, read
from stages.inference.policies.sts_mail_hosts import sts_mail_hosts
from stages.policy.transport import sts_policy

_READ = {
    "mode": pa.string(),
    "max_age": pa.int32(),
    "mx": pa.list_(pa.string()),
    "void": pa.bool_(),
    "faults": FAULTS,
}
_UNCONTACTED = [str(FetchOutcome.NOT_FETCHED), str(FetchOutcome.RESERVED), str(FetchOutcome.BUG)]
COLUMNS = (
    "sts_policy", "sts_mode", "sts_max_age", "sts_mx", "sts_match", "sts_unlisted", "sts_tls",
    "sts_mail_hosts",
)  # fmt: skip


def _parse(files: Sequence[bytes]) -> Row:
    (file,) = files
    found = sts_policy(file)
    return {
        "mode": found.mode and str(found.mode),
        "max_age": found.max_age,
        "mx": list(found.mx),
        "void": any(fault.fatal for fault in found.faults),
        "faults": fault_rows(found.faults),
    }


def sts(census: Mapping[str, ir.Table], port: int) -> tuple[ir.Table, list[ir.Table]]:
    """Domain and ``COLUMNS``; and what is wrong, as `findings` takes it.

    ``census`` has sts_policies, domains, hosts, smtp and certificates; ``port`` is that of the
    probes.
    """
    fetched = census["sts_policies"]
    rows = _states(_files(fetched)).cache()
    met = _met(rows, census["domains"]).cache()
    listed = met.filter(met.covered).select("domain", host="mail_host")
    for part in (_matches(met).cache(), sts_mail_hosts(listed, census, port).cache()):
        rows = rows.left_join(part, "domain").drop("domain_right")
    rows = rows.cache()
    return rows.select("domain", *COLUMNS), _findings(rows, fetched)


def _files(fetched: ir.Table) -> ir.Table:
    """domain, outcome, proven, and what is in the file of those that have one."""
    whole = fetched.outcome == str(FetchOutcome.OK)
    file = ibis.struct({"text": fetched.file, "raw": fetched.file_raw})
    rows = fetched.select(
        "domain",
        "host",
        "outcome",
        proven=(
            (fetched.verdict == str(Verdict.TRUSTED))
            & (fetched.host_check == str(HostCheck.MATCHES))
        ).fill_null(False),  # noqa: FBT003
        texts=whole.ifelse(ibis.array([file]), ibis.literal([], ibis.array([file]).type())),
    ).cache()
    known = read(rows, _parse, _READ).select("domain", *_READ)
    return rows.left_join(known, "domain").drop("domain_right")


def _states(rows: ir.Table) -> ir.Table:
    state = ibis.cases(
        (rows.outcome.isin(_UNCONTACTED), str(StsState.NOT_FETCHED)),
        (rows.void.isnull(), str(StsState.UNAVAILABLE)),
        (~rows.proven, str(StsState.UNPROVEN)),
        (rows.void, str(StsState.VOID)),
        else_=str(StsState.VALID),
    )
    return rows.mutate(sts_policy=state).rename(sts_mode="mode", sts_max_age="max_age", sts_mx="mx")


def _met(rows: ir.Table, seeds: ir.Table) -> ir.Table:
    """domain, mail_host, covered: of files with patterns and domains with mail hosts.

    A wildcard stands for the first label (RFC 8461 section 4.1).
    """
    some = rows.filter(rows.sts_mx.length() > 0).select("domain", "sts_mx")
    hosts = seeds.select("domain", mail_host=seeds.mail_hosts.unnest())
    met = hosts.join(some, "domain")
    wildcard = "*" + met.mail_host.substr(met.mail_host.find("."))
    covered = met.sts_mx.contains(met.mail_host) | (
        met.mail_host.contains(".") & met.sts_mx.contains(wildcard)
    )
    return met.select("domain", "mail_host", covered=covered)


def _matches(met: ir.Table) -> ir.Table:
    """domain, sts_match, sts_unlisted."""
    found = met.group_by("domain").agg(
        covered=met.covered.sum(),
        hosts=met.count(),
        unlisted=met.mail_host.collect(where=~met.covered, order_by=met.mail_host),
    )
    verdict = ibis.cases(
        (found.covered == found.hosts, str(StsMatch.MATCHED)),
        (found.covered > 0, str(StsMatch.PARTLY)),
        else_=str(StsMatch.MISMATCHED),
    )
    none = ibis.literal([], found.unlisted.type())
    return found.select("domain", sts_match=verdict, sts_unlisted=found.unlisted.fill_null(none))


def _findings(rows: ir.Table, fetched: ir.Table) -> list[ir.Table]:
    """Faults of the files; hosts without file or proof; mail hosts not listed, or refused."""
    rows = rows.mutate(policy=ibis.literal(str(PolicyKind.MTA_STS)), name=rows.host)
    told = fetched.select("domain", term=fetched.outcome, detail=fetched.verdict_reason)
    told = rows.join(told, "domain")
    missing = told.filter(told.sts_policy == str(StsState.UNAVAILABLE))
    unproven = told.filter(told.sts_policy == str(StsState.UNPROVEN))
    unlisted = rows.select("domain", "policy", "name", term=rows.sts_unlisted.unnest())
    hosts = rows.select("domain", "policy", "name", mail_host=rows.sts_mail_hosts.unnest())
    refused = hosts.select(
        "domain", "policy", "name", mail_host=hosts.mail_host["host"],
        reason=hosts.mail_host["reasons"].unnest(),
    )  # fmt: skip
    refused = refused.mutate(term=refused.mail_host + ": " + refused.reason)
    return [
        of_faults(rows.filter(rows.faults.notnull())),
        _finding(missing, PolicyClass.NO_POLICY_FILE),
        _finding(unproven.mutate(term=unproven.detail), PolicyClass.UNPROVEN_HOST),
        _finding(unlisted, PolicyClass.UNLISTED_HOST),
        _finding(refused, PolicyClass.REFUSED_CERTIFICATE),
    ]


def _finding(rows: ir.Table, finding: PolicyClass) -> ir.Table:
    return rows.select(
        "domain",
        "policy",
        "name",
        finding=ibis.literal(str(finding)),
        term=rows.term.fill_null(""),
    )
