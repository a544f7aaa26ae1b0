"""Seed names: any text in, a domain in lower-case A-labels out, or `Rejected` with the reason."""

import re
from ipaddress import ip_interface

import idna

from certs.registered import registered_domain
from stages.seeds.entry import Reason, Rejected

_NAME_MAX, _LABEL_MAX = 253, 63
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}")


def domain(text: str, *, exact: bool) -> str:
    """The registered domain of a name, or the name itself if exact.

    Exact takes any host name with a dot as it is, even a public suffix: gov.uk may have mail.
    """
    name = text.lower() if text.isascii() else _a_labels(text)
    name = name.removesuffix(".")
    if len(name) > _NAME_MAX or not _NAME.fullmatch(name):
        raise Rejected(_reason(name))
    if exact:
        return name
    registered = registered_domain(name)
    if registered is None:
        # Below a suffix anything is registered, below an unknown TLD nothing.
        is_suffix = registered_domain(f"x.{name}") is not None
        raise Rejected(Reason.PUBLIC_SUFFIX if is_suffix else Reason.UNKNOWN_SUFFIX)
    return registered


def _a_labels(text: str) -> str:
    """The name with its labels lower-case and in ASCII (UTS 46, not transitional)."""
    if len(text) > _NAME_MAX:
        raise Rejected(Reason.TOO_LONG)
    try:
        labels = idna.uts46_remap(text, std3_rules=False, transitional=False).split(".")
        return ".".join(
            label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels
        )
    except UnicodeError:
        raise Rejected(Reason.BAD_IDNA) from None


def _reason(name: str) -> Reason:
    """What is wrong with a name that is none."""
    labels = name.split(".")
    if _is_address(name):
        return Reason.ADDRESS
    if len(name) > _NAME_MAX or any(len(label) > _LABEL_MAX for label in labels):
        return Reason.TOO_LONG
    if len(labels) == 1 and re.fullmatch(_LABEL, name):
        return Reason.BARE_LABEL
    return Reason.NOT_A_NAME


def _is_address(name: str) -> bool:
    try:
        ip_interface(name.strip("[]"))
    except ValueError:
        return False
    return True
