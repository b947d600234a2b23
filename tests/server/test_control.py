import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from sabiscore.api.leaving import CLOSE, Leaving
from sabiscore.server import control
from sabiscore.server.control import (
    ANSWER,
    LEAVE,
    QUESTION,
    READY,
    SERVICE_ENDS,
    Control,
    accept_nobody,
    listens,
)
from sabiscore.server.machine import dying_with_parent
from tests.waiting import LONG


@pytest.fixture
def leaving() -> Leaving:
    return Leaving()


@pytest.fixture
async def ended() -> AsyncIterator[asyncio.Event]:
    """Set by SIGTERM."""
    event = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, event.set)
    yield event
    asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)


@pytest.fixture
async def line(leaving: Leaving) -> AsyncIterator[socket.socket]:
    """The supervisor's end; ours listens on a free port, which is not yet open."""
    line, theirs = socket.socketpair()
    with line, theirs, socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        line.settimeout(LONG)
        await Control(theirs, server.getsockname()[1]).open(leaving)
        yield line
        asyncio.get_running_loop().remove_reader(theirs)


async def heard(line: socket.socket) -> bytes:
    return await asyncio.to_thread(line.recv, 64)


class TestAWorker:
    async def test_is_ready_when_it_listens(self) -> None:
        line, theirs = socket.socketpair()
        with line, theirs, socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            control = Control(theirs, server.getsockname()[1])
            await control.open(Leaving())
            line.settimeout(0)
            await asyncio.sleep(0.1)
            with pytest.raises(BlockingIOError):
                line.recv(64)
            server.listen()
            line.settimeout(LONG)
            assert await heard(line) == READY
            asyncio.get_running_loop().remove_reader(theirs)

    async def test_answers_what_it_is_asked(self, line: socket.socket) -> None:
        for _ in range(2):
            line.send(QUESTION)
            assert await heard(line) == ANSWER

    async def test_ends_when_the_supervisor_is_gone(self, line: socket.socket, ended: asyncio.Event) -> None:
        line.close()
        await asyncio.wait_for(ended.wait(), LONG)

    async def test_serves_on_when_the_service_ends(
        self, line: socket.socket, leaving: Leaving, ended: asyncio.Event
    ) -> None:
        line.send(SERVICE_ENDS + QUESTION)
        assert await heard(line) == ANSWER
        assert (leaving.service_ends, leaving.headers, ended.is_set()) == (True, CLOSE, False)

    async def test_that_is_to_leave_says_so_in_its_answers_and_ends(
        self, line: socket.socket, leaving: Leaving, ended: asyncio.Event
    ) -> None:
        line.send(LEAVE)
        await asyncio.wait_for(ended.wait(), LONG)
        assert (leaving.service_ends, leaving.headers) == (False, CLOSE)

    @pytest.mark.parametrize("service_ends", [False, True])
    async def test_that_is_replaced_waits_for_those_who_are_connected_longer_than_at_the_end(
        self, ended: asyncio.Event, monkeypatch: pytest.MonkeyPatch, *, service_ends: bool
    ) -> None:
        monkeypatch.setattr(control, "LINGER_SECONDS", 0.0)
        line, theirs = socket.socketpair()
        with line, theirs, socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)), server.accept()[0] as connection:
                await Control(theirs, port).open(Leaving())
                line.send(SERVICE_ENDS + LEAVE if service_ends else LEAVE)
                await asyncio.sleep(0.2)
                assert ended.is_set() is service_ends
                connection.close()
                await asyncio.wait_for(ended.wait(), LONG)
            asyncio.get_running_loop().remove_reader(theirs)


class TestListening:
    def test_is_that_of_this_process_on_this_port(self) -> None:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
            assert not listens(port)
            server.listen()
            assert listens(port)
            assert not listens(port + 1)
        assert not listens(port)

    def test_may_be_left_to_another_process(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.socket(fileno=os.dup(server.fileno())) as of_another:
                child = os.fork()
                if not child:
                    of_another.close()
                    accept_nobody(port)
                    os._exit(int(listens(port)))
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
                with socket.create_connection(("127.0.0.1", port)):
                    of_another.accept()[0].close()


class TestAChild:
    def test_dies_with_its_parent(self) -> None:
        code = (
            "import os, time; from sabiscore.server.machine import dying_with_parent; die = dying_with_parent()\n"
            "child = os.fork()\n"
            "if not child: die(); print('here', flush=True); time.sleep(60)\n"
            "time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:  # noqa: S603
            assert parent.stdout
            assert parent.stdout.readline() == b"here\n"
            parent.kill()
            assert parent.stdout.read() == b"", "the child, which holds the pipe open, has ended"

    def test_dies_of_it_though_it_was_dead_before(self) -> None:
        die = dying_with_parent()
        assert die
        child = os.fork()
        if not child:
            os.getppid = lambda: 1
            die()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
