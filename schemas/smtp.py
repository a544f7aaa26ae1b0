"""smtp: what a mail server said to a client that sends no mail."""

from typing import Annotated, NamedTuple

from schemas.outcomes import ProbeOutcome, ProbeStep, StartTls
from schemas.table import Float32, Int16, Int32, Micros, Table


class Timings(NamedTuple):
    """Milliseconds that each step took; null where it was not reached or not finished."""

    connect_ms: Annotated[Float32 | None, "TCP handshake"]
    banner_ms: Annotated[Float32 | None, "from connection to the end of the greeting"]
    ehlo_ms: Annotated[Float32 | None, "EHLO to the end of its reply"]
    starttls_ms: Annotated[Float32 | None, "STARTTLS command to the end of its reply"]
    tls_ms: Annotated[Float32 | None, "TLS handshake"]
    total_ms: Annotated[Float32 | None, "the whole dialogue"]


class Smtp(NamedTuple):
    """One probe of one address."""

    address: Annotated[str, "IP address probed; key of addresses"]
    port: Annotated[Int32, "TCP port probed"]
    probed: Annotated[Micros, "when the connection was opened"]
    attempts: Annotated[Int16, "connections made; more than one only after a time-out or 4xx"]
    outcome: Annotated[ProbeOutcome, "how the dialogue ended"]
    step: Annotated[ProbeStep, "last step begun"]
    detail: Annotated[str | None, "what the system or the peer said of a failure"]
    banner: Annotated[str | None, "greeting, all lines; undecodable bytes as \\xNN"]
    banner_raw: Annotated[bytes | None, "greeting as received, line ends included"]
    ehlo: Annotated[str | None, "reply to the first EHLO (or HELO), all lines"]
    ehlo_raw: Annotated[bytes | None, "that reply as received"]
    extensions: Annotated[
        tuple[str, ...], "keyword lines of that reply (RFC 5321 section 4.1.1.1), as sent"
    ]
    ehlo_tls_raw: Annotated[bytes | None, "reply to the EHLO after STARTTLS, as received"]
    software: Annotated[
        str | None,
        "mail software that banner or EHLO names, by its product's name, by a keyword of its own "
        "or by the host of a service that runs nothing else; null if the server is silent",
    ]
    software_version: Annotated[str | None, "its version where a line states it"]
    starttls: Annotated[StartTls, "how STARTTLS ended"]
    tls_error: Annotated[str | None, "reason of a failed handshake, OpenSSL's where it is one"]
    tls_version: Annotated[str | None, "as OpenSSL names it: TLSv1.2, TLSv1.3"]
    cipher: Annotated[str | None, "cipher suite as OpenSSL names it"]
    server_name: Annotated[
        str | None, "name sent in the TLS hello (SNI): the host the address was reached by"
    ]
    chain: Annotated[
        tuple[str, ...], "SHA-256 of each certificate sent, leaf first; keys of certificates"
    ]
    timings: Annotated[Timings, "how long each step took"]


SMTP = Table("smtp", Smtp, ("address", "port"), "smtp", "an address and port of a mail host")
