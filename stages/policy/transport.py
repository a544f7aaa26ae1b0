"""Policies about TLS on the way: MTA-STS (RFC 8461) and TLSRPT (RFC 8460). Sans IO.

    mta_sts(records)     -> MtaSts: the id that stands at _mta-sts
    policy_host(domain)  -> the name of the host that has the file
    sts_policy(bytes)    -> StsPolicy: the file at https://mta-sts.DOMAIN/.well-known/mta-sts.txt
    tls_rpt(records)     -> TlsRpt: where reports go

Of the TXT records of a name those that begin with the version count; they must be exactly one.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.mail_policies import StsMode
from schemas.policy_class import PolicyClass
from stages.policy.fault import Fault, fault
from stages.policy.reports import ReportUri, read_uris
from stages.policy.tags import read_tags

_STS = re.compile(rb"[ \t]*v[ \t]*=[ \t]*STSv1[ \t]*(?:;|$)")
_RPT = re.compile(rb"[ \t]*v[ \t]*=[ \t]*TLSRPTv1[ \t]*(?:;|$)")
_ALMOST_STS, _ALMOST_RPT = (
    re.compile(rb"v[ \t]*=[ \t]*sts", re.IGNORECASE),
    re.compile(rb"v[ \t]*=[ \t]*tls", re.IGNORECASE),
)
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_PATTERN = re.compile(
    r"(?:\*\.)?(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?",
    re.IGNORECASE,
)
_LONGEST_FILE = 1 << 16
_LONGEST_AGE = 31_557_600  # section 3.2
_LINE = re.compile(r"\r?\n")
_FIELD = re.compile(r"([a-z0-9][a-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*", re.IGNORECASE)


class MtaSts(NamedTuple):
    """What stands at _mta-sts."""

    id: str | None
    """None where there is no policy to be fetched."""
    faults: tuple[Fault, ...]


class StsPolicy(NamedTuple):
    """A policy file; a fault that is an error makes it void."""

    mode: StsMode | None
    mx: tuple[str, ...]
    """Host names, lower-case, ``*.`` before some."""
    max_age: int | None
    """Seconds."""
    faults: tuple[Fault, ...]


class TlsRpt(NamedTuple):
    """What stands at _smtp._tls."""

    uris: tuple[ReportUri, ...]
    """None of them: no reports."""
    faults: tuple[Fault, ...]


def mta_sts(records: Sequence[bytes]) -> MtaSts:
    """The record of a domain (section 3.1)."""
    record, faults = only(records, _STS, _ALMOST_STS)
    if record is None:
        return MtaSts(None, faults)
    found = read_tags(record)
    written = found.tags.get("id")
    if written is None:
        found.complain(PolicyClass.MISSING_TAG, "id")
    elif not _ID.fullmatch(written):
        found.complain(PolicyClass.BAD_ID, f"id={written}")
        written = None
    return MtaSts(written, (*faults, *found.faults))


def policy_host(domain: str) -> str:
    """The name of the host of a domain's policy (section 3.3)."""
    return f"mta-sts.{domain}"


def tls_rpt(records: Sequence[bytes]) -> TlsRpt:
    """The record of a domain (section 3)."""
    record, faults = only(records, _RPT, _ALMOST_RPT)
    if record is None:
        return TlsRpt((), faults)
    found = read_tags(record)
    uris = read_uris(found, "rua", ("mailto", "https")) if "rua" in found.tags else ()
    if not uris:
        found.complain(PolicyClass.MISSING_TAG, "rua")
    return TlsRpt(uris, (*faults, *found.faults))


def only(
    records: Iterable[bytes], version: re.Pattern[bytes], almost: re.Pattern[bytes]
) -> tuple[bytes | None, tuple[Fault, ...]]:
    """The one record of a version, and what is wrong with the TXT of the name."""
    found, faults = [], []
    for record in records:
        if version.match(record):
            found.append(record)
        else:
            near = almost.search(record)
            finding = PolicyClass.BAD_VERSION if near else PolicyClass.FOREIGN_TEXT
            faults.append(fault(finding, record.decode(errors="backslashreplace")))
    if len(found) > 1:
        return None, (Fault(PolicyClass.MULTIPLE_RECORDS), *faults)
    return found[0] if found else None, tuple(faults)


def sts_policy(data: bytes) -> StsPolicy:
    """The file of a policy (section 3.2); fields that nobody defined are passed over."""
    faults = [Fault(PolicyClass.TOO_LONG)] if len(data) > _LONGEST_FILE else []
    fields: dict[str, str] = {}
    patterns: list[str] = []
    text = data[:_LONGEST_FILE].decode(errors="backslashreplace")
    for line in filter(str.strip, _LINE.split(text)):
        match = _FIELD.fullmatch(line)
        if match is None:
            faults.append(fault(PolicyClass.BAD_LINE, line))
        elif match[1] == "mx":
            patterns.append(match[2])
        elif match[1] in fields:
            faults.append(fault(PolicyClass.DUPLICATE_TAG, line))
        else:
            fields[match[1]] = match[2]
    if fields.get("version") != "STSv1":
        faults.append(fault(PolicyClass.BAD_VERSION, fields.get("version", "")))
    mode = _mode(fields, faults)
    faults += [
        fault(PolicyClass.BAD_MX_PATTERN, each) for each in patterns if not _PATTERN.fullmatch(each)
    ]
    if not patterns and mode is not StsMode.NONE:
        faults.append(Fault(PolicyClass.MISSING_TAG, "mx"))
    mx = tuple(
        dict.fromkeys(e.lower().removesuffix(".") for e in patterns if _PATTERN.fullmatch(e))
    )
    return StsPolicy(mode, mx, _max_age(fields, faults), tuple(faults))


def _mode(fields: dict[str, str], faults: list[Fault]) -> StsMode | None:
    if "mode" not in fields:
        faults.append(Fault(PolicyClass.MISSING_TAG, "mode"))
        return None
    try:
        return StsMode(fields["mode"])
    except ValueError:
        faults.append(fault(PolicyClass.BAD_POLICY, f"mode: {fields['mode']}"))
        return None


def _max_age(fields: dict[str, str], faults: list[Fault]) -> int | None:
    text = fields.get("max_age")
    if text is None:
        faults.append(Fault(PolicyClass.MISSING_TAG, "max_age"))
    elif re.fullmatch(r"[0-9]{1,10}", text) and int(text) <= _LONGEST_AGE:
        return int(text)
    else:
        faults.append(fault(PolicyClass.BAD_MAX_AGE, text))
    return None
