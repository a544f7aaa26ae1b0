"""The host names that a certificate speaks for (IMC'21)."""

import re
from collections.abc import Iterable

from certs.registered import registered_domain

_LABEL = r"[a-z0-9_*](?:[a-z0-9_*-]{0,61}[a-z0-9_*])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_LONGEST = 253


def host_names(common_name: str | None, dns_names: Iterable[str]) -> tuple[str, ...]:
    """Names under a registered domain: the common name if it has a dot, and the dNSNames.

    Lower-case, without final dot, distinct, sorted; wildcard labels stay. A common name is
    often no host name at all (a company, a mail address), so anything else is left out.

    >>> host_names("Example Mail CA", ["MX1.example.com.", "*.example.com", "localhost"])
    ('*.example.com', 'mx1.example.com')
    """
    candidates = {*dns_names, *([common_name] if common_name and "." in common_name else [])}
    folded = {name.lower().removesuffix(".") for name in candidates}
    return tuple(sorted(name for name in folded if domain_of(name)))


def domain_of(name: str) -> str | None:
    """The registered domain of a lower-case host name, wildcard or not; None if it has none."""
    if len(name) > _LONGEST or not _HOST_NAME.fullmatch(name):
        return None
    first, _, parent = name.partition(".")
    return registered_domain(parent if "*" in first else name)


def registered_domains(names: Iterable[str]) -> tuple[str, ...]:
    """The registered domains of host names, distinct and sorted."""
    return tuple(sorted({domain for name in names if (domain := domain_of(name))}))
