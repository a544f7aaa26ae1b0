"""snowshoe: what a seed's own records look like, as features for snowshoe detection.

The 37 features are a reconstruction: of those of "Melting the Snow" (NOMS 2018) two are named in
print. All are of the apex alone and count distinct values. A feature is null where a question that
it rests on failed, 0 where the answer held nothing to count; other nulls say so in their text.
"""

from typing import Annotated, NamedTuple

from schemas.table import Day, Float64, Int64, Micros, Table

Number = Int64 | None
Share = Float64 | None


class Snowshoe(NamedTuple):
    """A seed, its features and their context."""

    domain: Annotated[str, "the seed"]
    registered_domain: Annotated[str | None, "by the Public Suffix List; null for a suffix itself"]
    measured: Annotated[Micros, "when its questions were first asked"]

    a_addresses: Annotated[Number, "A: addresses"]
    a_slash24s: Annotated[Number, "A: /24 networks"]
    a_slash16s: Annotated[Number, "A: /16 networks"]
    a_ases: Annotated[Number, "A: autonomous systems; null where none is known of any"]
    a_countries: Annotated[Number, "A: countries; null where none is known of any"]
    a_min_ttl: Annotated[Number, "A: smallest TTL in seconds; null without addresses too"]
    aaaa_addresses: Annotated[Number, "AAAA: addresses"]
    aaaa_slash48s: Annotated[Number, "AAAA: /48 networks"]
    aaaa_ases: Annotated[Number, "AAAA: autonomous systems; null where none is known of any"]
    mx_addresses: Annotated[Number, "MX: exchanges (OpenINTEL's mx_address); named in the paper"]
    mx_preferences: Annotated[Number, "MX: preferences"]
    mx_preference_range: Annotated[Number, "MX: largest preference less the smallest"]
    mx_in_domain_share: Annotated[
        Share, "MX: part of the exchanges below the domain; null without any too"
    ]
    mx_registered_domains: Annotated[
        Number, "MX: registered domains of the exchanges; null where none has any"
    ]
    mx_v4_addresses: Annotated[Number, "MX: IPv4 addresses of the exchanges"]
    mx_slash24s: Annotated[Number, "MX: /24 networks of those"]
    mx_ases: Annotated[Number, "MX: autonomous systems of those; null where none is known of any"]
    ns_hosts: Annotated[Number, "NS: name servers"]
    ns_registered_domains: Annotated[
        Number, "NS: registered domains of the servers; null where none has any"
    ]
    ns_in_domain_share: Annotated[
        Share, "NS: part of the servers below the domain; null without any too"
    ]
    ns_min_ttl: Annotated[Number, "NS: smallest TTL in seconds; null without servers too"]
    txt_records: Annotated[Number, "TXT: records"]
    txt_bytes: Annotated[Number, "TXT: bytes of all"]
    txt_longest: Annotated[Number, "TXT: bytes of the longest"]
    txt_other: Annotated[Number, "TXT: records that are not SPF"]
    spf_records: Annotated[Number, "SPF: records (RFC 7208 section 4.5)"]
    spf_length: Annotated[Number, "SPF: bytes of the records"]
    spf_terms: Annotated[Number, "SPF: terms"]
    spf_ip4_terms: Annotated[Number, "SPF: ip4 terms"]
    spf_v4_addresses: Annotated[
        Number, "SPF: IPv4 addresses in ip4 terms, overlaps once; named in the paper"
    ]
    spf_ip6_terms: Annotated[Number, "SPF: ip6 terms"]
    spf_includes: Annotated[Number, "SPF: include and redirect terms"]
    spf_slash24s: Annotated[Number, "SPF: /24 networks that ip4 terms touch"]
    spf_all: Annotated[
        Number, "SPF: what it says of all others: 0 nothing, 1 fail, 2 softfail, 3 neutral, 4 pass"
    ]
    soa_refresh: Annotated[Number, "SOA: refresh in seconds; null without a SOA too"]
    soa_minimum: Annotated[Number, "SOA: minimum in seconds; null without a SOA too"]
    soa_mname_in_domain: Annotated[
        Number, "SOA: 1 if the primary is below the domain, else 0; null without a SOA too"
    ]

    first_seen: Annotated[Day, "day of the earliest inferred run of this warehouse that has it"]
    days_seen: Annotated[Int64, "context: days from then to this run"]
    changed: Annotated[
        Number, "context: features that differ from the run before; null if it is not there"
    ]
    slash24_neighbours: Annotated[
        Number,
        "context: the most other seeds of the run with an A or ip4 address in any one of its /24s",
    ]
    ns_neighbours: Annotated[Number, "context: other seeds of the run with the same name servers"]
    mx_neighbours: Annotated[
        Number, "context: other seeds of the run with the same MX records; 0 without any"
    ]
    spf_neighbours: Annotated[
        Number, "context: other seeds of the run with the same SPF record but for its own name"
    ]
    ns_group: Annotated[str | None, "context: hash of the name servers; null without any"]
    spf_group: Annotated[str | None, "context: hash of that SPF record; null without one"]
    slash24_group: Annotated[
        str | None, "context: the /24 of most of its A and ip4 addresses, or null"
    ]
    spf_reach: Annotated[
        Number, "context: IPv4 addresses with all includes resolved (spf_trust); null if unknown"
    ]


SNOWSHOE = Table("snowshoe", Snowshoe, ("domain",), "inference", "a seed")
FEATURES: tuple[str, ...] = Snowshoe._fields[3:40]
"""The 37, in the order of the model's input."""
CONTEXT: tuple[str, ...] = Snowshoe._fields[40:]
"""Kept apart from the 37: they need other domains, other days or other names than the apex."""
