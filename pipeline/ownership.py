"""Who asks for a key: every key has one owner among the workers, by its hash.

So no key is asked twice, with neither locks nor shared memory; what one worker finds for
another, the other finds in the frontier of its next round. Mail and policy hosts and what they
show are an exception: all belong to the first worker, so that every limit on contacting them holds
over all workers. One core carries several times the connections a second that manners allow.
"""

from typing import NamedTuple

from schemas import CERTIFICATES, SMTP, STS_POLICIES
from schemas.table import Table


class Share(NamedTuple):
    """One worker's part of all keys."""

    worker: int = 0
    workers: int = 1

    def owns(self, table: Table, key: int) -> bool:
        """Whether a key, by its hash, is this worker's."""
        if table in (SMTP, STS_POLICIES, CERTIFICATES):
            return self.worker == 0
        return key % self.workers == self.worker


WHOLE = Share()
"""All keys: the share of a worker that is alone."""
