"""The trust store: roots, known intermediates, and the files that they come from."""

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import certifi

from certs.chain import Link, by_subject
from certs.verdict import Chain, Judgement
from schemas.provenance import Provenance, TableError, file_date, file_sha256, one_line

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")


class TrustStore:
    """Roots that are trusted, and intermediates that are known but must chain to a root."""

    def __init__(
        self,
        roots: Iterable[Link],
        intermediates: Iterable[Link] = (),
        provenance: tuple[Provenance, ...] = (),
    ) -> None:
        self._roots = by_subject(roots)
        self._intermediates = by_subject(intermediates)
        self.provenance = provenance

    @classmethod
    def open(cls, roots: Path | None = None, intermediates: Sequence[Path] = ()) -> "TrustStore":
        """The store of PEM files, gzipped if they end in .gz; certifi's roots if none are given.

        ``TableError`` for a file that holds no certificate. Certificates are parsed when a path
        leads to them, not here.
        """
        trusted = _read(roots or Path(certifi.where()))
        known = [link for path in intermediates for link in _read(path)]
        first = _provenance("roots", roots) if roots else _certifi()
        others = (_provenance("intermediates", path) for path in intermediates)
        return cls(trusted, known, (first, *others))

    def chain(self, sent: Sequence[bytes], at: int) -> Chain:
        """A chain that a server sent, leaf first, to be judged at a moment (us since 1970)."""
        return Chain(self._roots, self._intermediates, sent, at)

    def judge(self, der: bytes, sent: Sequence[bytes], at: int) -> Judgement:
        """The verdict on one certificate of a chain; for several of them take `chain`."""
        return self.chain(sent, at).judge(der)


def _read(path: Path) -> list[Link]:
    """The certificates of a PEM file."""
    try:
        raw = path.read_bytes()
        links = list(_links(gzip.decompress(raw) if path.suffix == ".gz" else raw))
    except (OSError, EOFError, zlib.error, binascii.Error) as error:
        raise TableError(f"certificates {path}: {one_line(error)}") from error
    if not links:
        raise TableError(f"certificates {path}: no PEM certificate in it")
    return links


def _provenance(name: str, path: Path) -> Provenance:
    return Provenance(name, str(path), file_date(path), "file system", file_sha256(path))


def _certifi() -> Provenance:
    """Certifi's roots; its releases are dates: 2026.2.25."""
    own = Path(certifi.where())
    date = "-".join(f"{int(part):02}" for part in certifi.__version__.split(".")[:3])
    source = f"certifi {certifi.__version__}"
    return Provenance("roots", source, date, "package", file_sha256(own))


def _links(pem: bytes) -> Iterator[Link]:
    """The certificates of a PEM text that have an outline."""
    for block in _PEM.findall(pem):
        link = Link.of(base64.b64decode(block))
        if link is not None:
            yield link
