"""The graph of trust: spf_links from name to name, spf_reach along them, spf_grants to networks."""

from typing import Annotated, NamedTuple

import pyarrow as pa

from schemas.table import Int16, Int64, Table

Octets = Annotated[bytes, pa.binary(16)]
"""An address as 16 bytes in network order; IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2)."""


class SpfLink(NamedTuple):
    """An include or redirect, of a seed or of any other name."""

    name: Annotated[str, "where it stands"]
    target: Annotated[str, "where it leads; a key of spf"]
    qualifier: Annotated[str, "of an include, one of + - ? ~; = for a redirect"]
    trusted: Annotated[bool, "whether what the target passes passes here: + or redirect"]
    seed: Annotated[bool, "whether the name is a seed"]
    rank: Annotated[Int64 | None, "best rank of the name in any seed list; null without"]


class SpfReach(NamedTuple):
    """A name that another trusts, directly or through others; each target also trusts itself."""

    target: Annotated[str, "target of an include or redirect"]
    reached: Annotated[str, "name whose networks it passes; at most 1000 a target"]


class SpfGrant(NamedTuple):
    """A network that a record passes by a term of its own."""

    name: Annotated[str, "where the term stands"]
    version: Annotated[Int16, "4 or 6"]
    first: Annotated[Octets, "first address of the network, 16 bytes; IPv4 as ::ffff:a.b.c.d"]
    prefix: Annotated[Int16, "prefix length of the network"]
    last: Annotated[Octets, "its last address, likewise"]


SPF_LINKS = Table(
    "spf_links", SpfLink, ("name", "target", "qualifier"), "inference", "an include or redirect"
)
SPF_REACH = Table(
    "spf_reach", SpfReach, ("target", "reached"), "inference", "a target and a name that it trusts"
)
SPF_GRANTS = Table(
    "spf_grants",
    SpfGrant,
    ("name", "version", "first", "prefix"),
    "inference",
    "a name and a network that its own terms pass",
)
