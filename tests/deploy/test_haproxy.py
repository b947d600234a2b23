"""The proxy's configuration, by the proxy itself."""

import asyncio
import os
import signal
import uuid

import httpx
import msgspec
import pytest

from benchmarks.faults.load import Load, fixtures
from benchmarks.proxy import Proxy, checked, proxied
from benchmarks.serving import serving, started
from sabiscore.api import problems
from sabiscore.api.problems import Kind
from sabiscore.api.schemas import Problem
from tests.api.asking import BODY, JSON, PREDICT
from tests.telemetry.scrapes import value
from tests.waiting import LONG

pytestmark = pytest.mark.proxy

THREE = "3"

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


class TestAClientThatLeaves:
    async def test_costs_the_service_nothing_while_it_waits_at_the_proxy(self) -> None:
        async with (
            serving(started()) as service,
            proxied([service.port], single="1", queue=f"{LONG:.0f}s") as proxy,
        ):
            [worker] = service.workers()
            os.kill(worker, signal.SIGSTOP)
            first, waits = asyncio.create_task(asked(proxy)), asyncio.create_task(asked_later(proxy))
            await asyncio.sleep(0.5)
            waits.cancel()
            await asyncio.wait([waits])
            last = asyncio.create_task(asked_later(proxy))
            await asyncio.sleep(0.3)
            os.kill(worker, signal.SIGCONT)
            assert {(await first).status_code, (await last).status_code} == {200}
            told = await asyncio.to_thread(service.http.get, "/metrics")
        answered = value(told.content, "prediction_requests_total", result="ok", route="predict", worker="0")
        assert answered == 2


class TestARefusal:
    async def test_says_that_an_address_asked_for_too_much(self) -> None:
        async with serving(started()) as service, proxied([service.port], requests=THREE) as proxy:
            *answered, refused = [await asked(proxy) for _ in range(int(THREE) + 1)]
        assert {each.status_code for each in answered} == {200}
        assert_refused(refused, problems.RATE_LIMITED, after="10")

    async def test_says_nothing_to_who_was_told_a_whole_time_over(self) -> None:
        async with serving(started()) as service, proxied([service.port], requests=THREE) as proxy:
            told = [(await asked(proxy)).status_code for _ in range(2 * int(THREE) + 1)]
            with pytest.raises(httpx.NetworkError):
                await asked(proxy)
        assert told == [200] * int(THREE) + [429] * (int(THREE) + 1)

    async def test_says_that_no_server_has_room(self) -> None:
        async with serving(started()) as service, proxied([service.port], single="1") as proxy:
            assert (await asked(proxy)).status_code == 200
            [worker] = service.workers()
            os.kill(worker, signal.SIGSTOP)
            first, refused = asyncio.create_task(asked(proxy)), await asked_later(proxy)
            os.kill(worker, signal.SIGCONT)
            assert (await first).status_code == 200
        assert_refused(refused, problems.OVERLOADED, after="1")


async def asked(proxy: Proxy) -> httpx.Response:
    """The answer to a request for a prediction, on a connection of its own."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{proxy.port}", timeout=LONG) as client:
        return await client.post(PREDICT, content=BODY, headers=JSON)


async def asked_later(proxy: Proxy) -> httpx.Response:
    """The same once another one has begun."""
    await asyncio.sleep(0.2)
    return await asked(proxy)


def assert_refused(answer: httpx.Response, kind: Kind, *, after: str) -> None:
    """As the service itself would."""
    told = msgspec.json.decode(answer.content, type=Problem)
    assert (told.type, told.status, answer.status_code) == (kind.type, kind.status, kind.status)
    assert (told.title, told.detail) == (kind.title, kind.detail)
    assert told.instance == PREDICT
    assert uuid.UUID(told.request_id)
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    assert answer.headers["retry-after"] == after
