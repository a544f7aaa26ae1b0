"""mail_policies: what the policies of a domain come to; policy_adoption: how many have which.

A part that the run did not ask for is null: of plan mail there are DMARC and DANE.
"""

from typing import Annotated, NamedTuple

from schemas.aggregates import RankCut, SeedList, Tld
from schemas.policy_class import PolicyClass, PolicyKind
from schemas.table import Float64, Int32, Int64, Table
from schemas.vocabulary import Vocabulary


class Disposition(Vocabulary):
    """What DMARC asks receivers to do with mail that fails (RFC 7489 section 6.3)."""

    NONE = "none", "nothing"
    QUARANTINE = "quarantine", "to treat it as suspicious"
    REJECT = "reject", "to turn it away"


class StsMode(Vocabulary):
    """What an MTA-STS policy asks senders to do (RFC 8461 section 5)."""

    ENFORCE = "enforce", "not to deliver where TLS fails"
    TESTING = "testing", "to deliver and report"
    NONE = "none", "as if there were no policy"


class StsState(Vocabulary):
    """Whether the policy stands that an MTA-STS record promises (RFC 8461 section 3.3)."""

    VALID = "valid", "fetched over a certificate for its host, and no error in it"
    VOID = "void", "fetched so, and an error in it makes it count for nothing"
    UNPROVEN = "unproven", "fetched, over a certificate that does not prove whose it is"
    UNAVAILABLE = "unavailable", "none could be fetched; sts_policies says why"
    NOT_FETCHED = "not_fetched", "its host was not contacted: opted out, or not to be contacted"


class StsMatch(Vocabulary):
    """Whether the policy lists the mail hosts of its domain (RFC 8461 section 4.1)."""

    MATCHED = "matched", "every one"
    PARTLY = "partly", "some"
    MISMATCHED = "mismatched", "none"


class StsTls(Vocabulary):
    """Whether senders take the certificates of mail hosts (RFC 8461 section 4.2)."""

    ACCEPTED = "accepted", "every one: trusted, in its time and the host's own"
    PARTLY = "partly", "of some hosts, or at some addresses"
    REFUSED = "refused", "none, or there is no TLS: nothing is delivered under mode enforce"


NO_TLS = "no_tls"
"""Why senders refuse a host that shows no certificate."""


class PolicyState(Vocabulary):
    """Whether a policy stands."""

    VALID = "valid", "it stands; findings may warn"
    VOID = "void", "there is a record, or several, and an error makes it count for nothing"
    ABSENT = "absent", "there is none"
    DECLINED = "declined", "the domain says that it has none (BIMI)"
    UNKNOWN = "unknown", "the DNS gave no definite answer"
    NOT_ASKED = "not_asked", "the question was not put: opted out"


class DmarcPlace(Vocabulary):
    """Where the record was found that applies to a domain."""

    OWN = "own", "at the domain"
    ORGANISATION = "organisation", "at its organisational domain"
    SUFFIX = "suffix", "at the public suffix above (RFC 9989 only)"


class Consent(Vocabulary):
    """Whether those agree who are to have reports (RFC 7489 section 7.1)."""

    SAME = "same", "same organisational domain: nobody has to agree"
    GIVEN = "given", "they publish that they take them"
    MISSING = "missing", "they do not: no reports are sent"
    UNKNOWN = "unknown", "the DNS gave no definite answer"
    NOT_ASKED = "not_asked", "the run did not ask"


class KeyState(Vocabulary):
    """What a DKIM selector holds."""

    USABLE = "usable", "a key that verifiers take"
    TESTING = "testing", "a key, in test mode"
    REVOKED = "revoked", "an empty key"
    BAD = "bad", "a key that verifiers must not take, or cannot read"
    DANGLING = "dangling", "an alias for a name that has no key"
    UNKNOWN = "unknown", "the DNS gave no definite answer"


class Dane(Vocabulary):
    """Whether the certificates that mail hosts show are those that they publish (RFC 7672)."""

    MATCHED = "matched", "every certificate seen matches"
    PARTLY = "partly", "some match, or are of hosts without TLSA records, and some do not"
    MISMATCHED = "mismatched", "none that was seen matches"
    UNUSABLE = "unusable", "TLSA records, none of which is usable in SMTP: TLS unauthenticated"
    NO_TLS = "no_tls", "TLSA records, and every server that answered gives no TLS"
    UNSEEN = "unseen", "TLSA records, and no certificate was seen: not probed, or no answer"
    UNKNOWN = "unknown", "the TLSA question got no definite answer"
    ABSENT = "absent", "no TLSA records"


