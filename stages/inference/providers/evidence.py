"""What the addresses of an exchange say of its provider: by certificate, and by greeting.

What an address says is a *claim*: a name, and the provider id that it speaks for. Every
certificate name is looked at once, and every greeting read once (``greetings``), however many
addresses show it; the claims are joined back by number, and their text is only looked up where
a row is written (``rows``). All of them are kept as evidence, those that contradict each other
and give no id too.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.outcomes import Verdict
from stages.inference.providers.groups import certificate_groups
from stages.inference.providers.rented import rented_patterns

_RENTED = pa.schema([("fqdn", pa.string()), ("provider_id", pa.string()), ("rented", pa.string())])
_CLAIMS = ibis.schema(
    {"claim_id": "int64", "provider_id": "string", "name": "string", "rented": "string"}
)
_IDS = ibis.schema({"host_id": "int64", "id": "string", "rented": "boolean"})
_PIECES = ibis.schema(
    {"host_id": "int64", "claim_id": "int64", "certificate_id": "int64", "addresses": "int32"}
)


class Claims(NamedTuple):
    """What a source says of addresses."""

    claims: ir.Table
    """claim_id, provider_id, name, rented (pattern of a name or null); numbered from 0 in the
    order of the other three, null last."""
    made: ir.Table
    """address_id, claim_id, certificate_id (or null): which address makes which, once."""


class Said(NamedTuple):
    """What a source says of hosts, those of which it says something."""

    claims: ir.Table
    """As of ``Claims``."""
    pieces: ir.Table
    """host_id, claim_id, certificate_id (the first), addresses (how many): the claims."""
    ids: ir.Table
    """host_id, rented, id: null where the claims are at odds."""


class Certificates(NamedTuple):
    """Trusted certificates that probed addresses show as their own, and what they say."""

    shown: ir.Table
    """address_id, certificate_id."""
    sha256: ir.Table
    """certificate_id, sha256: numbered from 0 in the order of these."""
    names: ir.Table
    """certificate_id, fqdn, registered_domain: null if the certificate has several."""
    registered_domains: ir.Table
    """certificate_id, registered_domain: those of the names."""


def trusted_certificates(
    probes: ir.Table, addresses: ir.Table, certificates: ir.Table
) -> Certificates:
    """The leafs that ``probes``, rows of smtp, have shown and that chain to a trusted root.

    ``addresses`` gives the probed ones their numbers.
    """
    leafs = probes.select("address", sha256=probes.chain[0]).drop_null("sha256")
    trusted = certificates.filter(
        (certificates.verdict == Verdict.TRUSTED) & certificates.sha256.isin(leafs.sha256)
    )
    trusted = trusted.select("sha256", "names", "registered_domains")
    number = ibis.row_number().over(order_by="sha256")
    trusted = trusted.mutate(certificate_id=number).cache()
    shown = leafs.join(trusted, "sha256").join(addresses, "address")
    return Certificates(
        shown.select("address_id", "certificate_id").cache(),
        trusted.select("certificate_id", "sha256"),
        trusted.select(
            "certificate_id",
            fqdn=trusted.names.unnest(),
            registered_domain=(trusted.registered_domains.length() == 1).ifelse(
                trusted.registered_domains[0], ibis.null(str)
            ),
        ),
        trusted.select("certificate_id", registered_domain=trusted.registered_domains.unnest()),
    )


def certificate_claims(certificates: Certificates, by_domain: ir.Table) -> Claims:
    """Each trusted certificate speaks for its group, by its first name.

    ``by_domain`` has the popularity of registered domains: registered_domain, domains.
    """
    names = certificates.names
    registered = _registered(names)
    groups = certificate_groups(
        names.select("certificate_id", "fqdn").to_pyarrow(), registered, by_domain.to_pyarrow()
    )
    rented = ibis.memtable(table_of(_rented(registered), _RENTED))
    suspects = names.select("certificate_id", "fqdn").join(rented, "fqdn")
    suspects = suspects.group_by("certificate_id", "provider_id").agg(rented=suspects.rented.min())
    first = names.group_by("certificate_id").agg(name=names.fqdn.min())
    leafs = ibis.memtable(groups).rename(provider_id="group").join(first, "certificate_id")
    leafs = leafs.left_join(suspects, ["certificate_id", "provider_id"])
    claim = ("provider_id", "name", "rented")
    number = ibis.dense_rank().over(order_by=claim)
    leafs = leafs.select("certificate_id", *claim, claim_id=number).cache()
    made = certificates.shown.join(leafs.select("certificate_id", "claim_id"), "certificate_id")
    return Claims(leafs.select("claim_id", *claim).distinct().cache(), made)


def _registered(names: ir.Table) -> dict[str, str]:
    """The registered domain of each name; the name itself should the suffix list have it by now."""
    known = names.group_by("fqdn").agg(registered_domain=names.registered_domain.min()).to_pyarrow()
    pairs = zip(known["fqdn"].to_pylist(), known["registered_domain"].to_pylist(), strict=True)
    return {
        fqdn: name or registered_domain(fqdn.removeprefix("*.")) or fqdn for fqdn, name in pairs
    }


def _rented(registered: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Names that look like rented servers, their registered domains, and the pattern."""
    patterns = rented_patterns([*registered], [*registered.values()])
    rows = zip(registered.items(), patterns, strict=True)
    return [(*names, pattern) for names, pattern in rows if pattern]


def of_hosts(live: ir.Table, found: Claims) -> Said:
    """What a source says of exchanges, from what it says of addresses.

    The id is what all claims speak for. An address without a claim has no say, as in IMC'21,
    where the valid certificates and names decide. Claims for groups of the same name are claims
    for the same: ids are registered domains.
    """
    made = live.join(found.made, "address_id")
    pieces = made.group_by("host_id", "claim_id").agg(
        addresses=made.count(), certificate_id=made.certificate_id.min()
    )
    pieces = pieces.select(*_PIECES).cast(_PIECES).cache()
    made = pieces.join(found.claims, "claim_id")
    hosts = made.group_by("host_id").agg(
        least=made.provider_id.min(),
        most=made.provider_id.max(),
        rented=made.rented.notnull().any(),
    )
    agreed = (hosts.least == hosts.most).ifelse(hosts.least, ibis.null(str))
    return Said(found.claims, pieces, hosts.select("host_id", "rented", id=agreed).cache())


def nothing_said() -> Said:
    """What a source says that is left out."""
    schemas = (_CLAIMS, _PIECES, _IDS)
    return Said(*(ibis.memtable(schema.to_pyarrow().empty_table()) for schema in schemas))


def table_of(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table."""
    return pa.Table.from_struct_array(pa.array(rows, pa.struct(list(schema))))
