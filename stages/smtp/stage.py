"""The SMTP stage: an address in, its row out and the certificates it showed. Glue."""

import time

from schemas.outcomes import ProbeOutcome
from schemas.smtp import Smtp
from stages.certificates.shown import ShownCertificate
from stages.smtp.dialogue import Dialogue, Target
from stages.smtp.probe import Prober
from stages.smtp.record import row_of
from stages.stage import Emit

__all__ = ["SmtpStage", "Target"]


class SmtpStage:
    """Probes each target once; trying again is the runner's."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober

    async def __call__(self, item: Target, /) -> Emit:
        """One row, and one item for each distinct certificate of the chain sent."""
        dialogue = await self._prober.probe(item)
        chain = dialogue.handshake.chain if dialogue.handshake else ()
        shown = tuple(ShownCertificate(der, chain, dialogue.probed) for der in dict.fromkeys(chain))
        return Emit(rows=(row_of(dialogue),), next=shown)

    def left_alone(self, item: Target, why: str, /) -> Emit:
        """The row of an address that is not contacted, and why."""
        return Emit((row_of(Dialogue(item, time.time_ns() // 1000, ()))._replace(detail=why),))

    def outcome(self, result: Emit, /) -> ProbeOutcome:
        """How the server took it."""
        (row,) = result.rows
        assert isinstance(row, Smtp)
        return row.outcome
