"""The certificate stage: a certificate that a server sent in, its row out."""

from certs.certificate import certificate_row
from certs.trust import TrustStore
from stages.certificates.shown import ShownCertificate
from stages.stage import Emit


class CertificateStage:
    """Reads a certificate and judges it by the chain it came in, at the moment it was sent.

    About half a millisecond of CPU and no IO. A row has the verdict of the sending it was made
    from: who sees a leaf first without its chain needs the intermediate in the store's bundle.
    """

    def __init__(self, trust: TrustStore) -> None:
        self._trust = trust

    async def __call__(self, item: ShownCertificate, /) -> Emit:
        """The row of a certificate; any bytes give one."""
        verdict, reason = self._trust.judge(item.der, item.chain, item.seen)
        return Emit((certificate_row(item.der, item.seen, verdict, reason),))
