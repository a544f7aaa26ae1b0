"""Registered domains by the Public Suffix List, its private section included (IMC'21).

The list is the one bundled with tldextract; nothing is fetched. Its hash goes into the run's
record, because a verdict depends on it.
"""

import hashlib
from functools import lru_cache
from importlib.resources import files

import tldextract

_EXTRACT = tldextract.TLDExtract(
    cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True
)


@lru_cache(maxsize=1 << 13)  # a census asks for most names once
def registered_domain(name: str) -> str | None:
    """The registered domain of a lower-case name; None for suffixes, addresses and bare labels.

    >>> registered_domain("aspmx.l.google.com"), registered_domain("co.uk")
    ('google.com', None)
    """
    return _EXTRACT(name).top_domain_under_public_suffix or None


def is_handed_out(domain: str) -> bool:
    """Whether a registered domain is had from a company, by the list's private section.

    >>> is_handed_out("shop.github.io"), is_handed_out("github.com")
    (True, False)
    """
    return _EXTRACT(domain).is_private


def suffix_list_sha256() -> str:
    """SHA-256 of the Public Suffix List in use, hex."""
    return hashlib.sha256(files(tldextract).joinpath(".tld_set_snapshot").read_bytes()).hexdigest()