class ReportTarget(NamedTuple):
    """One place that DMARC reports are to go to."""

    uri: Annotated[str, "as written, without a limit on size"]
    domain: Annotated[str, "who takes them: the host in it"]
    failures: Annotated[bool, "of ruf: reports on single messages; else of rua, aggregates"]
    consent: Annotated[Consent, "whether they take them"]


class SelectorKey(NamedTuple):
    """A DKIM selector that leads to a key, or did."""

    selector: Annotated[str, "the selector"]
    state: Annotated[KeyState, "what it holds"]
    key_type: Annotated[str | None, "rsa, ed25519, or what the record says; null without a record"]
    bits: Annotated[Int32 | None, "size of the key; null where there is none"]
    operator_id: Annotated[
        str | None, "registered domain of the name that it is an alias for; null if it is none"
    ]
    operator_company: Annotated[str | None, "company of that name by the map, or of the selector"]


class HostDane(NamedTuple):
    """The TLSA records of one mail host and what it shows."""

    host: Annotated[str, "the mail host"]
    dane: Annotated[Dane, "whether they agree"]
    records: Annotated[Int32, "its TLSA records"]
    usable: Annotated[Int32, "of these, those usable in SMTP"]
    seen: Annotated[Int32, "its addresses that showed a certificate"]
    matched: Annotated[Int32, "of these, those whose certificate matches"]
    secure: Annotated[
        bool | None, "whether its addresses and TLSA are validated by DNSSEC; null if not known"
    ]


class HostSts(NamedTuple):
    """A mail host that the MTA-STS policy lists, and what senders make of its certificates."""

    host: Annotated[str, "the mail host"]
    tls: Annotated[StsTls, "whether they take them"]
    seen: Annotated[
        Int32,
        "its addresses that are judged: by a certificate, or because they give no TLS; not where "
        "another host's name was asked for, and the certificate is not this one's",
    ]
    accepted: Annotated[Int32, "of these, those whose certificate senders take"]
    reasons: Annotated[
        tuple[str, ...],
        "why not the others: no_tls, the verdict of certificates, or the word of HostCheck",
    ]


class PolicyFinding(NamedTuple):
    """Something wrong or unwise, and where it stands."""

    policy: Annotated[PolicyKind, "the policy"]
    finding: Annotated[PolicyClass, "its class"]
    name: Annotated[str, "the name whose record it is about"]
    term: Annotated[str, "the words as written, cut at 100; empty for a record as a whole"]


class MailPolicy(NamedTuple):
    """A seed, and what the policies come to that it publishes about its mail.

    DMARC is found by the Public Suffix List (RFC 7489 section 6.6.3) and by the tree walk that
    succeeds it (RFC 9989 section 4.10); columns of the walk end in ``_by_walk``.
    """

    domain: Annotated[str, "the seed"]
    dmarc: Annotated[PolicyState, "whether a DMARC policy applies to it"]
    dmarc_place: Annotated[DmarcPlace | None, "where its record is; null if there is none"]
    dmarc_domain: Annotated[str | None, "the domain whose record that is"]
    dmarc_record: Annotated[str | None, "that record's text"]
    policy: Annotated[Disposition | None, "what applies to mail from the domain itself"]
    subdomain_policy: Annotated[Disposition | None, "what applies to its subdomains"]
    nonexistent_policy: Annotated[
        Disposition | None, "what applies to subdomains that do not exist (RFC 9989)"
    ]
    percent: Annotated[Int32 | None, "pct: part of the failing mail it applies to (RFC 7489)"]
    testing: Annotated[bool | None, "t=y: not to be applied yet (RFC 9989)"]
    strict_dkim: Annotated[bool | None, "adkim=s: the signer must be the very domain"]
    strict_spf: Annotated[bool | None, "aspf=s: the sender must be the very domain"]
    dmarc_by_walk: Annotated[PolicyState, "the same by the tree walk"]
    dmarc_place_by_walk: Annotated[DmarcPlace | None, "where its record is by the tree walk"]
    dmarc_domain_by_walk: Annotated[str | None, "whose record that is by the tree walk"]
    policy_by_walk: Annotated[Disposition | None, "what applies to the domain by the tree walk"]
    organisation_by_walk: Annotated[
        str | None, "its organisational domain by the tree walk; null if a question failed"
    ]
    reports: Annotated[tuple[ReportTarget, ...], "where reports of the record go, rua first"]
    dkim: Annotated[tuple[SelectorKey, ...] | None, "selectors that lead to keys, as asked"]
    mta_sts: Annotated[PolicyState | None, "whether there is an MTA-STS record"]
    mta_sts_id: Annotated[str | None, "its id, which changes with the policy"]
    sts_policy: Annotated[
        StsState | None,
        "whether the policy stands that the record promises; null if none was to be fetched",
    ]
    sts_mode: Annotated[
        StsMode | None, "what the file asks senders to do, whether it stands or not"
    ]
    sts_max_age: Annotated[Int32 | None, "seconds that senders may remember it"]
    sts_mx: Annotated[
        tuple[str, ...] | None, "patterns of mail hosts in the file; null without a file"
    ]
    sts_match: Annotated[
        StsMatch | None,
        "whether these patterns cover the mail hosts; null without patterns or mail hosts",
    ]
    sts_unlisted: Annotated[
        tuple[str, ...] | None, "mail hosts that they do not cover; null as sts_match"
    ]
    sts_tls: Annotated[
        StsTls | None,
        "whether senders take what those hosts show that the patterns cover; null where none of "
        "them was seen",
    ]
    sts_mail_hosts: Annotated[
        tuple[HostSts, ...] | None, "these hosts, as far as they were seen; null as sts_tls"
    ]
    tls_rpt: Annotated[PolicyState | None, "whether there is a TLSRPT record"]
    tls_rpt_uris: Annotated[tuple[str, ...] | None, "where its reports go"]
    bimi: Annotated[PolicyState | None, "whether there is a BIMI record"]
    bimi_logo: Annotated[str | None, "URI of the logo"]
    bimi_evidence: Annotated[str | None, "URI of the certificate for the logo"]
    dane: Annotated[
        Dane | None,
        "of all its mail hosts: matched only if each is; absent if none has records; null if no "
        "host was asked",
    ]
    dane_secure: Annotated[
        bool | None,
        "whether MX, addresses and TLSA of all hosts with records are validated by DNSSEC; "
        "without that no sender heeds them",
    ]
    dane_hosts: Annotated[tuple[HostDane, ...], "its mail hosts that have TLSA records"]
    findings: Annotated[tuple[PolicyFinding, ...], "what is wrong or unwise, errors first"]


