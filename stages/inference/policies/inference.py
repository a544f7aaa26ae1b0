"""mail_policies: every seed and what its policies come to, from the tables of a crawl alone.

Relational steps are Ibis expressions; records are parsed once for each distinct set of them.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from schemas.mail_policies import MAIL_POLICIES, Disposition, DmarcPlace, PolicyState
from schemas.policy_class import PolicyClass, PolicyKind
from stages.inference.policies import dane, dmarc
from stages.inference.policies.dkim import dkim
from stages.inference.policies.findings import listed, of_faults
from stages.inference.policies.readings import union
from stages.inference.policies.reports import reports
from stages.inference.policies.services import SERVICES, service
from stages.inference.policies.sts import sts
from stages.inference.providers.companies import CompanyMap

_ENFORCED = [str(Disposition.QUARANTINE), str(Disposition.REJECT)]
_KEY = ("selector", "state", "key_type", "bits", "operator_id", "operator_company")
_WHOLE = 100  # per cent


def mail_policies(census: Mapping[str, ir.Table], companies: CompanyMap, port: int) -> ir.Table:
    """The columns of the table; ``port`` is that of the probes.

    ``census`` has domains, dmarc, dmarc_consents, policies, sts_policies, tlsa, hosts, smtp and
    certificates.
    """
    seeds = census["domains"]
    rows, faults = _dmarc(seeds, census)
    others, more = _others(census["policies"], companies, rows)
    policies, wrong = sts(census, port)
    hosts = dane.hosts(census, port)
    ours = dane.domains(seeds, hosts)
    of_hosts = seeds.select("domain", host=seeds.mail_hosts.unnest()).join(
        hosts.select("host", "policy", "name", "faults"), "host"
    )
    found = listed([*faults, *more, *wrong, of_faults(of_hosts)])
    for part in (*others, policies, ours, found):
        rows = rows.left_join(part, "domain").drop("domain_right")
    rows = rows.mutate(
        mta_sts_id=rows.mta_sts_values[0],
        tls_rpt_uris=rows.tls_rpt.notnull().ifelse(
            rows.tls_rpt_values.fill_null(_none("string")), ibis.null("array<string>")
        ),
        bimi_logo=rows.bimi_values[0],
        bimi_evidence=rows.bimi_values[1],
        **{
            name: rows[name].fill_null(ibis.literal([], rows[name].type()))
            for name in ("findings", "reports", "dane_hosts")
        },
    )
    return rows.select(*MAIL_POLICIES.schema.names)


def _none(kind: str) -> ir.ArrayValue:
    return ibis.literal([], f"array<{kind}>")


def _dmarc(seeds: ir.Table, census: Mapping[str, ir.Table]) -> tuple[ir.Table, list[ir.Table]]:
    """The columns of DMARC, and what is wrong with it."""
    answers = dmarc.answers(seeds, census["dmarc"]).cache()
    records = dmarc.records(answers).cache()
    met = dmarc.met(answers, records).cache()
    listed_, walked = dmarc.by_suffix_list(seeds, met), dmarc.by_walk(seeds, met)
    sent = reports(records, census["dmarc_consents"])
    rows = listed_
    for part in (records, sent):
        rows = rows.left_join(part.rename(target="name"), "target").drop("target_right")
    own = rows.place == str(DmarcPlace.OWN)
    rows = rows.select(
        "domain",
        "reports",
        "refused",
        "percent",
        "testing",
        "strict_dkim",
        "strict_spf",
        dmarc="state",
        dmarc_place="place",
        dmarc_domain="target",
        dmarc_record="record",
        policy=own.ifelse(rows.p, rows.sp),
        subdomain_policy="sp",
        nonexistent_policy="np",
    )
    after = walked.left_join(records.select("p", "sp", target="name"), "target")
    after = after.select(
        "domain",
        state="state",
        dmarc_place_by_walk="place",
        dmarc_domain_by_walk="target",
        policy_by_walk=(after.place == str(DmarcPlace.OWN)).ifelse(after.p, after.sp),
        organisation="organisation",
        met=ibis.literal(True),  # noqa: FBT003
    )
    rows = rows.left_join(after, "domain").drop("domain_right")
    rows = rows.mutate(
        dmarc_by_walk=rows.state.coalesce(str(PolicyState.ABSENT)),
        organisation_by_walk=rows.met.isnull().ifelse(rows.domain, rows.organisation),
    ).cache()
    return rows, _mistakes(rows, seeds, records)


def _mistakes(rows: ir.Table, seeds: ir.Table, records: ir.Table) -> list[ir.Table]:
    """Of a domain's own name and of the name whose record applies to it."""
    own = seeds.select("domain", name="domain")
    applied = rows.select("domain", name="dmarc_domain").drop_null()
    names = union(own, applied, distinct=True).join(records.select("name", "faults"), "name")
    kind = ibis.literal(str(PolicyKind.DMARC))
    names = names.mutate(policy=kind, name="_dmarc." + names.name)
    refused = rows.filter(rows.refused.length() > 0)
    refused = refused.select("domain", "dmarc_domain", term=refused.refused.unnest())
    settled = (rows.dmarc != str(PolicyState.UNKNOWN)) & (
        rows.dmarc_by_walk != str(PolicyState.UNKNOWN)
    )
    differ = rows.filter(settled & ~rows.policy.identical_to(rows.policy_by_walk))
    return [
        of_faults(names),
        refused.mutate(
            policy=kind,
            finding=ibis.literal(str(PolicyClass.UNAUTHORISED_REPORTS)),
            name="_dmarc." + refused.dmarc_domain,
        ),
        differ.select(
            "domain",
            policy=kind,
            finding=ibis.literal(str(PolicyClass.WALK_DIFFERS)),
            name="_dmarc." + differ.dmarc_domain_by_walk.coalesce(differ.domain),
            term=differ.policy_by_walk.fill_null(""),
        ),
    ]


def _others(
    policies: ir.Table, companies: CompanyMap, rows: ir.Table
) -> tuple[list[ir.Table], list[ir.Table]]:
    """The columns that plan policy brings, a table a policy, and what is wrong with them."""
    keys = dkim(policies, companies).cache()
    one = ibis.struct({name: keys[name] for name in _KEY})
    listed_ = keys.group_by("domain").agg(dkim=one.collect(order_by=keys.selector))
    asked = policies.select("domain").left_join(listed_, "domain").drop("domain_right")
    asked = asked.mutate(dkim=asked.dkim.fill_null(ibis.literal([], asked.dkim.type())))
    services = {each.kind: service(policies, each).cache() for each in SERVICES}
    tables = [
        found.select("domain", **{str(kind): "state", f"{kind}_values": "values"})
        for kind, found in services.items()
    ]
    faults = [of_faults(found) for found in (keys, *services.values())]
    return [asked, *tables], [*faults, _unenforced(services[PolicyKind.BIMI], rows)]


def _unenforced(bimi: ir.Table, rows: ir.Table) -> ir.Table:
    """Logos that nobody shows, because DMARC is not enforced."""
    weak = rows.filter(
        ~(rows.policy.isin(_ENFORCED) & (rows.percent == _WHOLE)).fill_null(False)  # noqa: FBT003
    )
    valid = bimi.filter(bimi.state == str(PolicyState.VALID)).semi_join(weak, "domain")
    return valid.select(
        "domain",
        "policy",
        "name",
        finding=ibis.literal(str(PolicyClass.UNENFORCED)),
        term=ibis.literal(""),
    )
