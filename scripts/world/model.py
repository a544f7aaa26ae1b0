"""What a world is: plain data, thought up by archetypes, then served, written out and judged.

Every mail server has an address of its own in 127.0.0.0/8 (or ::1); a provider's addresses lie
in networks of its AS, so that address tables can be made from the same data.
"""

import enum
from typing import NamedTuple


class Record(NamedTuple):
    """A DNS record in presentation form (RFC 1035 section 5.1), names without final dot."""

    name: str
    type: str
    """A, AAAA, MX, TXT, CNAME, PTR, …"""
    data: str
    """For TXT the text itself, unquoted; for MX "10 mx.example.net"."""
    ttl: int = 300


class DnsFault(enum.StrEnum):
    """How the embedded DNS server answers for a name that does not answer well."""

    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENT = "silent"  # no answer at all
    TRUNCATED = "truncated"  # over UDP; TCP has the records


class CertificateState(enum.StrEnum):
    """What is right or wrong with a certificate."""

    TRUSTED = "trusted"  # root -> intermediate -> leaf, intermediate sent
    NO_INTERMEDIATE = "no_intermediate"  # the same, intermediate not sent
    EXPIRED = "expired"
    SELF_SIGNED = "self_signed"
    UNKNOWN_ISSUER = "unknown_issuer"  # signed by a CA nobody trusts


class CertificateSpec(NamedTuple):
    """A certificate to be made."""

    id: str
    names: tuple[str, ...]
    """The first is the common name; all are dNSNames."""
    state: CertificateState


class Behaviour(enum.StrEnum):
    """How a mail server treats its client."""

    NORMAL = "normal"
    NO_STARTTLS = "no_starttls"  # EHLO does not offer it
    STARTTLS_REFUSED = "starttls_refused"  # 454 to the command
    BROKEN_TLS = "broken_tls"  # bytes that are no TLS after 220
    TEMPFAIL = "tempfail"  # 421 as greeting
    REJECT = "reject"  # 554 as greeting
    BLOCKED = "blocked"  # 554 that says the client is listed
    GARBAGE = "garbage"  # a greeting that is not SMTP
    CLOSE = "close"  # accepts and closes
    SILENT = "silent"  # accepts and says nothing
    EARLY_TALK = "early_talk"  # answers before it is asked
    DEAD = "dead"  # nothing listens: connection refused
    UNRESPONSIVE = "unresponsive"  # drop: the connection attempt gets no answer


class MailServer(NamedTuple):
    """One address that may speak SMTP."""

    address: str
    banner: str
    """All after the code of the greeting, e.g. "mx.example.net ESMTP Postfix"; "" for defaults."""
    ehlo: str
    """First line of the EHLO reply after its code, e.g. "mx.example.net at your service"."""
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 52428800", "8BITMIME")
    """Further EHLO lines without STARTTLS, which behaviour and certificate add."""
    certificate: str | None = None
    """Id of a CertificateSpec; None: no STARTTLS."""
    behaviour: Behaviour = Behaviour.NORMAL


class FileManner(enum.StrEnum):
    """How a policy host treats who asks for a policy."""

    SERVE = "serve"
    HTML = "html"  # the file, as text/html
    MISSING = "missing"  # 404
    REDIRECT = "redirect"  # 301, to where the file is
    ENDLESS = "endless"  # a file that goes on for ever
    BROKEN = "broken"  # closes within the file


class PolicyFile(NamedTuple):
    """An MTA-STS policy and the host that has it."""

    host: str
    address: str | None
    """An address of the host's own; None: it is at those that many share."""
    certificate: str
    """Id of a CertificateSpec."""
    manner: FileManner
    body: str


class Network(NamedTuple):
    """A block of addresses and whose it is."""

    prefix: str
    asn: int
    as_name: str
    country: str
    """ISO 3166 code."""
    cloud: str | None = None
    """aws, azure, gcp, … for rented space."""


class Truth(NamedTuple):
    """Who really runs a domain's mail; a row of truth.parquet."""

    domain: str
    archetype: str
    """The kind of domain it was made as."""
    live: bool
    """Whether a most preferred exchange answers SMTP."""
    operator_id: str | None = None
    """Registered domain that stands for the operator of its exchanges; None if none."""
    operator_company: str | None = None
    gateway_company: str | None = None
    """The operator's company where it only filters and passes on."""
    mailbox_company: str | None = None
    """Where the mailboxes are; None if none, unknown, the domain's own, or of no map."""
    mailbox_id: str | None = None
    """Registered domain that stands for where the mailboxes are; None if none or unknown."""
    trap: str | None = None
    """What misleads a source here: vanity_mx, shared_certificate, vps_banner, …"""
    signals: str | None = None
    """Behind a gateway or forwarder: what the DNS tells of the mailboxes, see gateways."""
    second_operator_id: str | None = None
    """The other operator where two share the domain's most preferred exchanges."""


class PolicyTruth(NamedTuple):
    """What the policies of a domain come to; a row of policies.parquet.

    Of a domain without mail of its own all from ``key`` on is None. Lists are words in order.
    """

    domain: str
    dmarc: str
    place: str | None
    policy: str | None
    subdomain_policy: str | None
    policy_by_walk: str | None
    organisation: str
    """By the tree walk."""
    consents: str
    """Of those who are to have its reports, distinct."""
    key: str | None = None
    """State, type and bits at the selector of ``published``; None: nothing, or another's key."""
    mta_sts: str | None = None
    mta_sts_id: str | None = None
    sts_outcome: str | None = None
    """How the fetch of its policy ends; this and the next are None without a record."""
    sts_policy: str | None = None
    sts_mode: str | None = None
    sts_match: str | None = None
    tls_rpt: str | None = None
    tls_rpt_uri: str | None = None
    bimi: str | None = None
    bimi_logo: str | None = None
    dane: str | None = None
    dane_secure: bool | None = None
    findings: str | None = None
    """policy:finding, distinct."""


class DaneTruth(NamedTuple):
    """TLSA of a mail host and how it fits what the host shows."""

    host: str
    dane: str
    secure: bool
    """Whether its zone is signed."""


class StsTruth(NamedTuple):
    """What senders under an MTA-STS policy make of a mail host at one of its addresses."""

    host: str
    address: str
    said: str
    """``matches``, or why they refuse it."""
    own: bool
    """Whether the certificate shown is for the host, be it trusted or not."""


class World(NamedTuple):
    """A whole small Internet, as far as mail goes."""

    seeds: tuple[tuple[int, str], ...]
    """(rank, domain), by rank."""
    records: tuple[Record, ...]
    faults: dict[str, DnsFault]
    """By lower-case name."""
    servers: tuple[MailServer, ...]
    certificates: tuple[CertificateSpec, ...]
    networks: tuple[Network, ...]
    truth: tuple[Truth, ...]
    signed: frozenset[str] = frozenset()
    """Names whose answers a validating resolver vouches for, with all below them."""
    policies: tuple[PolicyTruth, ...] = ()
    dane: tuple[DaneTruth, ...] = ()
    sts_mail_hosts: tuple[StsTruth, ...] = ()
    policy_files: tuple[PolicyFile, ...] = ()
