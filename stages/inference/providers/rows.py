"""Rows of mx_providers: what is known of a host, beside each domain whose mail goes there.

Hosts are few and their lists of evidence wide, so they are made once a host, in Arrow, and put
beside the domains as the rows are read. Rows come in the order of hosts: what is copied is at
hand, and equal values lie together in the file.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.mx_providers import MX_PROVIDERS, Source
from stages.inference.providers.evidence import Said
from stages.inference.providers.exchanges import Exchanges

_BATCH = 100_000
_EVIDENCE = [field.name for field in MX_PROVIDERS.schema.field("evidence").type.value_type]
_DOUBTS = ("flags", "hint_id")
"""What depends on whether the id is the domain's own."""
_OF_HOST = (
    "host_id", "tls_id", "banner_id", "mx_id", "provider_id", "source", "confidence", "company",
    "operator_id", "probability", "own_flags", "own_hint_id", "other_flags", "other_hint_id",
)  # fmt: skip


def host_rows(
    hosts: ir.Table, found: Exchanges, said: Mapping[Source, Said], sha256: ir.Table
) -> pa.Table:
    """``hosts``, in order of host_id, with mx, addresses and evidence.

    ``sha256`` has those of certificates: certificate_id, sha256.
    """
    hosts = hosts.select(*_OF_HOST).join(found.hosts.select("host_id", mx="host"), "host_id")
    rows = hosts.order_by("host_id").to_pyarrow().combine_chunks()
    live = found.live.join(found.addresses, "address_id").order_by("host_id", "address")
    live = live.select("host_id", "address").to_pyarrow()
    pieces, evidence = _evidence(said, sha256)
    ids = rows["host_id"].to_numpy()
    rows = rows.append_column("addresses", _lists(ids, live["host_id"], live["address"]))
    return rows.append_column("evidence", _lists(ids, pieces, evidence))


def _evidence(
    said: Mapping[Source, Said], sha256: ir.Table
) -> tuple[pa.ChunkedArray, pa.StructArray]:
    """host_id, ascending, and the piece of evidence."""
    claims: list[pa.Table] = []
    pieces: list[ir.Table] = []
    for source, one in said.items():
        start = sum(map(len, claims))
        pieces.append(one.pieces.mutate(claim_id=one.pieces.claim_id + start))
        table = one.claims.order_by("claim_id").to_pyarrow()
        claims.append(table.append_column("source", pa.repeat(str(source), len(table))))
    rows = ibis.union(*pieces).order_by("host_id", "claim_id").to_pyarrow()
    certificates = sha256.order_by("certificate_id").to_pyarrow()["sha256"]
    fields = pa.concat_tables(claims).take(rows["claim_id"])
    fields = fields.append_column("certificate", certificates.take(rows["certificate_id"]))
    fields = fields.append_column("addresses", rows["addresses"])
    return rows["host_id"], fields.select(_EVIDENCE).to_struct_array().combine_chunks()


def _lists(
    ids: npt.NDArray[np.int64], of: pa.ChunkedArray, values: pa.ChunkedArray | pa.Array
) -> pa.ListArray:
    """The values of each id as a list; ``of``, ascending as ``ids`` are, says whose they are."""
    starts = np.searchsorted(of.to_numpy(), ids).astype(np.int32)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return pa.ListArray.from_arrays(np.append(starts, np.int32(len(values))), values)


def by_domain(
    seeds: ir.Table, chosen: ir.Table, hosts: pa.Table, version: str
) -> pa.RecordBatchReader:
    """mx_providers, to be read once; ``hosts`` as of ``host_rows``, ``version`` of the rules."""
    rows = seeds.join(chosen, "mail_set").drop("mail_set").order_by("host_id")
    batches = (
        batch
        for mail in rows.to_pyarrow_batches(chunk_size=_BATCH)
        for batch in _beside(mail, hosts, version).to_batches()
    )
    return pa.RecordBatchReader.from_batches(MX_PROVIDERS.schema, batches)


def _beside(mail: pa.RecordBatch, hosts: pa.Table, version: str) -> pa.Table:
    """Rows of mx_providers; ``mail`` has domain, registered_domain, host_id, preference, weight."""
    known = hosts.take(pa.array(np.searchsorted(hosts["host_id"], mail["host_id"])))
    own = pc.fill_null(pc.equal(known["provider_id"], mail["registered_domain"]), False)  # noqa: FBT003
    columns = {name: table[name] for table in (known, mail) for name in table.column_names}
    for name in _DOUBTS:
        columns[name] = pc.if_else(own, known[f"own_{name}"], known[f"other_{name}"])
    columns["rules_version"] = pa.repeat(version, len(mail))
    names = MX_PROVIDERS.schema.names
    return pa.table({name: columns[name] for name in names}).cast(MX_PROVIDERS.schema)
