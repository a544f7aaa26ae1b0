"""Where DMARC reports are to go, and whether those agree who are to have them.

Nobody has to agree within one organisational domain (RFC 7489 section 7.1, RFC 9990 section 4).
"""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.mail_policies import Consent
from stages.inference.policies.readings import ANSWERED, UNASKED, union

_CONSENT = r"^[ \t]*v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)"


def reports(records: ir.Table, consents: ir.Table) -> ir.Table:
    """name, reports, refused: of each name whose record asks for reports.

    ``records`` has name, rua, ruf; ``refused`` is a list of the targets that do not take them.
    """
    asked = union(_asked(records, "rua", failures=False), _asked(records, "ruf", failures=True))
    asked = asked.cache()
    rows = asked.join(_organisations(asked, "domain"), "domain")
    own = _organisations(asked, "name")
    rows = rows.join(own.rename(own="organisation"), "name")
    said = consents.select(
        key="name",
        outcome=consents.txt_query["outcome"].cast("string"),
        given=consents.txt.filter(lambda each: each["text"].re_search(_CONSENT)).length() > 0,
    )
    rows = rows.mutate(key=rows.name + "._report._dmarc." + rows.domain)
    rows = rows.left_join(said, "key").drop("key_right")
    consent = ibis.cases(
        (rows.organisation == rows.own, str(Consent.SAME)),
        (rows.outcome.isnull() | rows.outcome.isin(UNASKED), str(Consent.NOT_ASKED)),
        (rows.outcome.notin(ANSWERED), str(Consent.UNKNOWN)),
        (rows.given, str(Consent.GIVEN)),
        else_=str(Consent.MISSING),
    )
    rows = rows.mutate(consent=consent)
    target = ibis.struct(
        {"uri": rows.uri, "domain": rows.domain, "failures": rows.failures, "consent": rows.consent}
    )
    return rows.group_by("name").agg(
        reports=target.collect(order_by=[rows.failures, rows.place]),
        refused=rows.domain.collect(
            where=rows.consent == str(Consent.MISSING), distinct=True, order_by=rows.domain
        ),
    )


def _asked(records: ir.Table, column: str, *, failures: bool) -> ir.Table:
    """name, uri, domain, place, failures: a row a URI."""
    found = records.filter(records[column].length() > 0)
    rows = found.select("name", item=found[column].unnest(), every=found[column])
    return rows.select(
        "name",
        uri=rows["item"]["uri"],
        domain=rows["item"]["domain"],
        place=rows.every.index(rows["item"]),
        failures=ibis.literal(failures),
    )


def _organisations(rows: ir.Table, column: str) -> ir.Table:
    """The column's distinct names, and the organisational domain of each."""
    names = rows.select(column).distinct().to_pyarrow()[column].to_pylist()
    found = {column: names, "organisation": [registered_domain(name) or name for name in names]}
    schema = pa.schema({column: pa.string(), "organisation": pa.string()})
    return ibis.memtable(pa.table(found, schema=schema))
