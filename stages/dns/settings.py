"""Settings of the bulk resolver."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UdpSettings:
    """How hard and how patiently to ask."""

    timeout: float = 2.0
    """Seconds to wait for the answer to one attempt."""
    attempts: int = 3
    """Times a question is sent over UDP at most."""
    max_in_flight: int = 4096
    """Questions begun and not answered, over all servers."""
    per_server: int = 1024
    """Questions in flight at one server at most; how many of them is found out, see window."""
    rate: float | None = None
    """Questions a second to one server at most; None for no cap. See public for public ones."""
    sharers: int = 1
    """Processes that ask the same servers; each takes an equal part of a rate cap."""
    sockets: int = 4
    """UDP sockets a server."""
    port_uses: int = 10_000
    """Questions sent by a socket before it is replaced by one with another port."""
    mix_case: bool = True
    """Whether to mix the case of names, which makes answers harder to forge."""
    bench_after: int = 32
    """Failures in a row after which a server is left alone, while another one is not."""
    bench_time: float = 5.0
    """Seconds that it is left alone."""
    tcp_in_flight: int = 64
    """TCP connections at once."""
