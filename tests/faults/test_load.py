"""A load that could not tell a bad service from a good one would prove nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from benchmarks.faults.load import ALIVE, BROKEN, Connection, Load, fixtures

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
OTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
LEFT = b""
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"


@asynccontextmanager
async def answering(*answers: bytes, after: float) -> AsyncIterator[int]:
    """An HTTP server that gives these answers in turn, and closes after one that is cut or none; yields its port."""
    left = list(answers)
    serving: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        while await reader.read(65536):
            await asyncio.sleep(after)
            answer = left.pop(0) if len(left) > 1 else left[0]
            writer.write(answer)
            if answer in {CUT, LEFT}:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*filter(None, serving))


@asynccontextmanager
async def loaded(*answers: bytes, rate: float, connections: int, after: float = 0.0) -> AsyncIterator[Load]:
    """A load at such a server."""
    async with answering(*answers, after=after) as port:
        load = Load(port, fixtures(1), rate=rate, connections=connections)
        async with load.running():
            yield load


class TestALoad:
    @pytest.mark.parametrize(
        ("answers", "statuses"),
        [((GOOD,), {200}), ((FAILED, GOOD), {500, 200}), ((CUT, GOOD), {BROKEN, 200})],
    )
    async def test_records_the_status_of_each_answer_and_goes_on(
        self, answers: tuple[bytes, ...], statuses: set[int]
    ) -> None:
        async with loaded(*answers, rate=200, connections=2) as load:
            await asyncio.sleep(0.3)
        assert {sample.status for sample in load.samples} == statuses
        assert not any(sample.changed for sample in load.samples)

    async def test_notices_another_answer_to_the_same_request(self) -> None:
        async with loaded(GOOD, OTHER, rate=200, connections=1) as load:
            await asyncio.sleep(0.2)
        assert [sample.changed for sample in load.samples][:2] == [False, True]

    async def test_counts_the_wait_for_a_free_connection(self) -> None:
        async with loaded(GOOD, after=0.1, rate=100, connections=1) as load:
            await asyncio.sleep(0.1)
        assert load.samples[0].seconds >= 0.1
        assert load.samples[-1].seconds > 3 * load.samples[0].seconds


class TestAConnection:
    @pytest.mark.parametrize(("again", "statuses"), [(True, [200, 200]), (False, [200, BROKEN])])
    async def test_asks_again_where_it_may_if_the_server_has_ended_it_meanwhile(
        self, *, again: bool, statuses: list[int]
    ) -> None:
        async with answering(GOOD, LEFT, GOOD, after=0.0) as port:
            connection = Connection(port, again=again)
            assert [(await connection.ask(ALIVE)).status for _ in range(2)] == statuses
            connection.close()

    async def test_tells_what_it_met(self) -> None:
        async with answering(CUT, after=0.0) as port:
            answer = await Connection(port, again=True).ask(ALIVE)
        assert answer.status == BROKEN
        assert answer.why.startswith("IncompleteReadError: 1 bytes read")


class TestFixtures:
    def test_are_different_requests(self) -> None:
        assert len(set(fixtures(100))) == 100
