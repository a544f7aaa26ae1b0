"""spf_trust: whom a seed trusts to send its mail, by its SPF record and all that it leads to."""

from typing import Annotated, NamedTuple

import pyarrow as pa

from schemas.table import Int16, Int32, Int64, Table
from schemas.vocabulary import Vocabulary

Addresses = Annotated[int, pa.decimal128(38, 0)]
"""A number of IPv6 addresses, exact below 10**38."""


class SpfVerdict(Vocabulary):
    """What a record and all that it leads to come to, before any message is seen (RFC 7208)."""

    NONE = "none", "no record"
    VALID = "valid", "a record that every receiver can follow; `v=spf1 -all` is one"
    PERMERROR = "permerror", "wrong somewhere: receivers that get there cannot use it"
    TEMPERROR = "temperror", "the DNS gave no definite answer somewhere; nothing known is wrong"
    NOT_ASKED = "not_asked", "the run did not ask for all of it; nothing known is wrong"


class SpfClass(Vocabulary):
    """What is wrong or unwise in a record. The words of `SpfError` are among these."""

    NXDOMAIN = "nxdomain", "note: the domain does not exist"
    MULTIPLE_RECORDS = "multiple_records", "error: more than one record (section 4.5)"
    UNKNOWN_MECHANISM = "unknown_mechanism", "error: no such mechanism (section 4.6.1)"
    BAD_TERM = "bad_term", "error: a term that fits no grammar, empty or glued (section 12)"
    BAD_IP4 = "bad_ip4", "error: not an IPv4 address (section 5.6)"
    BAD_IP6 = "bad_ip6", "error: not an IPv6 address (section 5.6)"
    BAD_PREFIX_LENGTH = "bad_prefix_length", "error: not a prefix length (sections 5.3 to 5.6)"
    BAD_DOMAIN_SPEC = "bad_domain_spec", "error: neither a domain nor a macro string for one"
    BAD_MACRO = "bad_macro", "error: no macro that a record may hold (section 7.1)"
    MISSING_DOMAIN_SPEC = "missing_domain_spec", "error: a term that needs a domain has none"
    UNEXPECTED_ARGUMENT = "unexpected_argument", "error: the mechanism takes none"
    DUPLICATE_REDIRECT = "duplicate_redirect", "error: redirect twice (section 6)"
    DUPLICATE_EXP = "duplicate_exp", "error: exp twice (section 6)"
    NOT_ASCII = "not_ascii", "error: bytes that are not ASCII (section 3.1)"
    TOO_MANY_LOOKUPS = "too_many_lookups", "error: over 10 terms that ask the DNS (section 4.6.4)"
    TOO_MANY_VOIDS = "too_many_voids", "error: over 2 look-ups in vain for IPv4 clients"
    INCLUDE_LOOP = "include_loop", "error: an include that leads back to where it stands"
    REDIRECT_LOOP = "redirect_loop", "error: a redirect that leads back to where it stands"
    INCLUDE_WITHOUT_RECORD = "include_without_record", "error: its target has none (section 5.2)"
    REDIRECT_WITHOUT_RECORD = "redirect_without_record", "error: its target has none (section 6.1)"
    TOO_MANY_MX = "too_many_mx", "error: an mx of over 10 hosts (section 4.6.4)"
    TEMPORARY_ERROR = "temporary_error", "temporary: the DNS gave no definite answer"
    UNASKED = "unasked", "unknown: the run did not ask for what the term leads to"
    TOO_MANY_VOIDS_IPV6 = "too_many_voids_ipv6", "warning: over 2 in vain, for IPv6 clients only"
    PTR_USED = "ptr_used", "warning: ptr, slow and unreliable (section 5.5)"
    TEXT_AFTER_ALL = "text_after_all", "warning: a mechanism after all is never seen (section 5.1)"
    REDIRECT_WITH_ALL = "redirect_with_all", "warning: the all makes it void (section 6.1)"
    NO_ALL = "no_all", "warning: neither all nor redirect: everybody else is neutral"
    PASS_ALL = "pass_all", "warning: +all lets everybody pass"
    NEUTRAL_ALL = "neutral_all", "warning: ?all says nothing about everybody else"
    OVER_450_BYTES = "over_450_bytes", "warning: longer than fits well (section 3.4)"
    OVER_512_BYTES = "over_512_bytes", "warning: longer than an answer without EDNS"
    DUPLICATE_INCLUDE = "duplicate_include", "warning: the same include twice"
    UNDECODABLE_TEXT = "undecodable_text", "warning: bytes that are not UTF-8"
    BAD_VERSION = "bad_version", "warning: a TXT that begins like SPF and is none (section 4.5)"
    SENDER_ID = "sender_id", "warning: a record of Sender ID (RFC 4406), which is historic"
    PERMISSIVE = "permissive", "warning: over 100,000 IPv4 addresses pass"
    LARGE_BLOCK = "large_block", "warning: a network of /8 or larger passes"

    @property
    def severity(self) -> str:
        """The word before the colon of its meaning; empty if there is none."""
        word, colon, _ = self.meaning.partition(": ")
        return word if colon else ""


