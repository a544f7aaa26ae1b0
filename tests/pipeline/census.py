"""Small rows and runs for tests of the engine."""

from pathlib import Path

from pipeline.warehouse import Run, Warehouse
from schemas.hosts import Host
from schemas.outcomes import HostStatus, Outcome
from schemas.query import Query

NOW = 1_790_000_000_000_000
OK = Query(Outcome.OK, 0, 300, 1.5, "127.0.0.1:53", 1, tcp=False)
NODATA = OK._replace(outcome=Outcome.NODATA)


def run_in(folder: Path, run: str = "night") -> Run:
    """A run in a warehouse in that folder."""
    return Warehouse.at(str(folder / "warehouse")).run(run)


def host(name: str, *addresses: str) -> Host:
    """A host row."""
    return Host(
        host=name,
        registered_domain="example.net",
        asked=NOW,
        status=HostStatus.RESOLVED if addresses else HostStatus.NO_ADDRESS,
        a=addresses,
        aaaa=(),
        cname_chain=(),
        a_query=OK if addresses else NODATA,
        aaaa_query=NODATA,
    )
