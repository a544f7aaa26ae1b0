"""What mail hosts showed at the addresses where they were probed.

shown(names, census, port) -> host, address, probed, answers, server_name, chain
"""

from collections.abc import Mapping

import ibis.expr.types as ir

from schemas.outcomes import ProbeOutcome, StartTls

_ANSWERS = [str(outcome) for outcome in ProbeOutcome if outcome.answers]
_UNDECIDED = [str(each) for each in (StartTls.NOT_TRIED, StartTls.TIMEOUT, StartTls.CLOSED)]
"""Ends of STARTTLS that say nothing of the server's TLS: another attempt may go otherwise."""


def shown(names: ir.Table, census: Mapping[str, ir.Table], port: int) -> ir.Table:
    """A row for each of these hosts and each of its addresses that was probed at this port.

    ``names`` has ``host``; ``answers`` says whether the server's word on TLS is definite.
    """
    hosts = census["hosts"].semi_join(names, "host").select("host", "a", "aaaa").cache()
    reached = hosts.select("host", address=hosts.a.concat(hosts.aaaa).unnest()).cache()
    probes = census["smtp"].filter(census["smtp"].port == port)
    probes = probes.mutate(
        answers=probes.outcome.isin(_ANSWERS) & probes.starttls.notin(_UNDECIDED)
    )
    rows = reached.join(probes, "address")
    return rows.select("host", "address", "probed", "answers", "server_name", "chain")
