"""spf: the SPF record of every name that a seed or an SPF record leads to."""

from typing import Annotated, NamedTuple

from schemas.query import Query, Text
from schemas.table import Int16, Micros, Table
from schemas.vocabulary import Vocabulary


class SpfError(Vocabulary):
    """What is wrong with a record as it stands, without looking anything up (RFC 7208)."""

    MULTIPLE_RECORDS = "multiple_records", "more than one record (section 4.5)"
    UNKNOWN_MECHANISM = "unknown_mechanism", "a mechanism that does not exist (section 4.6.1)"
    BAD_TERM = "bad_term", "a term that fits no grammar (section 12)"
    BAD_IP4 = "bad_ip4", "not an IPv4 address (section 5.6)"
    BAD_IP6 = "bad_ip6", "not an IPv6 address (section 5.6)"
    BAD_PREFIX_LENGTH = "bad_prefix_length", "not a prefix length (sections 5.3, 5.4, 5.6)"
    BAD_DOMAIN_SPEC = "bad_domain_spec", "neither a domain nor a macro string for one (section 7.1)"
    BAD_MACRO = "bad_macro", "no macro, or one that only exp texts may hold (section 7.1)"
    MISSING_DOMAIN_SPEC = "missing_domain_spec", "include, exists, redirect and exp need one"
    UNEXPECTED_ARGUMENT = "unexpected_argument", "the mechanism takes none (sections 5.1, 5.5)"
    DUPLICATE_REDIRECT = "duplicate_redirect", "redirect twice (section 6)"
    DUPLICATE_EXP = "duplicate_exp", "exp twice (section 6)"
    NOT_ASCII = "not_ascii", "bytes that are not ASCII (section 3.1)"


class TermKind(Vocabulary):
    """The two sorts of terms (RFC 7208 section 4.6.1)."""

    MECHANISM = "mechanism", "may match, and then decides by its qualifier"
    MODIFIER = "modifier", "name=value: says something besides"


class Term(NamedTuple):
    """One term of a record, in the order of the record."""

    kind: Annotated[TermKind, "mechanism or modifier"]
    name: Annotated[str, "lower-case: all, include, a, mx, ptr, ip4, ip6, exists, redirect, …"]
    qualifier: Annotated[str | None, "one of + - ? ~; null for modifiers"]
    domain_spec: Annotated[str | None, "as written, macros and all; null where absent"]
    macro: Annotated[bool, "whether the domain-spec has a macro and so depends on the message"]
    network: Annotated[str | None, "ip4 and ip6: the network in CIDR form, host bits cleared"]
    prefix4: Annotated[Int16 | None, "a and mx: IPv4 prefix length where given"]
    prefix6: Annotated[Int16 | None, "a and mx: IPv6 prefix length where given"]
    text: Annotated[str, "the term as written"]


class SpfFault(NamedTuple):
    """A syntax error and where it stands."""

    error: Annotated[SpfError, "class of the error"]
    term: Annotated[str, "the term as written; empty where the record as a whole is at fault"]
    position: Annotated[Int16, "index of the term after the version, from 0; -1 for the record"]


class Spf(NamedTuple):
    """A name whose TXT was asked for SPF."""

    name: Annotated[str, "the name asked, lower-case A-labels"]
    asked: Annotated[Micros, "when the question was first asked"]
    record: Annotated[str | None, "text of the SPF record; null unless there is exactly one"]
    records: Annotated[tuple[Text, ...], "every TXT record whose version section is v=spf1"]
    terms: Annotated[tuple[Term, ...], "terms of the record that could be read, in order"]
    faults: Annotated[tuple[SpfFault, ...], "syntax errors; any makes the record a permerror"]
    includes: Annotated[
        tuple[str, ...], "targets of include and redirect without macros; keys of spf"
    ]
    a_names: Annotated[tuple[str, ...], "names of a and exists terms without macros; keys of hosts"]
    mx_names: Annotated[
        tuple[str, ...], "names of mx terms without macros; keys of domains if seeds, else of mx"
    ]
    query: Annotated[Query, "the TXT question"]
    above: Annotated[
        tuple[str, ...],
        "of a name that does not exist the registered domain, of an alias that of the last name: "
        "whether that exists is asked, too; keys of hosts",
    ] = ()


SPF = Table("spf", Spf, ("name",), "spf", "a name whose TXT was asked for SPF")
