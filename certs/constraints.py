"""Name constraints (RFC 5280 section 4.2.1.10): for which names a CA may issue.

Host names and directory names are held to them. Constraints on mail addresses, IP addresses and
URIs say nothing about the names that the census reads, and are passed over.
"""

from collections.abc import Iterable, Sequence

from cryptography import x509

from certs.chain import Link
from certs.der import dns_names
from certs.names import host_names

_Rdn = frozenset[tuple[str, str]]


def forbidden_host(constraints: x509.NameConstraints, leaf: Link) -> str | None:
    """The first host name of a leaf that constraints on it forbid."""
    permitted = [tree.value for tree in _trees(constraints.permitted_subtrees, x509.DNSName)]
    excluded = [tree.value for tree in _trees(constraints.excluded_subtrees, x509.DNSName)]
    for name in _hosts(leaf):
        if permitted and not any(_within(name, tree) for tree in permitted):
            return name
        if any(_within(name, tree) for tree in excluded):
            return name
    return None


def forbids_subject(constraints: x509.NameConstraints, link: Link) -> bool:
    """Whether constraints on a certificate forbid its subject; the empty one is always free."""
    subject = _rdns(link.certificate.subject)
    names = x509.DirectoryName
    permitted = [_rdns(tree.value) for tree in _trees(constraints.permitted_subtrees, names)]
    excluded = [_rdns(tree.value) for tree in _trees(constraints.excluded_subtrees, names)]
    if not subject:
        return False
    out = bool(permitted) and not any(subject[: len(tree)] == tree for tree in permitted)
    return out or any(subject[: len(tree)] == tree for tree in excluded)


def _trees(
    subtrees: Iterable[x509.GeneralName] | None, kind: type[x509.GeneralName]
) -> list[x509.GeneralName]:
    return [tree for tree in subtrees or () if isinstance(tree, kind)]


def _hosts(leaf: Link) -> Sequence[str]:
    common_names = leaf.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    common_name = str(common_names[-1].value) if common_names else None
    return [name.removeprefix("*.") for name in host_names(common_name, dns_names(leaf.outline))]


def _within(name: str, tree: str) -> bool:
    """Whether a host name is that of the tree or below it; the empty tree holds all."""
    base = tree.lower().strip(".")
    return not base or name == base or name.endswith("." + base)


def _rdns(name: x509.Name) -> list[_Rdn]:
    """A name for comparison: letter case does not count (RFC 5280 section 7.1)."""
    return [
        frozenset((part.oid.dotted_string, str(part.value).casefold()) for part in rdn)
        for rdn in name.rdns
    ]
