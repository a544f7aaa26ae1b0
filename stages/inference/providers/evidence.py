"""What the addresses of an exchange say of its provider: by certificate, and by greeting.

What an address says is a *claim*: a name, and the provider id that it speaks for. Every
greeting is read once and every certificate name looked at once, however many addresses show it;
the claims are joined back by number. All of them are kept as evidence, those that contradict
each other and give no id too.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from certs.registered import registered_domain
from schemas.mx_providers import Source
from schemas.outcomes import Verdict
from stages.inference.providers.groups import certificate_groups
from stages.inference.providers.hostname import reply_host
from stages.inference.providers.rented import rented_pattern

_HOSTS = pa.schema(
    [
        ("claim_id", pa.int64()),
        ("name", pa.string()),
        ("provider_id", pa.string()),
        ("rented", pa.string()),
    ]
)
_RENTED = pa.schema([("fqdn", pa.string()), ("provider_id", pa.string()), ("rented", pa.string())])
_IDS = ibis.schema(
    {
        "host_id": "int64",
        "id": "string",
        "rented": "boolean",
        "evidence": "array<struct<source: string, provider_id: string, name: string, "
        "rented: string, certificate: string, addresses: int32>>",
    }
)
"""What a source says of the hosts it knows: id is null where its claims are at odds."""


class Claims(NamedTuple):
    """What a source says."""

    claims: ir.Table
    """claim_id, provider_id, name, rented (pattern of a name or null)."""
    made: ir.Table
    """address_id, claim_id, certificate (SHA-256 or null): which address makes which, once."""


class Certificates(NamedTuple):
    """Trusted certificates that probed addresses show as their own, and what they say."""

    shown: ir.Table
    """address_id, certificate_id."""
    sha256: ir.Table
    """certificate_id, sha256."""
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
    trusted = trusted.mutate(certificate_id=ibis.row_number()).cache()
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
    rented = ibis.memtable(_table(_rented(registered), _RENTED))
    suspects = names.select("certificate_id", "fqdn").join(rented, "fqdn")
    suspects = suspects.group_by("certificate_id", "provider_id").agg(rented=suspects.rented.min())
    first = names.group_by("certificate_id").agg(name=names.fqdn.min())
    leafs = ibis.memtable(groups).rename(provider_id="group").join(first, "certificate_id")
    leafs = leafs.join(certificates.sha256, "certificate_id")
    leafs = leafs.left_join(suspects, ["certificate_id", "provider_id"])
    leafs = leafs.select("certificate_id", "provider_id", "name", "rented", "sha256").cache()
    claims = leafs.select("provider_id", "name", "rented").distinct()
    claims = claims.mutate(claim_id=ibis.row_number()).cache()
    numbers = leafs.join(
        claims, ["provider_id", "name", leafs.rented.identical_to(claims.rented)]
    ).select("certificate_id", "claim_id", certificate="sha256")
    made = certificates.shown.join(numbers, "certificate_id").drop("certificate_id")
    return Claims(claims, made.cache())


def _registered(names: ir.Table) -> dict[str, str]:
    """The registered domain of each name; the name itself should the suffix list have it by now."""
    known = names.group_by("fqdn").agg(registered_domain=names.registered_domain.min()).to_pyarrow()
    pairs = zip(known["fqdn"].to_pylist(), known["registered_domain"].to_pylist(), strict=True)
    return {
        fqdn: name or registered_domain(fqdn.removeprefix("*.")) or fqdn for fqdn, name in pairs
    }


def _rented(registered: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Names that look like rented servers, their registered domains, and the pattern."""
    return [
        (fqdn, name, pattern)
        for fqdn, name in registered.items()
        if (pattern := rented_pattern(fqdn, name))
    ]


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
        replies.join(brief, "brief").select("address_id", "claim_id"),
        replies.join(whole, "reply").select("address_id", "claim_id"),
        distinct=True,
    )
    claims = ibis.memtable(_table(hosts.rows, _HOSTS))
    return Claims(claims, made.mutate(certificate=ibis.null(str)).cache())


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
        self.rows: list[tuple[int, str, str, str | None]] = []

    def named(self, column: str, replies: Iterable[str]) -> pa.Table:
        """The replies that name a host, as ``column``, and its claim_id."""
        found = ((reply, self._number(reply)) for reply in replies)
        schema = pa.schema([(column, pa.string()), ("claim_id", pa.int64())])
        return _table([row for row in found if row[1] is not None], schema)

    def _number(self, reply: str) -> int | None:
        host = reply_host(reply, self._ehlo_name)
        domain = host and registered_domain(host)
        if not host or not domain:
            return None
        number = self._numbers.setdefault(host, len(self.rows))
        if number == len(self.rows):
            self.rows.append((number, host, domain, rented_pattern(host, domain)))
        return number


def ids(source: Source, live: ir.Table, found: Claims) -> ir.Table:
    """host_id, id, rented, evidence of exchanges about which ``source`` claims something.

    The id is what all claims speak for. An address without a claim has no say, as in IMC'21,
    where the valid certificates and names decide. Claims for groups of the same name are claims
    for the same: ids are registered domains.
    """
    made = live.join(found.made, "address_id")
    made = made.group_by("host_id", "claim_id").agg(
        addresses=made.count().cast("int32"), certificate=made.certificate.min()
    )
    made = made.join(found.claims, "claim_id")
    fields = ("provider_id", "name", "rented", "certificate", "addresses")
    evidence = ibis.struct(
        {"source": ibis.literal(str(source)), **{field: made[field] for field in fields}}
    )
    hosts = made.group_by("host_id").agg(
        least=made.provider_id.min(),
        most=made.provider_id.max(),
        rented=made.rented.notnull().any(),
        evidence=evidence.collect().sort(),
    )
    agreed = (hosts.least == hosts.most).ifelse(hosts.least, ibis.null(str))
    return hosts.select("host_id", "rented", "evidence", id=agreed).cast(_IDS)


def no_ids() -> ir.Table:
    """What a source says that is left out."""
    return ibis.memtable(_IDS.to_pyarrow().empty_table())


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_struct_array(pa.array(rows, pa.struct(list(schema))))
