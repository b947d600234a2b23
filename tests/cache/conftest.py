from collections.abc import AsyncIterator, Iterator

import pytest

from sabiscore.cache.valkey import ValkeyCache, connect

from .hooks import RecordingHook
from .servers import Server

DEADLINE = 0.5
"""Seconds; ten times the default, so that a busy machine is not taken for a dead Valkey."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A Valkey that all tests share and none may harm."""
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def hook() -> RecordingHook:
    return RecordingHook()


@pytest.fixture
async def cache(server: Server, hook: RecordingHook) -> AsyncIterator[ValkeyCache]:
    server.ask("FLUSHALL")
    cache = connect(server.url, ttl=60, timeout=DEADLINE, hook=hook)
    yield cache
    await cache.close()
