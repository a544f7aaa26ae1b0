"""A dnset of rbldnsd (rbldnsd(8)): a listed domain answers for itself and all below it.

`test` is listed and `invalid` never is (RFC 5782 section 5); an address, as its reversed octets or
nibbles, gets a code of its own. Servers stop answering when the edition is too old.
"""

from collections.abc import Iterator

from schemas.blacklist import BlacklistEntry
from stages.blacklist.edition import NOT_A_DOMAIN, SHADOW_CODE, TEST_CODE, Edition, text

_OCTETS = tuple(map(str, range(256)))
_NIBBLES = tuple("abcdef")


def dnset(edition: Edition) -> Iterator[str]:
    """Lines of the file."""
    servers, made = " ".join(edition.nameservers), edition.made
    stamp = f"{made:%Y:%m:%d:%H:%M:%S}"
    yield f"# {edition.zone}: {len(edition.entries)} domains"
    primary, contact = edition.nameservers[0], edition.contact
    yield f"$SOA {edition.ttl} {primary} {contact} {edition.serial} 1h 15m 7d 5m"
    yield f"$NS {edition.ttl} {servers}"
    yield f"$TTL {edition.ttl}"
    yield f"$TIMESTAMP {stamp} +{edition.valid_days}d"
    test = SHADOW_CODE if edition.shadow else TEST_CODE
    yield f"test :{test}:{edition.zone}: a test entry, always listed"
    yield "!.invalid"
    for label in (*_OCTETS, *_NIBBLES):
        yield f"*.{label} :{NOT_A_DOMAIN}:{edition.zone} lists domains, not addresses"
    for entry in edition.entries:
        yield f".{entry.domain} :{edition.code(entry)}:{_text(edition, entry)}"
    for name in edition.exceptions:
        yield f"!.{name}"


def _text(edition: Edition, entry: BlacklistEntry) -> str:
    """Its text; rbldnsd replaces a dollar sign, so there must be none left."""
    return text(entry, edition.info_url, shadow=edition.shadow).replace("$", "")
