"""The certificate stage: a certificate that a server sent in, its row out."""

from certs.certificate import certificate_row
from certs.trust import TrustStore
from certs.verdict import Chain
from stages.certificates.shown import ShownCertificate
from stages.stage import Emit


class CertificateStage:
    """Reads a certificate and judges it by the chain it came in, at the moment it was sent.

    About half a millisecond of CPU and no IO. A row has the verdict of the sending it was made
    from: who sees a leaf first without its chain needs the intermediate in the store's bundle.
    Certificates of one chain come one after the other: the last chain is kept, so that they
    share the work and its bounds.
    """

    def __init__(self, trust: TrustStore) -> None:
        self._trust = trust
        self._sent: tuple[bytes, ...] = ()
        self._chain: Chain | None = None

    async def __call__(self, item: ShownCertificate, /) -> Emit:
        """The row of a certificate; any bytes give one."""
        verdict, reason = self._chain_of(item).judge(item.der)
        return Emit((certificate_row(item.der, item.seen, verdict, reason),))

    def _chain_of(self, item: ShownCertificate) -> Chain:
        if self._chain is None or self._sent is not item.chain:
            self._sent = item.chain
            self._chain = self._trust.chain(item.chain, item.seen)
        return self._chain
