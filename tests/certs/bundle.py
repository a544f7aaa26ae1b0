"""The real intermediates, for tests that can use them."""

import base64
import gzip
import re
from functools import cache
from pathlib import Path

import pytest

INTERMEDIATES = Path(__file__).parents[3] / "shared" / "data" / "certs" / "intermediates.pem.gz"
needs_bundle = pytest.mark.skipif(
    not INTERMEDIATES.is_file(), reason="needs ../shared/data/certs/intermediates.pem.gz"
)


@cache
def real_ders() -> tuple[bytes, ...]:
    """Every certificate of the bundle."""
    pem = gzip.decompress(INTERMEDIATES.read_bytes())
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----([^-]+)", pem)
    return tuple(base64.b64decode(block) for block in blocks)
