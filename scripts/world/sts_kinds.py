"""Kinds of MTA-STS policies behind a record, with what a census is to find."""

from typing import NamedTuple

from scripts.world.model import CertificateState, FileManner


class StsKind(NamedTuple):
    """A policy file, the host that has it and what is wrong with them."""

    weight: int
    body: str
    """{all}: a line for each mail host; {wild}: a wildcard for each; {one}: for the first."""
    outcome: str
    policy: str
    mode: str | None
    lists: str = ""
    """Which mail hosts the file lists: all, one, none; empty: it says of none."""
    findings: tuple[str, ...] = ()
    manner: FileManner = FileManner.SERVE
    state: CertificateState = CertificateState.TRUSTED
    named: str = "{h}"
    """The name in the certificate."""
    there: bool = True
    """Whether the host has an address."""


_HEAD = "version: STSv1\r\nmode: {m}\r\n"
_TAIL = "max_age: 604800\r\n"


def _file(mode: str, lines: str) -> str:
    return _HEAD.replace("{m}", mode) + lines + _TAIL


_ENFORCE = _file("enforce", "{all}")
_EXPIRED, _SELF_SIGNED = CertificateState.EXPIRED, CertificateState.SELF_SIGNED

STS = (
    StsKind(30, _ENFORCE, "ok", "valid", "enforce", "all"),
    StsKind(12, _file("testing", "{wild}"), "ok", "valid", "testing", "all"),
    StsKind(6, _file("none", ""), "ok", "valid", "none"),
    StsKind(6, _file("enforce", "{one}"), "ok", "valid", "enforce", "one"),
    StsKind(6, _file("enforce", "mx: mx.elsewhere.example\n"), "ok", "valid", "enforce", "none"),
    StsKind(
        6, "mode: enforce\n{all}max_age: 9\n", "ok", "void", "enforce", "all", ("bad_version",)
    ),
    StsKind(
        6, _file("forced", "{all}oops\n"), "ok", "void", None, "all", ("bad_line", "bad_policy")
    ),
    StsKind(6, _ENFORCE, "ok", "unproven", "enforce", "all", named="www.{d}"),
    StsKind(6, _ENFORCE, "ok", "unproven", "enforce", "all", state=_EXPIRED),
    StsKind(6, _ENFORCE, "ok", "unproven", "enforce", "all", state=_SELF_SIGNED),
    StsKind(6, _ENFORCE, "client_error", "unavailable", None, manner=FileManner.MISSING),
    StsKind(6, _ENFORCE, "redirect", "unavailable", None, manner=FileManner.REDIRECT),
    StsKind(6, _ENFORCE, "bad_type", "unavailable", None, manner=FileManner.HTML),
    StsKind(6, _ENFORCE, "too_long", "unavailable", None, manner=FileManner.ENDLESS),
    StsKind(6, _ENFORCE, "closed", "unavailable", None, manner=FileManner.BROKEN),
    StsKind(6, _ENFORCE, "no_address", "unavailable", None, there=False),
)
"""By weight; each is drawn only where the record is valid."""
