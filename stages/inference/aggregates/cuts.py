"""Cuts of the domains of a run: by seed list, by rank within it, by TLD.

A domain is first counted in the smallest cut that holds it; the larger ones are sums over that,
so that each domain is touched once a list and not once a cut.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schemas.aggregates import ALL_RANKS, ANY, CUTS

_CUTS = ibis.memtable(pa.table({"rank_cut": pa.array(CUTS, pa.int64())}))


def populations(domains: ir.Table) -> ir.Table:
    """domain, seed_list, bucket, tld: a row a domain and list, and one for all lists.

    ``bucket`` is the smallest cut that holds the domain's rank, ``ALL_RANKS`` beyond the largest
    and for domains without rank. ``domains`` is the crawl's table.
    """
    tld = domains.domain.split(".")[-1]
    everyone = domains.select("domain", seed_list=ibis.literal(ANY), bucket=_bucket(None), tld=tld)
    listed = domains.select("domain", tld=tld, seed=domains.seeds.unnest())
    members = listed.select(
        "domain", seed_list=listed.seed["list"], bucket=_bucket(listed.seed["rank"]), tld=listed.tld
    )
    return everyone.union(members)


def _bucket(rank: ir.IntegerValue | None) -> ir.IntegerValue:
    beyond = ibis.literal(ALL_RANKS, "int64")
    if rank is None:
        return beyond
    cases = [(rank <= cut, ibis.literal(cut, "int64")) for cut in CUTS if cut != ALL_RANKS]
    return ibis.cases(*cases, else_=beyond)


def counted(rows: ir.Table, populations: ir.Table, keys: Sequence[str]) -> ir.Table:
    """seed_list, rank_cut, tld, the keys, domains: the weights of the rows, added up by cut.

    ``rows`` has domain, weight and the keys; a domain may have several rows.
    """
    joined = rows.join(populations, "domain")
    small = joined.group_by("seed_list", "bucket", "tld", *keys).agg(domains=joined.weight.sum())
    small = small.cache()
    by_rank = small.group_by("seed_list", "bucket", *keys).agg(domains=small.domains.sum())
    within = by_rank.join(
        _CUTS,
        (_CUTS.rank_cut == ALL_RANKS)
        | ((by_rank.bucket != ALL_RANKS) & (by_rank.bucket <= _CUTS.rank_cut)),
    )
    ranked = within.group_by("seed_list", "rank_cut", *keys).agg(domains=within.domains.sum())
    by_tld = small.group_by("seed_list", "tld", *keys).agg(domains=small.domains.sum())
    columns = ("seed_list", "rank_cut", "tld", *keys, "domains")
    return (
        ranked.mutate(tld=ibis.literal(ANY))
        .select(*columns)
        .union(by_tld.mutate(rank_cut=ibis.literal(ALL_RANKS, "int64")).select(*columns))
    )


def with_share(rows: ir.Table, *within: str) -> ir.Table:
    """``rows`` with the part that each has of the domains of its cut, and of ``within``."""
    total = rows.domains.sum().over(group_by=["seed_list", "rank_cut", "tld", *within])
    return rows.mutate(share=rows.domains / total)
