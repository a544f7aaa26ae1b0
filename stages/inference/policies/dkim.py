"""DKIM selectors that lead to keys: of which kind, and who holds them.

What a wildcard gives every selector is no key: it stands at _domainkey too. An alias for a name
without a key is kept, for somebody set it up.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.mail_policies import KeyState
from schemas.policy_class import PolicyClass, PolicyKind
from stages.inference.policies.readings import (
    ANSWERED,
    FAULTS,
    UNASKED,
    Row,
    fault_rows,
    read,
    union,
)
from stages.inference.providers.companies import CompanyMap
from stages.policy.dkim import is_key, parse
from stages.policy.fault import Fault

COLUMNS = {
    "state": pa.string(),
    "key_type": pa.string(),
    "bits": pa.int32(),
    "faults": FAULTS,
}
_OWNERS = pa.schema(dict.fromkeys(("target", "operator_id", "company"), pa.string()))
_SIGNERS = pa.schema(dict.fromkeys(("selector", "signer"), pa.string()))


def dkim(policies: ir.Table, companies: CompanyMap) -> ir.Table:
    """domain, policy, name, selector, state, key_type, bits, operator_id, operator_company, faults.

    A row a selector that leads to a key or failed; ``policies`` is the crawl's table.
    """
    every = policies.select("domain", "domainkey_chain", "domainkey", key=policies.dkim.unnest())
    rows = every.select(
        "domain",
        "domainkey_chain",
        "domainkey",
        selector=every.key["selector"],
        chain=every.key["cname_chain"],
        texts=every.key["txt"],
        outcome=every.key["query"]["outcome"].cast("string"),
    )
    wild = ibis.or_(
        (rows.chain.length() > 0) & (rows.chain == rows.domainkey_chain),
        (rows.texts.length() > 0) & (rows.texts == rows.domainkey),
    )
    failed = rows.outcome.notin([*ANSWERED, *UNASKED])
    rows = rows.filter(~wild & (failed | (rows.texts.length() > 0) | (rows.chain.length() > 0)))
    rows = rows.mutate(target=rows.chain[-1]).drop("domainkey_chain", "domainkey").cache()
    known = read(rows, _parse, COLUMNS)
    known = known.filter(known.state.notnull()).select("domain", "selector", "target", *COLUMNS)
    found = union(known, _without_text(rows))
    found = found.left_join(_owners(found, companies), "target").drop("target_right")
    found = found.left_join(_signers(found, companies), "selector").drop("selector_right")
    direct = (found.target.isnull() & found.bits.notnull()).ifelse(found.signer, ibis.null(str))
    return found.mutate(
        policy=ibis.literal(str(PolicyKind.DKIM)),
        name=found.selector + "._domainkey." + found.domain,
        operator_company=found.company.coalesce(direct),
    )


def _parse(texts: Sequence[bytes]) -> Row:
    """The key among the records of a selector; no state where none of them is meant as one."""
    keys = [text for text in texts if is_key(text)]
    if not keys:
        return {"state": None}
    if len(keys) > 1:  # undefined (RFC 6376 section 3.6.2.2)
        several = fault_rows((Fault(PolicyClass.MULTIPLE_RECORDS),))
        return {"state": KeyState.BAD, "faults": several}
    key = parse(keys[0])
    return {
        "state": _state(key.revoked, key.usable, key.testing),
        "key_type": key.key_type,
        "bits": key.bits,
        "faults": fault_rows(key.faults),
    }


def _state(revoked: bool, usable: bool, testing: bool) -> KeyState:  # noqa: FBT001
    if revoked:
        return KeyState.REVOKED
    if not usable:
        return KeyState.BAD
    return KeyState.TESTING if testing else KeyState.USABLE


def _without_text(rows: ir.Table) -> ir.Table:
    """Selectors that failed, and aliases that lead to nothing."""
    bare = rows.filter(rows.texts.length() == 0)
    answered = bare.outcome.isin(ANSWERED)
    fault = ibis.struct(
        {"finding": ibis.literal(str(PolicyClass.DANGLING_KEY)), "term": bare.target}
    )
    none = ibis.literal([], "array<struct<finding: string, term: string>>")
    return bare.select(
        "domain",
        "selector",
        "target",
        state=answered.ifelse(str(KeyState.DANGLING), str(KeyState.UNKNOWN)),
        key_type=ibis.null(str),
        bits=ibis.null("int32"),
        faults=answered.ifelse(ibis.array([fault]), none),
    )


def _owners(found: ir.Table, companies: CompanyMap) -> ir.Table:
    """alias, operator_id, company: who holds the names that selectors are aliases for."""
    aliases = found.select("target").distinct().drop_null().to_pyarrow()["target"].to_pylist()
    made = [
        {
            "target": alias,
            "operator_id": registered_domain(alias),
            "company": company.name if (company := companies.of_dkim(alias)) else None,
        }
        for alias in aliases
    ]
    return ibis.memtable(pa.Table.from_pylist(made, schema=_OWNERS))


def _signers(found: ir.Table, companies: CompanyMap) -> ir.Table:
    """selector, signer: companies that have their customers publish a key at a selector."""
    selectors = found.select("selector").distinct().to_pyarrow()["selector"].to_pylist()
    made = [
        {"selector": each, "signer": company.name}
        for each in selectors
        if (company := companies.of_selector(each))
    ]
    return ibis.memtable(pa.Table.from_pylist(made, schema=_SIGNERS))
