"""The crawl, from the command to the last commit.

Rounds of the frontier until it is empty: the first round streams the seeds, a second one
finds what streaming could not see (and normally nothing).
"""

import asyncio
import enum
import fcntl
import logging
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from pyarrow import fs

from pipeline.display import Display
from pipeline.errors import ConfigError
from pipeline.frontier import committed, frontier, seed_keys
from pipeline.graph import References
from pipeline.instruments import (
    Tables,
    check_identity,
    check_nameservers,
    nameservers,
    nodes,
    open_resolver,
    open_prober,
    open_tables,
)
from pipeline.journal import Journal
from pipeline.progress import Progress
from pipeline.record import Record, check_resumable, new_record
from pipeline.runner import Runner
from pipeline.seeding import fold, sources_of
from pipeline.settings import Settings
from pipeline.sink import Sink
from pipeline.status import write_status
from pipeline.warehouse import Run

_LOG = logging.getLogger(__name__)
_TICK = 0.25
_STATUS_SECONDS = 2.0
