import ssl
from pathlib import Path

import pytest

from tests.servers.certificate import Identity, make_identity


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(Path(tmp_path_factory.mktemp("identity")), "mx.example.net")


@pytest.fixture(scope="session")
def server_tls(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.chain_pem, identity.key_pem)
    return context
