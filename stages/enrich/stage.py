"""The enrich stage: an address in, its row of addresses out."""

import time
from ipaddress import ip_address

from schemas.addresses import Address
from schemas.query import Query
from stages.dns.answer import Question, Resolver, RRType
from stages.enrich.cloud import CloudTable
from stages.enrich.special import Scope, special_purpose
from stages.enrich.tables import AsnTable, Owner, OwnerTable
from stages.stage import Emit

_NOBODY = Owner(None, None, None)


class EnrichStage:
    """Looks an address up in whatever tables the run has, and asks for its name.

    Without an AsnTable the AS number is the OwnerTable's, for every address of the run alike,
    and the prefix stays null. Without a resolver no PTR is asked, and never for special-purpose
    addresses outside the scope: their reverse zones belong to nobody, or to whoever answers.
    """

    def __init__(
        self,
        asn: AsnTable | None,
        owner: OwnerTable | None,
        cloud: CloudTable | None,
        resolver: Resolver | None,
        scope: Scope = Scope.PUBLIC,
    ) -> None:
        self._asn = asn
        self._owner = owner
        self._cloud = cloud
        self._resolver = resolver
        self._scope = scope

    async def __call__(self, item: str, /) -> Emit:
        """The row of an address in canonical text; ``ValueError`` for what is none."""
        row = self.look_up(item)
        if self._resolver is None or (row.reserved and not self._scope.permits(item)):
            return Emit((row,))
        names, query = await _reverse(self._resolver, item)
        return Emit((row._replace(ptr=names, ptr_query=query),))

    def look_up(self, address: str) -> Address:
        """The row as far as the tables go, the PTR question left out."""
        asn, prefix = (self._asn and self._asn[address]) or (None, None)
        owner = (self._owner and self._owner[address]) or _NOBODY
        provider, region, service = (self._cloud and self._cloud[address]) or (None, None, None)
        return Address(
            address=address,
            enriched=time.time_ns() // 1000,
            version=6 if ":" in address else 4,
            asn=owner.asn if self._asn is None else asn,
            prefix=prefix,
            as_name=owner.as_name,
            country=owner.country,
            cloud_provider=provider,
            cloud_region=region,
            cloud_service=service,
            reserved=special_purpose(address),
            ptr=(),
            ptr_query=None,
        )


async def _reverse(resolver: Resolver, address: str) -> tuple[tuple[str, ...], Query]:
    """The names of an address's PTR records (RFC 1035 section 3.5), and the question's account."""
    name = ip_address(address).reverse_pointer
    (answer,) = await resolver.ask([Question(name, RRType.PTR)])
    return tuple(sorted({text.lower() for text in answer.texts()})), answer.query
