"""Certificate groups: names that one party must hold, since they share certificates (IMC'21).

The names of one certificate belong together, and so do two certificates with a name in common;
a registered domain in common is not enough. A group is called after the registered domain of
one of its names: the one whose registered domain most domains' mail is seen with, the first
in alphabetical order where several are. Nothing depends on the order of the rows.

A wildcard is a name of its own: ``*.example.com`` and ``mx.example.com`` meet only on a
certificate that has both, as in the paper's tool.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from certs.registered import registered_domain

GROUP_SCHEMA = pa.schema([("sha256", pa.string()), ("group", pa.string())])


def certificate_groups(names: pa.Table, popularity: Mapping[str, int]) -> pa.Table:
    """The group of each certificate, as ``GROUP_SCHEMA``.

    ``names`` has a row a certificate and name: sha256, fqdn. ``popularity`` says how many
    domains' mail a registered domain is seen with; it may leave out those it is not.
    """
    certificates = pc.dictionary_encode(names["sha256"]).combine_chunks()
    fqdns = pc.dictionary_encode(names["fqdn"]).combine_chunks()
    shas, texts = certificates.dictionary, fqdns.dictionary.to_pylist()
    labels = _components(
        certificates.indices.to_numpy(), fqdns.indices.to_numpy(), len(shas), len(texts)
    )
    ordered = sorted((-popularity.get(_registered(text), 0), text) for text in texts)
    rank_of = {text: rank for rank, (_, text) in enumerate(ordered)}
    ranks = np.array([rank_of[text] for text in texts], np.int64)
    first = np.full(labels.max(initial=-1) + 1, len(texts), np.int64)
    np.minimum.at(first, labels[len(shas) :], ranks)
    groups = [_registered(ordered[rank][1]) for rank in first[labels[: len(shas)]]]
    return pa.table([shas, pa.array(groups, pa.string())], schema=GROUP_SCHEMA)


def _components(
    certificates: npt.NDArray[np.int32],
    fqdns: npt.NDArray[np.int32],
    certificate_count: int,
    fqdn_count: int,
) -> npt.NDArray[np.int32]:
    """Component of every certificate, then of every name: they are the nodes of one graph."""
    size = certificate_count + fqdn_count
    edges = np.ones(len(certificates), np.int8)
    graph = coo_array((edges, (certificates, fqdns + certificate_count)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1])


def _registered(fqdn: str) -> str:
    """The registered domain of a name; the name itself should the suffix list have it by now."""
    return registered_domain(fqdn.removeprefix("*.")) or fqdn
