"""sts_policies: MTA-STS policy files as they were fetched (RFC 8461 section 3.3)."""

from typing import Annotated, NamedTuple

from schemas.outcomes import FetchOutcome, HostCheck, Verdict
from schemas.query import Query
from schemas.table import Float32, Int16, Int32, Micros, Table


class FetchTimings(NamedTuple):
    """Milliseconds that each step took; null where it was not reached or not finished."""

    connect_ms: Annotated[Float32 | None, "TCP handshake"]
    tls_ms: Annotated[Float32 | None, "TLS handshake"]
    total_ms: Annotated[Float32 | None, "from connecting to the end of the answer"]


class PolicyFetch(NamedTuple):
    """One domain's policy file: what came of asking for it, and over which certificate."""

    domain: Annotated[str, "a seed whose _mta-sts record says that there is a policy"]
    asked: Annotated[Micros, "when its host was first asked for"]
    host: Annotated[str, "the policy host: mta-sts below the domain"]
    cname_chain: Annotated[tuple[str, ...], "names that the host is an alias for, in order"]
    a: Annotated[tuple[str, ...], "IPv4 addresses of the host, sorted; keys of addresses"]
    aaaa: Annotated[tuple[str, ...], "IPv6 addresses of the host, sorted; keys of addresses"]
    a_query: Annotated[Query, "the A question"]
    aaaa_query: Annotated[Query, "the AAAA question"]
    outcome: Annotated[FetchOutcome, "how the fetch ended, whatever its certificate"]
    detail: Annotated[str | None, "what the system or the peer said of a failure"]
    address: Annotated[str | None, "the address contacted, of several the last; null if none was"]
    port: Annotated[Int32, "TCP port contacted"]
    attempts: Annotated[Int16, "connections made"]
    status: Annotated[Int16 | None, "HTTP status; null without an answer"]
    media_type: Annotated[str | None, "Content-Type as sent"]
    location: Annotated[str | None, "where a redirect leads, which is never followed"]
    file: Annotated[str | None, "the file, of 64 KiB at most, bytes that are not UTF-8 as \\xNN"]
    file_raw: Annotated[bytes | None, "its bytes, only where the text does not give them back"]
    tls_version: Annotated[str | None, "as OpenSSL names it: TLSv1.2, TLSv1.3"]
    cipher: Annotated[str | None, "cipher suite as OpenSSL names it"]
    chain: Annotated[
        tuple[str, ...], "SHA-256 of each certificate sent, leaf first; keys of certificates"
    ]
    verdict: Annotated[
        Verdict | None, "whether the leaf, as it was sent here, chains to a trusted root"
    ]
    verdict_reason: Annotated[str | None, "what that verdict rests on"]
    host_check: Annotated[HostCheck | None, "whether the leaf is for the policy host"]
    timings: Annotated[FetchTimings, "how long each step took, of the last connection"]


STS_POLICIES = Table(
    "sts_policies",
    PolicyFetch,
    ("domain",),
    "sts",
    "a seed with an MTA-STS record, in plan policy, if policies were to be fetched",
)
