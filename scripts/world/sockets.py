"""Listening sockets at many loopback addresses and one port."""

import errno
import resource
import socket
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager

_MOST_FILES = 1 << 20
"""Asked for where the system sets no limit."""
_TRIES = 20


def raise_open_files() -> int:
    """The limit of open files of this process, after raising it as far as is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def bind_all(
    addresses: Sequence[str], port: int, stack: ExitStack, *, shared: bool = False
) -> list[socket.socket]:
    """A TCP socket at each address, all at the port or, if it is 0, at one that is free for all.

    Shared: an address may be bound beside the wildcard, and is preferred to it. The stack closes
    the sockets; OSError if the port is taken.
    """
    for _ in range(_TRIES):
        with ExitStack() as attempt:
            try:
                bound = _bind(addresses, port, attempt, shared=shared)
            except OSError as error:
                if port or error.errno != errno.EADDRINUSE:
                    raise
            else:
                stack.push(attempt.pop_all())
                return bound
    raise OSError(errno.EADDRINUSE, f"no port is free at all of {len(addresses)} addresses")


def _bind(
    addresses: Sequence[str], port: int, stack: ExitStack, *, shared: bool
) -> list[socket.socket]:
    bound = []
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        port = sock.getsockname()[1]
        bound.append(sock)
    return bound


@contextmanager
def jammed(sock: socket.socket) -> Generator[None]:
    """While open, connection attempts at the bound socket get no answer at all (Linux).

    A backlog of 0 admits one connection. It is made here and never accepted, so the queue is
    full and the kernel drops every further SYN.
    """
    sock.listen(0)
    with socket.create_connection(sock.getsockname()[:2], timeout=5):
        yield
