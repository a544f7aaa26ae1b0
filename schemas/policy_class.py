"""What can be wrong or unwise about a published mail policy: the classes of findings."""

from schemas.vocabulary import Vocabulary


class PolicyKind(Vocabulary):
    """A policy that a domain publishes about its mail."""

    DMARC = "dmarc", "RFC 7489 and its successor, RFC 9989"
    DKIM = "dkim", "keys of DKIM (RFC 6376)"
    MTA_STS = "mta_sts", "RFC 8461"
    TLS_RPT = "tls_rpt", "RFC 8460"
    BIMI = "bimi", "Brand Indicators for Message Identification (draft)"
    DANE = "dane", "TLSA records of mail hosts (RFC 7672)"


class PolicyClass(Vocabulary):
    """Classes of findings; an error makes its record, or what it speaks of, void."""

    MULTIPLE_RECORDS = "multiple_records", "error: more than one record: none of them counts"
    BAD_VERSION = "bad_version", "error: a TXT that begins like the record and is none"
    FOREIGN_TEXT = "foreign_text", "warning: another TXT at the name: misplaced, or a wildcard's"
    UNDECODABLE_TEXT = "undecodable_text", "warning: bytes that are not UTF-8"
    SYNTAX = "syntax", "warning: a piece that is no tag: passed over"
    DUPLICATE_TAG = "duplicate_tag", "warning: a tag again: the first counts"
    UNKNOWN_TAG = "unknown_tag", "warning: a tag that nobody defined: passed over"
    OBSOLETE_TAG = "obsolete_tag", "warning: a tag that the successor dropped (RFC 9989)"
    MISSING_TAG = "missing_tag", "error: a tag that must be there is not"
    BAD_VALUE = "bad_value", "warning: a value that the tag does not have: its default counts"
    BAD_POLICY = "bad_policy", "error: p, sp, np or a mode with a value that it does not have"
    MISPLACED_TAG = "misplaced_tag", "warning: a tag that is to come right behind the version"
    BAD_URI = "bad_uri", "warning: no URI to send to"
    UNUSUAL_SCHEME = "unusual_scheme", "warning: a URI of a scheme that nobody sends reports to"
    SIZE_LIMIT = "size_limit", "warning: a limit on size, which the successor dropped"
    NO_REPORTS = "no_reports", "warning: p=none and nobody to report to: it does nothing"
    WEAKER_SUBDOMAINS = "weaker_subdomains", "warning: subdomains have a weaker policy"
    UNAUTHORISED_REPORTS = (
        "unauthorised_reports",
        "warning: reports to somebody who has not agreed (RFC 7489 section 7.1): none are sent",
    )
    WALK_DIFFERS = (
        "walk_differs",
        "warning: another policy by the tree walk (RFC 9989) than by the Public Suffix List",
    )
    REVOKED_KEY = "revoked_key", "warning: an empty key: revoked"
    DANGLING_KEY = "dangling_key", "warning: an alias for a name that has no key"
    TESTING_KEY = "testing_key", "warning: in test mode: signatures are not to count"
    BAD_KEY = "bad_key", "error: not a key of its type"
    UNKNOWN_KEY_TYPE = "unknown_key_type", "error: neither rsa nor ed25519 (RFC 8463)"
    WEAK_KEY = "weak_key", "error: under 1024 bits: verifiers must refuse it (RFC 8301)"
    SHORT_KEY = "short_key", "warning: under 2048 bits (RFC 8301)"
    WEAK_HASH = "weak_hash", "error: permits only SHA-1, which must not be used (RFC 8301)"
    FOREIGN_SERVICE = "foreign_service", "error: a key for another service than mail"
    BAD_ID = "bad_id", "error: an id that is not 1 to 32 letters and digits"
    BAD_LINE = "bad_line", "error: a line that is no field of the policy"
    BAD_MX_PATTERN = "bad_mx_pattern", "error: an mx that is no host name or *. before one"
    BAD_MAX_AGE = "bad_max_age", "error: a lifetime that is not 0 to 31557600 seconds"
    TOO_LONG = "too_long", "error: longer than 64 KiB"
    NO_POLICY_FILE = "no_policy_file", "error: a record, and no policy that could be fetched"
    UNPROVEN_HOST = (
        "unproven_host",
        "error: a policy over a certificate that is not trusted, or not the policy host's",
    )
    UNLISTED_HOST = "unlisted_host", "error: a mail host that the policy does not list"
    REFUSED_CERTIFICATE = (
        "refused_certificate",
        "error: a listed mail host shows a certificate not trusted or not its own, or gives no TLS",
    )
    NOT_HTTPS = "not_https", "error: a URI that is not https"
    NOT_SVG = "not_svg", "warning: a logo whose name does not end in .svg"
    UNENFORCED = "unenforced", "warning: BIMI needs a DMARC policy that is enforced"
    PKIX_USAGE = "pkix_usage", "warning: certificate usage 0 or 1: unusable in SMTP (RFC 7672)"
    UNKNOWN_PARAMETER = "unknown_parameter", "warning: a usage, selector or type nobody defined"
    BAD_LENGTH = "bad_length", "warning: data that has not the length of its hash"
    NO_MATCH = "no_match", "error: a certificate shown that no TLSA record matches"
    NO_TLS = "no_tls", "error: TLSA records, and a server that gives no TLS"

    @property
    def severity(self) -> str:
        """The word before the colon of its meaning."""
        return self.meaning.partition(": ")[0]
