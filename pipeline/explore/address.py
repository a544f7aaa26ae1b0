"""The page of an address or a network: whose it is, whose mail goes there, who lets it send."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from pipeline.explore.catalogue import Catalogue
from pipeline.spf.trusts import Trusts, found
from schemas import ADDRESSES, SMTP, SPF_GRANTS, SPF_LINKS, SPF_REACH, SPF_TRUST
from schemas.addresses import Address
from schemas.smtp import Smtp

Network = IPv4Network | IPv6Network

_LISTED = 50
_HOSTS = 20


def network(text: str) -> Network:
    """An address as a network of one, or a network; ValueError for other text."""
    address, slash, length = text.strip().partition("/")
    if "%" in address:
        raise ValueError("an address without a zone is wanted")
    return ip_network(f"{address.strip('[]')}{slash}{length}", strict=False)


def page(catalogue: Catalogue, asked: Network) -> Mapping[str, object]:
    """Values of address.html."""
    single = str(asked.network_address) if asked.num_addresses == 1 else None
    inferred = all(map(catalogue.has, (SPF_GRANTS, SPF_REACH, SPF_LINKS, SPF_TRUST)))
    with catalogue.rows() as rows:
        keys = [single] if single else []
        owner = rows.by_key(ADDRESSES, Address, keys)
        probe = rows.by_key(SMTP, Smtp, keys)
    return {
        "name": single or str(asked),
        "asked": asked,
        "single": single,
        "owner": owner.get(single or ""),
        "probe": probe.get(single or ""),
        "hosts": catalogue.ask(_MAIL, [single, _HOSTS]) if single else [],
        "trusts": _trusts(catalogue, asked) if inferred else None,
        "listed": _LISTED,
    }


def _trusts(catalogue: Catalogue, asked: Network) -> Trusts:
    with catalogue.cursor() as cursor:
        return found(cursor, asked, _LISTED)


_MAIL = """
    SELECT host, coalesce((SELECT domains FROM mail WHERE mx = host), 0) AS domains
    FROM places WHERE address = $1 ORDER BY domains DESC, host LIMIT $2
"""
