"""The proxy's configuration, by the proxy itself."""

import asyncio
import os
import signal

import pytest

from benchmarks.faults.load import Load, fixtures
from benchmarks.proxy import checked, proxied
from benchmarks.serving import serving, started

pytestmark = pytest.mark.proxy

ONE_LOOK = 1.6
"""Seconds in which one look at a server begins and ends unanswered, and no second: "inter" and "timeout check"."""


class TestTheConfiguration:
    def test_is_one_without_a_warning(self) -> None:
        assert checked() == ""


class TestTheLastServer:
    async def test_is_not_given_up_where_it_misses_one_look(self) -> None:
        async with serving(started()) as service, proxied([service.port]) as proxy:
            load = Load(proxy.port, fixtures(1), rate=30.0, connections=60)
            [worker] = service.workers()
            async with load.running():
                os.kill(worker, signal.SIGSTOP)
                await asyncio.sleep(ONE_LOOK)
                os.kill(worker, signal.SIGCONT)
                await asyncio.sleep(ONE_LOOK)
            assert {sample.status for sample in load.samples} == {200}
            assert max(sample.seconds for sample in load.samples) > 1.0
