"""Every fault of the machine, shortened, at real services."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.abuse import machine
from benchmarks.abuse.machine import IMPATIENT
from benchmarks.abuse.measure import Attack, measure
from benchmarks.abuse.target import Target, serving

SHORT = 0.1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target() -> AsyncIterator[Target]:
    """One service that goes through it all."""
    async with serving(workers=2, settings=IMPATIENT, own_bundle=True) as target:
        yield target


@pytest.mark.asyncio(loop_scope="module")
class TestAService:
    async def test_replaces_a_worker_though_the_bundle_on_disk_is_bad(self, target: Target) -> None:
        await machine.kill_with_a_bad_bundle(target, SHORT)

    async def test_serves_on_where_it_is_to_load_a_bad_bundle(self, target: Target) -> None:
        await machine.reload_a_bad_bundle(target, SHORT)

    async def test_loses_no_count_over_a_reload(self, target: Target) -> None:
        await machine.count_over_a_reload(target, SHORT)

    async def test_replaces_a_worker_that_hangs(self, target: Target) -> None:
        await machine.stop_a_worker(target, SHORT)

    async def test_restarts_its_valkey(self, target: Target) -> None:
        await machine.kill_valkey(target, SHORT)

    async def test_makes_its_run_directory_again(self, target: Target) -> None:
        await machine.remove_the_run_directory(target, SHORT)


class TestAnother:
    async def test_is_replaced_twice_without_an_outage_to_those_who_ask(self) -> None:
        attack = Attack("twice", machine.kill_twice, grows=100, outage=2.0, p99=3000)
        row = await measure(attack, workers=2, scale=SHORT)
        assert row.shortfalls == ()

    async def test_takes_all_it_started_with_it_and_stops_as_soon_as_it_is_told(self) -> None:
        nobody = Target(await asyncio.create_subprocess_exec("true"), Path(), 0)
        assert await machine.kill_the_parent(nobody, SHORT)
        assert await machine.stop_at_once(nobody, SHORT)
        assert await machine.start_twins(nobody, SHORT)
