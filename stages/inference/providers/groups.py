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


def certificate_groups(
    names: pa.Table, registered: Mapping[str, str], popularity: pa.Table
) -> pa.Table:
    """The group of each certificate: certificate_id, group.

    ``names`` has a row a certificate and name: certificate_id, fqdn; ``registered`` the
    registered domain of each name. ``popularity`` says how many domains' mail one is seen with:
    registered_domain, domains; it may leave out those it is not.
    """
    certificates = pc.dictionary_encode(names["certificate_id"]).combine_chunks()
    fqdns = pc.dictionary_encode(names["fqdn"]).combine_chunks()
    domains = pa.array(map(registered.get, fqdns.dictionary.to_pylist()), pa.string())
    ids, size = certificates.dictionary, len(domains)
    labels = _components(certificates.indices.to_numpy(), fqdns.indices.to_numpy(), len(ids), size)
    ordered = _by_popularity(fqdns.dictionary, domains, popularity)
    rank_of = np.empty(size, np.int64)
    rank_of[ordered] = np.arange(size)
    first = np.full(labels.max(initial=-1) + 1, size, np.int64)
    np.minimum.at(first, labels[len(ids) :], rank_of)
    groups = domains.take(pa.array(ordered[first[labels[: len(ids)]]]))
    return pa.table({"certificate_id": ids, "group": groups})


def _by_popularity(
    fqdns: pa.Array, registered: pa.Array, popularity: pa.Table
) -> npt.NDArray[np.int64]:
    """The places of ``fqdns`` in order: most popular registered domain, then text."""
    known = pc.index_in(registered, popularity["registered_domain"])
    domains = pc.fill_null(popularity["domains"].take(known), 0).combine_chunks()
    table = pa.table({"fqdn": fqdns, "domains": domains})
    order = pc.sort_indices(table, [("domains", "descending"), ("fqdn", "ascending")])
    return np.asarray(order.to_numpy(), np.int64)


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
