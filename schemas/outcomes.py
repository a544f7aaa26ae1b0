"""How things end: the vocabularies of every outcome column."""

from schemas.vocabulary import Vocabulary


class Outcome(Vocabulary):
    """How a DNS question ended, after every retry."""

    OK = "ok", "records of the type asked for"
    NODATA = "nodata", "the name exists, the type does not (RFC 2308)"
    NXDOMAIN = "nxdomain", "no such name (RFC 8020)"
    SERVFAIL = "servfail", "the resolver could not find out"
    REFUSED = "refused", "the resolver would not say"
    RCODE = "rcode", "any other response code; see the rcode column"
    TIMEOUT = "timeout", "no answer, from any server, by UDP or TCP"
    MALFORMED = "malformed", "answers came, none could be read"
    INVALID_NAME = "invalid_name", "not a name that can be asked (RFC 1035 limits)"
    UNREACHABLE = "unreachable", "the network refused to carry the question"
    NOT_ASKED = (
        "not_asked",
        "the question was not put: opted out, or settled by another answer; or an import is silent",
    )
    BUG = "bug", "our own error; the log has the traceback"

    @property
    def transient(self) -> bool:
        """Whether asking again later may give something else."""
        return self in _TRANSIENT

    @property
    def answered(self) -> bool:
        """Whether the DNS gave a definite answer: records, or that there are none."""
        return self in _ANSWERED


_ANSWERED = frozenset({Outcome.OK, Outcome.NODATA, Outcome.NXDOMAIN})
_TRANSIENT = frozenset(
    {Outcome.SERVFAIL, Outcome.REFUSED, Outcome.TIMEOUT, Outcome.MALFORMED, Outcome.UNREACHABLE}
)


class Mail(Vocabulary):
    """What a domain's MX question says about its mail (RFC 5321 section 5.1, RFC 7505)."""

    MX = "mx", "at least one MX record that names an exchange"
    NULL_MX = "null_mx", 'a single "0 .": accepts no mail'
    NO_MX = "no_mx", "no MX record: implicit MX if hosts has an address for the domain itself"
    NXDOMAIN = "nxdomain", "no such domain"
    FAILED = "failed", "the question got no definite answer"
    OPTED_OUT = "opted_out", "on the opt-out list: nothing was asked"
    BUG = "bug", "our own error"


class ExchangeKind(Vocabulary):
    """What an MX record's exchange is, judged by its text alone."""

    HOST = "host", "a host name; its hosts row says where it leads"
    NULL = "null", 'the root, "."'
    IP_LITERAL = "ip_literal", "an address written as if it were a name"
    LOCALHOST = "localhost", "localhost or a name below it, or of localdomain"
    INVALID = "invalid", "not a host name (RFC 1123 section 2.1, underscore allowed)"


class HostStatus(Vocabulary):
    """Where a host name leads."""

    RESOLVED = "resolved", "at least one address that the run may contact"
    RESERVED = "reserved", "only special-purpose addresses, which are never contacted (RFC 6890)"
    NO_ADDRESS = "no_address", "the name exists and has no address: dangling"
    NXDOMAIN = "nxdomain", "no such name: dangling"
    FAILED = "failed", "neither question got a definite answer with an address"
    BUG = "bug", "our own error"


