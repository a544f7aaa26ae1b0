"""The shared census opened, and a client that asks without a network."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from pipeline.explore.app import application
from pipeline.explore.catalogue import Catalogue, catalogue
from pipeline.warehouse import Warehouse
from tests.pipeline.conftest import Census

LOCAL = "http://127.0.0.1:8025"


@pytest.fixture(scope="session")
def opened(census: Census) -> Iterator[Catalogue]:
    run = Warehouse.at(str(census.warehouse)).existing(census.run)
    steps: list[str] = []
    with catalogue(run, steps.append) as opened:
        assert steps
        yield opened


@pytest.fixture
def client(opened: Catalogue) -> TestClient:
    return TestClient(application(opened, "127.0.0.1"), base_url=LOCAL, follow_redirects=False)
