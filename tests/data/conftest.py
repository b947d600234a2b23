import ssl
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from sabiscore.data import catalogue
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import League

from .site import Site


@pytest.fixture(scope="session")
def known() -> Catalogue:
    return catalogue.load()


@pytest.fixture(scope="session")
def premier_league(known: Catalogue) -> League:
    return known.league("E0")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture
async def client(certificates: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    """A client without the 50 ms that reading the certificates takes."""
    async with httpx.AsyncClient(verify=certificates) as running:
        yield running
