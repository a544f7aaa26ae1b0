"""A stage of seeds that leaves alone who asked for it."""

import time
from typing import Any

from certs.registered import registered_domain
from pipeline.limits.optout import OptOutList
from schemas.domains import Domain
from schemas.outcomes import Mail
from schemas.query import NOT_ASKED
from stages.dns.stage import Seed
from stages.policy.stage import not_asked
from stages.stage import Emit, Stage


class Consent:
    """Wraps a stage of seeds or their names: who is on the list gets a row and no question."""

    def __init__(self, stage: Stage[Any], opt_out: OptOutList) -> None:
        self._stage = stage
        self._opt_out = opt_out

    async def __call__(self, item: Seed | str, /) -> Emit:
        """Ask, unless the seed or a domain above it is opted out."""
        domain = item if isinstance(item, str) else item.domain
        if self._opt_out.rules.of_domain(domain) is None:
            return await self._stage(item)
        now = time.time_ns() // 1000
        return Emit((not_asked(item, now) if isinstance(item, str) else _left_alone(item, now),))


def _left_alone(seed: Seed, now: int) -> Domain:
    return Domain(
        domain=seed.domain,
        registered_domain=registered_domain(seed.domain),
        asked=now,
        seeds=seed.seeds,
        mail=Mail.OPTED_OUT,
        mx=(),
        mail_hosts=(),
        mx_query=NOT_ASKED,
        txt=(),
        txt_query=NOT_ASKED,
        dmarc=(),
        dmarc_query=NOT_ASKED,
    )
