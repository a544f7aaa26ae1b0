"""The server: a socket of this machine, and the application behind it."""

import socket
from contextlib import closing, suppress
from ipaddress import ip_address

import uvicorn

from pipeline.errors import ConfigError
from pipeline.explore.app import application
from pipeline.explore.catalogue import Catalogue


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; ConfigError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host} port {port}: {error.strerror}") from error


def address(bound: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = bound.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def serve(catalogue: Catalogue, bound: socket.socket, host: str) -> None:
    """Answer until told to stop."""
    config = uvicorn.Config(
        application(catalogue, host),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    with closing(bound), suppress(KeyboardInterrupt):  # uvicorn raises ^C again when it is done
        uvicorn.Server(config).run(sockets=[bound])
