"""The machine: open files, disk, versions. Nothing leaves it."""

import os
import platform
import resource
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from pyarrow import fs

from pipeline.doctor.check import Check, State
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse
from stages.dns.settings import UdpSettings

_SPARE_FILES = 100
"""For the parts, the log, the tables, and what libraries open for themselves."""
_GIGABYTE = 10**9
_LITTLE, _TOO_LITTLE = 10.0, 1.0
"""Gigabytes."""
_SHOWN = ("duckdb", "pyarrow", "pycares", "uvloop")


def open_files(settings: Settings, nameservers: int) -> Check:
    """Whether the system grants as many descriptors as a crawl may hold at once."""
    udp = UdpSettings()
    sockets = nameservers * udp.sockets + udp.tcp_in_flight
    servers = settings.smtp_in_flight * settings.smtp
    servers += settings.sts_in_flight * settings.sts_policies
    need = servers + sockets + _SPARE_FILES
    # The crawl raises its own limit to the hard one.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= need:
        limit = "no limit" if hard == resource.RLIM_INFINITY else f"{hard:,} allowed"
        return Check("open files", State.OK, f"{limit}, a crawl needs {need:,}")
    return Check(
        "open files",
        State.FAIL,
        f"{hard:,} allowed, a crawl needs {need:,}",
        "raise the hard limit (ulimit -Hn, LimitNOFILE=) or lower smtp_in_flight",
    )


def disk(location: str | None) -> Check:
    """Whether the warehouse can be written to and has room."""
    if location is None:
        return Check("disk", State.UNCHECKED, "no warehouse named", "name it with --warehouse")
    warehouse = Warehouse.at(location)
    if not isinstance(warehouse.filesystem, fs.LocalFileSystem):
        return Check("disk", State.UNCHECKED, f"{location} is not on this machine")
    folder = _existing(Path(warehouse.root))
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Check("disk", State.FAIL, f"cannot write to {folder}", "choose another warehouse")
    free = shutil.disk_usage(folder).free / _GIGABYTE
    found = f"{free:,.1f} GB free at {folder}"
    if free < _LITTLE:
        state = State.FAIL if free < _TOO_LITTLE else State.WARN
        return Check("disk", state, found, "make room, or put the warehouse elsewhere")
    return Check("disk", State.OK, found)


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(each for each in (path, *path.parents) if each.exists())


def versions() -> Check:
    """Whether the libraries are those that the program is made for."""
    wrong = list(_mismatches(requires("mailcensus") or []))
    if wrong:
        return Check("libraries", State.FAIL, "; ".join(wrong), "install mailcensus again")
    shown = ", ".join(f"{name} {version(name)}" for name in _SHOWN)
    return Check("libraries", State.OK, f"Python {platform.python_version()}, {shown}")


def _mismatches(requirements: list[str]) -> Iterator[str]:
    """Requirements that what is installed does not meet."""
    for requirement in map(Requirement, requirements):
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            yield f"{requirement.name} is not installed"
            continue
        if installed not in requirement.specifier:
            yield f"{requirement.name} {installed} is not {requirement.specifier}"