class ProbeOutcome(Vocabulary):
    """How an SMTP dialogue ended."""

    OK = "ok", "banner and EHLO were answered; the starttls column says the rest"
    REFUSED = "refused", "connection refused"
    UNREACHABLE = "unreachable", "no route, or the network said no"
    CONNECT_TIMEOUT = "connect_timeout", "the TCP handshake was not finished in time"
    BANNER_TIMEOUT = "banner_timeout", "connected, then no whole greeting in time"
    EHLO_TIMEOUT = "ehlo_timeout", "greeted, then no whole reply to EHLO in time"
    CLOSED = "closed", "the peer closed or reset; the step column says when"
    BANNER_4XX = "banner_4xx", "a greeting that puts us off (RFC 5321 section 4.2)"
    BANNER_5XX = "banner_5xx", "a greeting that turns us away"
    EHLO_REJECTED = "ehlo_rejected", "neither EHLO nor HELO was accepted"
    BLOCKED = "blocked", "the refusal says that our address is listed, limited or banned"
    GARBAGE = "garbage", "what came is not SMTP, or longer than SMTP allows"
    EARLY_TALK = "early_talk", "the peer spoke out of turn"
    NO_ANSWER = "no_answer", "an imported scan heard nothing and does not say why"
    NOT_PROBED = "not_probed", "not contacted; the detail column says why"
    BUG = "bug", "our own error; the log has the traceback"

    @property
    def transient(self) -> bool:
        """Whether one more try later is worth it (time-outs and 4xx only)."""
        return self in (
            ProbeOutcome.CONNECT_TIMEOUT,
            ProbeOutcome.BANNER_TIMEOUT,
            ProbeOutcome.EHLO_TIMEOUT,
            ProbeOutcome.BANNER_4XX,
        )

    @property
    def blocks(self) -> bool:
        """Whether the server does not want us."""
        return self is ProbeOutcome.BLOCKED

    @property
    def answers(self) -> bool:
        """Whether something that speaks SMTP answered, willing or not."""
        return self in (
            ProbeOutcome.OK,
            ProbeOutcome.BANNER_4XX,
            ProbeOutcome.BANNER_5XX,
            ProbeOutcome.EHLO_REJECTED,
            ProbeOutcome.EHLO_TIMEOUT,
            ProbeOutcome.BLOCKED,
            ProbeOutcome.EARLY_TALK,
        )


class ProbeStep(Vocabulary):
    """The last step of an SMTP dialogue that was begun."""

    NONE = "none", "nothing was sent"
    CONNECT = "connect", "TCP connection"
    BANNER = "banner", "waiting for the greeting"
    EHLO = "ehlo", "EHLO, or HELO after it was not accepted"
    STARTTLS = "starttls", "the STARTTLS command"
    TLS = "tls", "the TLS handshake"
    EHLO_TLS = "ehlo_tls", "EHLO over TLS"
    QUIT = "quit", "saying goodbye"


class StartTls(Vocabulary):
    """How STARTTLS ended (RFC 3207)."""

    NOT_TRIED = "not_tried", "the dialogue ended before EHLO was answered"
    NOT_OFFERED = "not_offered", "EHLO did not list it"
    REFUSED = "refused", "offered, then answered with 4xx or 5xx"
    TLS_FAILED = "tls_failed", "the handshake failed; see tls_error"
    TIMEOUT = "timeout", "no reply to the command or the handshake in time"
    CLOSED = "closed", "the peer closed or reset"
    GARBAGE = "garbage", "the reply to the command is not SMTP"
    INJECTED = "injected", "plain text followed the 220 reply (CVE-2011-0411)"
    OK = "ok", "TLS is up and a certificate was shown"


class Verdict(Vocabulary):
    """Whether a certificate chains to a trusted root, host name not checked."""

    TRUSTED = "trusted", "chains to a trusted root"
    EXPIRED = "expired", "would chain, but its time, or that of one above it, is over"
    NOT_YET_VALID = "not_yet_valid", "would chain, but its time has not come"
    SELF_SIGNED = "self_signed", "its own issuer, and no trusted root"
    UNKNOWN_ISSUER = "unknown_issuer", "no chain to a root from what was sent and known"
    BAD_SIGNATURE = "bad_signature", "the issuer is known and did not sign it"
    INVALID = "invalid", "chains, but breaks a rule; see verdict_reason"
    UNPARSABLE = "unparsable", "not readable as a certificate"
    UNTRUSTED = "untrusted", "an imported scan calls it so; see verdict_reason"
    NOT_JUDGED = "not_judged", "came with more certificates or issuers than honest servers send"
    BUG = "bug", "our own error; the log has the traceback"