class Aspect(Vocabulary):
    """What domains are counted by."""

    SPF = "spf", "verdict of spf_trust"
    SPF_PUBLISHED = "spf_published", "whether it has an SPF record: yes, no or unknown"
    SPF_MISTAKE = "spf_mistake", "finding of spf_trust, errors and warnings"
    DMARC = "dmarc", "place of the record that applies, else its state"
    DMARC_BY_WALK = "dmarc_by_walk", "the same by the tree walk (RFC 9989)"
    DMARC_POLICY = "dmarc_policy", "what applies to the domain itself; `(no policy)` for nothing"
    DMARC_REPORTS = "dmarc_reports", "consent of those who are to have its reports"
    DMARC_MISTAKE = "dmarc_mistake", "finding about DMARC"
    DKIM = "dkim", "states of its selectors; `absent` if none asked for leads to a key"
    DKIM_KEY = "dkim_key", "type and size of its usable keys, as `rsa 2048`"
    DKIM_MISTAKE = "dkim_mistake", "finding about DKIM"
    MTA_STS = "mta_sts", "state of MTA-STS"
    MTA_STS_MISTAKE = "mta_sts_mistake", "finding about MTA-STS"
    STS_POLICY = "sts_policy", "mode of an MTA-STS policy that stands, else its state"
    STS_MATCH = "sts_match", "whether an MTA-STS policy that stands lists the mail hosts"
    STS_TLS = (
        "sts_tls",
        "whether senders take the certificates of mail hosts that a policy that stands lists",
    )
    TLS_RPT = "tls_rpt", "state of TLSRPT"
    TLS_RPT_MISTAKE = "tls_rpt_mistake", "finding about TLSRPT"
    BIMI = "bimi", "state of BIMI"
    BIMI_MISTAKE = "bimi_mistake", "finding about BIMI"
    DANE = "dane", "DANE of its mail hosts, `secure` before it where DNSSEC validates all of it"
    DANE_MISTAKE = "dane_mistake", "finding about DANE"


class PolicyAdoption(NamedTuple):
    """Domains of a cut that have one value of one aspect; a domain may have several."""

    seed_list: SeedList
    rank_cut: RankCut
    tld: Tld
    aspect: Annotated[Aspect, "what is counted by"]
    value: Annotated[str, "a word of that aspect"]
    domains: Annotated[Int64, "domains that have it"]
    share: Annotated[Float64, "of all domains of the cut; from 0 to 1"]


MAIL_POLICIES = Table("mail_policies", MailPolicy, ("domain",), "inference", "a seed domain")
POLICY_ADOPTION = Table(
    "policy_adoption",
    PolicyAdoption,
    ("seed_list", "rank_cut", "tld", "aspect", "value"),
    "inference",
    "a cut of the domains, an aspect of their policies and a value of it",
)
