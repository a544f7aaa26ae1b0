"""What the SMTP stage hands to the certificate stage."""

import hashlib
from typing import NamedTuple


class ShownCertificate(NamedTuple):
    """One certificate that a server sent, with the company it came in."""

    der: bytes
    chain: tuple[bytes, ...]
    """DER of every certificate as sent in that handshake, leaf first; ``der`` is one of them."""
    seen: int
    """When it was sent, microseconds since 1970 UTC."""

    @property
    def sha256(self) -> str:
        """The key of its row: SHA-256 of the DER, lower-case hex."""
        return hashlib.sha256(self.der).hexdigest()
