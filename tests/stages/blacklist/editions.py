"""An edition of three domains, for tests."""

import datetime as dt
from typing import Any

from schemas.blacklist import BlacklistEntry
from schemas.snowshoe_scores import Reason, Tier
from stages.blacklist.edition import Edition
from stages.blacklist.suspects import CODES

ZONE = "bl.example"
DAY = 20_779  # 2026-11-22


def entry(domain: str, tier: Tier = Tier.HIGH, **changes: Any) -> BlacklistEntry:
    reasons = (Reason("spf_v4_addresses", 4096.0, 2.5), Reason("a_ases", None, 0.5))
    made = BlacklistEntry(
        domain, ZONE, published=True, withheld=None, tier=tier, code=CODES[tier], probability=0.99,
        reasons=reasons, first_found=DAY - 2, last_found=DAY,
    )  # fmt: skip
    return made._replace(**changes)


def edition(**changes: Any) -> Edition:
    made = Edition(
        zone=ZONE,
        entries=(entry("bad.com"), entry("likely.net", Tier.MEDIUM)),
        exceptions=("good.bad.com",),
        made=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5),
        valid_days=3,
        ttl=60,
        nameservers=("ns1.bl.example", "ns2.bl.example"),
        contact="hostmaster.bl.example",
        info_url="https://bl.example/why/$",
        least_rejected=Tier.HIGH,
        shadow=False,
    )
    return made._replace(**changes)