class FetchOutcome(Vocabulary):
    """How the fetch of a policy file ended (RFC 8461 section 3.3)."""

    OK = "ok", "status 200 and a whole file of type text/plain"
    NO_ADDRESS = "no_address", "the policy host does not exist, or has no address"
    DNS_FAILED = "dns_failed", "the questions for its addresses got no definite answer"
    RESERVED = "reserved", "only special-purpose addresses, which are never contacted (RFC 6890)"
    REFUSED = "refused", "connection refused"
    UNREACHABLE = "unreachable", "no route, or the network said no"
    CONNECT_TIMEOUT = "connect_timeout", "the TCP handshake was not finished in time"
    TLS_FAILED = "tls_failed", "no TLS of today could be agreed on; the detail column says why"
    TLS_TIMEOUT = "tls_timeout", "connected, then no whole TLS handshake in time"
    TIMEOUT = "timeout", "asked, then no whole answer in time"
    CLOSED = "closed", "the peer closed or reset before the whole answer had come"
    GARBAGE = "garbage", "what came is not HTTP/1.1, or its head is longer than 16 KiB"
    REDIRECT = "redirect", "status 3xx, which is never followed"
    BLOCKED = "blocked", "status 429, or 503 with a time to come back: we ask too often"
    CLIENT_ERROR = "client_error", "any other status 4xx: mostly 404, no such file"
    SERVER_ERROR = "server_error", "any other status 5xx"
    OTHER_STATUS = "other_status", "any other status than 200"
    BAD_TYPE = "bad_type", "a file of another type than text/plain, or packed unasked"
    TOO_LONG = "too_long", "a file longer than 64 KiB; it is not kept"
    NOT_FETCHED = "not_fetched", "not contacted; the detail column says why"
    BUG = "bug", "our own error; the log has the traceback"

    @property
    def transient(self) -> bool:
        """Whether one more try later is worth it (time-outs and errors of servers only)."""
        return self in _TRY_AGAIN

    @property
    def unreached(self) -> bool:
        """Whether another address of the host may do better."""
        return self in _UNREACHED

    @property
    def blocks(self) -> bool:
        """Whether the server does not want us."""
        return self is FetchOutcome.BLOCKED

    @property
    def answers(self) -> bool:
        """Whether something that speaks HTTP answered, willing or not."""
        return self in _ANSWERS


_UNREACHED = frozenset(
    {FetchOutcome.REFUSED, FetchOutcome.UNREACHABLE, FetchOutcome.CONNECT_TIMEOUT}
)
_TRY_AGAIN = frozenset(
    {
        FetchOutcome.DNS_FAILED,
        FetchOutcome.CONNECT_TIMEOUT,
        FetchOutcome.TLS_TIMEOUT,
        FetchOutcome.TIMEOUT,
        FetchOutcome.SERVER_ERROR,
    }
)
_ANSWERS = frozenset(
    {
        FetchOutcome.OK,
        FetchOutcome.REDIRECT,
        FetchOutcome.CLIENT_ERROR,
        FetchOutcome.SERVER_ERROR,
        FetchOutcome.OTHER_STATUS,
        FetchOutcome.BAD_TYPE,
        FetchOutcome.TOO_LONG,
    }
)


class HostCheck(Vocabulary):
    """Whether a certificate is for a host (RFC 9525, DNS-IDs alone: RFC 8461 section 3.3)."""

    MATCHES = "matches", "a dNSName of it, or one of its wildcards, is the host"
    OTHER_NAMES = "other_names", "its names are those of others"
    NO_NAMES = "no_names", "it has no dNSName; the common name does not count"
    WRONG_PURPOSE = "wrong_purpose", "the host's, but not to be shown by servers"
    UNPARSABLE = "unparsable", "its names cannot be read"
    BUG = "bug", "our own error; the log has the traceback"
