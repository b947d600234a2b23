from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import pytest

from benchmarks.faults.servers import Server
from sabiscore.cache.factory import connect
from sabiscore.cache.protocol import Cache
from tests.clocks import Hand

from .entries import LIFETIME
from .hooks import RecordingHook

DEADLINE = 5.0
"""Seconds; a hundred times the default, so that a busy machine is not taken for a dead Valkey."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A Valkey that all tests share and none may harm."""
    server = Server()
    yield server
    server.kill()


@pytest.fixture(scope="package")
def victim() -> Iterator[Server]:
    """A Valkey that may be hurt; each test leaves it running."""
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def hook() -> RecordingHook:
    return RecordingHook()


class Opening(Protocol):
    def __call__(self, url: str, timeout: float = DEADLINE) -> Cache:
        """The cache at ``url``, closed when the test ends."""


@pytest.fixture
async def open_at(hook: RecordingHook) -> AsyncIterator[Opening]:
    opened: list[Cache] = []

    def open_one(url: str, timeout: float = DEADLINE) -> Cache:
        opened.append(connect(url, lifetime=LIFETIME, timeout=timeout, hook=hook))
        return opened[-1]

    yield open_one
    for cache in opened:
        await cache.close()


@pytest.fixture
async def cache(server: Server, open_at: Opening) -> Cache:
    server.ask("FLUSHALL")
    return open_at(server.url)
