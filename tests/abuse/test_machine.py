"""Every fault of the machine, shortened, at real services."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from benchmarks.abuse import machine
from benchmarks.abuse.machine import IMPATIENT
from benchmarks.serving import Service, serving, started
from tests.waiting import LONG

SHORT = 0.1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target() -> AsyncIterator[Service]:
    """One service that goes through it all."""
    async with serving(started(workers=2, settings=IMPATIENT, own_bundle=True)) as target:
        yield target


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """How soon things happen is measured where nothing else does."""
    for limit in ("SOON", "GONE_WITHIN", "KILLED_WITHIN", "STOPPED_WITHIN"):
        monkeypatch.setattr(machine, limit, LONG)


@pytest.mark.asyncio(loop_scope="module")
class TestAService:
    async def test_replaces_a_worker_though_the_bundle_on_disk_is_bad(self, target: Service) -> None:
        await machine.kill_with_a_bad_bundle(target, SHORT)

    async def test_serves_on_where_it_is_to_load_a_bad_bundle(self, target: Service) -> None:
        await machine.reload_a_bad_bundle(target, SHORT)

    async def test_loses_no_count_over_a_reload(self, target: Service) -> None:
        await machine.count_over_a_reload(target, SHORT)

    async def test_replaces_a_worker_that_hangs(self, target: Service) -> None:
        await machine.stop_a_worker(target, SHORT)

    async def test_restarts_its_valkey(self, target: Service) -> None:
        await machine.kill_valkey(target, SHORT)

    async def test_makes_its_run_directory_again(self, target: Service) -> None:
        await machine.remove_the_run_directory(target, SHORT)

    async def test_replaces_a_worker_that_dies_twice(self, target: Service) -> None:
        await machine.kill_twice(target, SHORT)

    async def test_that_is_killed_takes_all_it_started_with_it(self, target: Service) -> None:
        await machine.kill_the_parent(target, SHORT)

    async def test_stops_as_soon_as_it_is_told(self, target: Service) -> None:
        await machine.stop_at_once(target, SHORT / 10)

    async def test_runs_once_where_two_are_started_together(self, target: Service) -> None:
        await machine.start_twins(target, SHORT)
