import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from sabiscore.server.control import ANSWER, QUESTION, READY, Control, listens
from sabiscore.server.machine import dying_with_parent


@pytest.fixture
async def line() -> AsyncIterator[socket.socket]:
    """The supervisor's end; ours listens on a free port, which is not yet open."""
    line, theirs = socket.socketpair()
    with line, theirs, socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        line.settimeout(5)
        await Control(theirs, server.getsockname()[1]).open()
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
            await control.open()
            line.settimeout(0)
            await asyncio.sleep(0.1)
            with pytest.raises(BlockingIOError):
                line.recv(64)
            server.listen()
            line.settimeout(5)
            assert await heard(line) == READY
            asyncio.get_running_loop().remove_reader(theirs)

    async def test_answers_what_it_is_asked(self, line: socket.socket) -> None:
        for _ in range(2):
            line.send(QUESTION)
            assert await heard(line) == ANSWER

    async def test_ends_when_the_supervisor_is_gone(self, line: socket.socket) -> None:
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        line.close()
        await asyncio.wait_for(ended.wait(), 5)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)


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
