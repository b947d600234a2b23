"""Each attack, shortened, on a service that several share: another client is answered all the while."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from benchmarks.abuse import clients, reads
from benchmarks.abuse.clients import ALLOWED
from benchmarks.abuse.probe import ALIVE, STORED, ask
from benchmarks.serving import Service, serving, started

SCALES = {
    "HPACK bomb": 0.05,
    "silent connections": 0.02,
    "asked and reset": 0.04,
    "batches, reset": 0.04,
    "odd keys": 0.02,
    "unknown names": 0.04,
    "cold batches": 0.04,
    "never reads": 0.04,
    "too large": 0.1,
    "odd heads": 0.1,
    "read without end": 0.04,
}
MB = 64.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target() -> AsyncIterator[Service]:
    async with serving(started(settings=ALLOWED)) as running:
        assert [await ask(running.port, STORED) for _ in range(2)] == [200, 200]
        yield running


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.asyncio(loop_scope="module")
async def test_leaves_the_service_as_it_was(target: Service, name: str) -> None:
    [attack] = [each for each in (*clients.ATTACKS, *reads.ATTACKS) if each.name == name]
    before = target.memory()
    await attack.run(target, SCALES[name])
    assert [await ask(target.port, each) for each in (ALIVE, STORED)] == [200, 200]
    assert target.memory() - before < MB
    assert target.log().count("Traceback") == 0
    assert len(target.workers()) == 1
