"""A stage of seeds that leaves alone who asked for it."""

import time

from certs.registered import registered_domain
from pipeline.limits.optout import OptOutList
from schemas.domains import Domain
from schemas.outcomes import Mail, Outcome
from schemas.query import Query
from stages.dns.stage import Seed
from stages.stage import Emit, Stage

_NOT_ASKED = Query(
    Outcome.NOT_ASKED, rcode=None, ttl=None, rtt_ms=None, server=None, attempts=0, tcp=False
)


class Consent:
    """Wraps the stage of seeds: one on the opt-out list gets a row and no question."""

    def __init__(self, stage: Stage[Seed], opt_out: OptOutList) -> None:
        self._stage = stage
        self._opt_out = opt_out

    async def __call__(self, item: Seed, /) -> Emit:
        """Ask, unless the seed or a domain above it is opted out."""
        if self._opt_out.rules.of_domain(item.domain) is None:
            return await self._stage(item)
        return Emit((_left_alone(item),))


def _left_alone(seed: Seed) -> Domain:
    return Domain(
        domain=seed.domain,
        registered_domain=registered_domain(seed.domain),
        asked=time.time_ns() // 1000,
        seeds=seed.seeds,
        mail=Mail.OPTED_OUT,
        mx=(),
        mail_hosts=(),
        mx_query=_NOT_ASKED,
        txt=(),
        txt_query=_NOT_ASKED,
        dmarc=(),
        dmarc_query=_NOT_ASKED,
    )
