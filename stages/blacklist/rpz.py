"""A response policy zone: resolvers say that a listed domain, and all below it, does not exist.

In a shadow edition the action is to let it pass, which servers can log. `rpz-test.<zone>` has an
address, so that a resolver shows whether the zone is in force (resolvers answer `test` themselves).
"""

from collections.abc import Iterator

from stages.blacklist.edition import SHADOW_CODE, TEST_CODE, Edition, text

_PASS, _NXDOMAIN = "rpz-passthru.", "."


def rpz(edition: Edition) -> Iterator[str]:
    """Lines of the zone file, names relative to the zone."""
    yield f"$TTL {edition.ttl}"
    yield f"@ SOA {edition.nameservers[0]}. {edition.contact}. {edition.serial} 3600 900 604800 300"
    for server in edition.nameservers:
        yield f"@ NS {server}."
    yield f"rpz-test.{edition.zone} A {SHADOW_CODE if edition.shadow else TEST_CODE}"
    for name in edition.exceptions:
        yield from _both(name, _PASS)
    for entry in edition.entries:
        yield f"; {text(entry, None, shadow=edition.shadow)}"
        yield from _both(entry.domain, _PASS if edition.shadow else _NXDOMAIN)


def _both(name: str, action: str) -> Iterator[str]:
    yield f"{name} CNAME {action}"
    yield f"*.{name} CNAME {action}"
