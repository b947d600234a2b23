from collections.abc import Iterator

import pytest

from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.cache.factory import open_cache
from sabiscore.client import Client
from sabiscore.settings import Settings
from tests.api.conftest import load_service, season
from tests.api.fronting import served
from tests.api.serving import on_a_port

__all__ = ["load_service", "season"]


@pytest.fixture(scope="session")
def resources(load_service: LoadService) -> Resources:
    """Those of the service that is asked."""
    return Resources(Settings(), load_service, open_cache)


@pytest.fixture(scope="session")
def address(resources: Resources) -> Iterator[str]:
    """Where it listens."""
    with on_a_port(served(resources, front=True)) as address:
        yield address


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client
