"""How the wait for a peer ended, and what the system says of a connection that failed.

ending(error) -> (End, detail): the one place where errors of sockets and TLS become ends
"""

import enum
import errno
import os
import ssl


class End(enum.StrEnum):
    """How the wait for something ended."""

    ANSWERED = "answered"  # what was waited for came: a connection, a reply (or garbage), TLS
    TIMEOUT = "timed out"
    CLOSED = "closed by peer"
    REFUSED = "refused"  # the connection
    UNREACHABLE = "unreachable"
    FAILED = "failed"  # the TLS handshake
    FLOODED = "too much data"  # the peer sent more than is read in all


_UNREACHABLE = frozenset(
    {
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.EHOSTDOWN,
        errno.EACCES,  # a firewall of ours
        errno.EPERM,  # same
        errno.EADDRNOTAVAIL,  # no address of that family here
        errno.EAFNOSUPPORT,  # same
    }
)


def ending(error: OSError) -> tuple[End, str | None]:
    """What an error means; raises it again if it is about us: no descriptors, no memory."""
    if isinstance(error, TimeoutError):
        return End.TIMEOUT, None
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return End.CLOSED, str(error)
    if isinstance(error, ssl.SSLError):
        return End.FAILED, error.reason or str(error)
    said = os.strerror(error.errno) if error.errno else str(error)
    if isinstance(error, ConnectionRefusedError):
        return End.REFUSED, said
    if isinstance(error, ConnectionError):
        return End.CLOSED, said
    if error.errno in _UNREACHABLE:
        return End.UNREACHABLE, said
    raise error
