"""The frontier: keys that committed rows or the seeds refer to and that have no row yet.

A fresh run is a resume with nothing done. Crash, ^C, reboot: the frontier is what is left.
"""

from collections.abc import Iterator

from pipeline.graph import Reference, References
from pipeline.journal import Journal
from pipeline.keys import KeySet, key_hash
from pipeline.ownership import WHOLE, Share
from pipeline.warehouse import Run
from schemas import CRAWLED, DOMAINS
from schemas.domains import SeedRank
from schemas.table import Table
from stages.dns.stage import Seed

Claims = dict[Table, KeySet]
"""By table: keys that have a row, or that somebody is at work on."""


def committed(journal: Journal, share: Share = WHOLE) -> Claims:
    """Keys of a share that have a committed row."""
    claims = {table: KeySet() for table in CRAWLED}
    for table, keys in claims.items():
        for path in journal.parts(table):
            for batch in journal.run.read(path, list(table.key)):
                columns = [column.to_pylist() for column in batch.columns]
                for parts in zip(*columns, strict=True):
                    key = key_hash(" ".join(map(str, parts)))
                    if share.owns(table, key):
                        keys.add(key)
    return claims


def seed_keys(run: Run) -> KeySet:
    """Hashes of all seeds."""
    keys = KeySet()
    for batch in run.read(run.seeds, ["domain"]):
        for domain in batch.column(0).to_pylist():
            keys.add(key_hash(domain))
    return keys


def frontier(journal: Journal, references: References, seeds_done: KeySet) -> Iterator[Reference]:
    """What committed rows refer to, then the seeds not yet done, as far as that can be told.

    Some have a row all the same: who takes a reference claims it, and learns whether it is new.
    So what streaming found meanwhile is not given twice.
    """
    for edge in references.edges:
        for path in journal.parts(edge.source):
            for batch in journal.run.read(path, [edge.source.key[0], edge.column]):
                yield from references.of_batch(edge, batch)
    owns = references.share.owns
    for batch in journal.run.read(journal.run.seeds, ["domain", "seeds"]):
        for domain, lists in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            key = key_hash(domain)
            if owns(DOMAINS, key) and key not in seeds_done:
                ranks = tuple(SeedRank(each["list"], each["rank"]) for each in lists)
                yield Reference(DOMAINS, domain, Seed(domain, ranks))