class Finding(NamedTuple):
    """Something wrong or unwise, and where it stands."""

    finding: Annotated[SpfClass, "its class"]
    name: Annotated[str, "the name whose record it stands in"]
    term: Annotated[str, "the term as written; empty for a record as a whole"]


class CloudSpace(NamedTuple):
    """Address space of one cloud."""

    provider: Annotated[str, "the cloud, as in the table addresses"]
    ipv4: Annotated[Int64, "IPv4 addresses of its published ranges that pass, each once"]
    ipv6: Annotated[Addresses, "IPv6 addresses likewise"]


class SpfTrust(NamedTuple):
    """A seed, and what its SPF comes to. Addresses that several terms name count once.

    Space is that of a client that no earlier term turns away, and is counted on beyond errors; a
    record with a syntax error passes nothing, and a term whose domain-spec has a macro neither.
    """

    domain: Annotated[str, "the seed"]
    rank: Annotated[Int64 | None, "its best rank in any seed list; null without ranks"]
    verdict: Annotated[SpfVerdict, "what record and closure come to"]
    lookups: Annotated[
        Int32, "terms that ask the DNS, on every path to them (section 4.6.4); at most 1000"
    ]
    voids_ipv4: Annotated[
        Int32, "look-ups of an IPv4 client that are in vain, so counted; at most 1000"
    ]
    voids_ipv6: Annotated[Int32, "the same of an IPv6 client"]
    depth: Annotated[Int32, "includes and redirects on the longest path; a loop counts once"]
    names: Annotated[Int32, "distinct names that includes and redirects lead to; at most 1000"]
    findings: Annotated[
        tuple[Finding, ...],
        "errors of the closure and warnings of the own record; at most 100, errors first",
    ]
    all: Annotated[
        str | None, "qualifier of the all that decides about everybody else, redirects followed"
    ]
    ipv4: Annotated[Int64, "IPv4 addresses that pass; a and mx resolved; 2^32 with +all"]
    ipv4_literal: Annotated[Int64, "of these, those that terms of the own record name"]
    ipv4_inherited: Annotated[Int64, "of these, those that includes and redirect bring"]
    ipv4_soft: Annotated[Int64, "IPv4 addresses that terms of ? or ~ other than all name"]
    ipv6: Annotated[Addresses, "IPv6 addresses that pass; 10^38 - 1 stands for all above"]
    ipv6_literal: Annotated[Addresses, "of these, those that terms of the own record name"]
    ipv6_inherited: Annotated[Addresses, "of these, those that includes and redirect bring"]
    ipv6_soft: Annotated[Addresses, "IPv6 addresses that terms of ? or ~ other than all name"]
    largest_ipv4: Annotated[Int16 | None, "prefix length of the largest IPv4 network that passes"]
    largest_ipv6: Annotated[Int16 | None, "prefix length of the largest IPv6 network that passes"]
    clouds: Annotated[
        tuple[CloudSpace, ...], "clouds that have part of what passes, by name, and how much"
    ]
    needs_context: Annotated[
        bool, "ptr, or a macro somewhere: the message decides about further addresses"
    ]
    has_exceptions: Annotated[
        bool, "a term of - ? or ~ stands before one that passes: less may pass than is counted"
    ]
    published: Annotated[
        bool | None,
        "whether it has an SPF record, or several; null without a definite answer for its TXT",
    ]


SPF_TRUST = Table("spf_trust", SpfTrust, ("domain",), "inference", "a seed domain")
