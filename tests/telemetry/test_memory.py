import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.telemetry.memory import BLOCK_SIZE, NAME, SERVICE, Block, Memory

CLAIM = """
import sys, time
from pathlib import Path
from sabiscore.telemetry.memory import Memory
memory = Memory.inside(Path(sys.argv[1]))
memory.claim().cells("a", (), 1)[0] += 1
print(memory.number, memory.leads(), flush=True)
time.sleep(600)
"""


@contextmanager
def forked(do: Callable[[], None]) -> Iterator[int]:
    """A process that has done something and then waits to be killed."""
    done, tell = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            do()
            os.write(tell, b".")
            signal.pause()
        finally:
            os._exit(1)
    assert os.read(done, 1) == b"."
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(done)
        os.close(tell)


@pytest.fixture
def memory() -> Memory:
    return Memory.inherited()


def lives(memory: Memory) -> list[bool]:
    return [alive for *_, alive in memory.workers()]


class TestABlock:
    @given(
        asked=st.lists(
            st.tuples(st.text(min_size=1), st.lists(st.text(), max_size=3).map(tuple), st.integers(1, 20))
        )
    )
    def test_finds_again_what_another_wrote(self, asked: list[tuple[str, tuple[str, ...], int]]) -> None:
        view = memoryview(bytearray(BLOCK_SIZE))
        ours, theirs = Block(view), Block(view)
        for n, key in enumerate(asked):
            ours.cells(*key)[-1] = n
        last = {key: n for n, key in enumerate(asked)}
        assert {key: theirs.cells(*key)[-1] for key in asked} == last
        assert sum(len(theirs.of(name)) for name in {name for name, *_ in asked}) == len(last)

    def test_that_is_full_keeps_what_it_has_and_takes_no_more(self) -> None:
        block = Block(memoryview(bytearray(200)))
        block.cells("kept", (), 10)[0] = 7
        block.cells("lost", (), 20)[0] = 1
        assert block.of("lost") == []
        assert block.cells("kept", (), 10)[0] == 7


class TestMemory:
    def test_has_a_block_for_each_worker(self, memory: Memory) -> None:
        with forked(lambda: memory.claim().cells("a", (), 1).__setitem__(0, 5.0)) as pid:
            memory.claim()
            assert memory.number == SERVICE + 2
            (first, theirs, _), (second, _, _) = memory.workers()
            assert (first, second) == (0, 1)
            assert theirs.of("a")[0].cells[0] == 5
            assert theirs.pid == pid

    def test_keeps_what_a_killed_one_counted_and_its_successor_goes_on(self, memory: Memory) -> None:
        with forked(lambda: memory.claim().cells("a", (), 1).__setitem__(0, 5.0)):
            assert lives(memory) == [True]
        assert lives(memory) == [False]
        memory.claim().cells("a", (), 1)[0] += 1
        assert [(block.of("a")[0].cells[0], alive) for _, block, alive in memory.workers()] == [(6, True)]

    def test_given_back_is_free_at_once(self, memory: Memory) -> None:
        memory.claim()
        memory.release()
        with forked(lambda: memory.claim().cells("a", (), 1).__setitem__(0, 5.0)):
            assert lives(memory) == [True]

    def test_has_one_leader_until_that_ends(self, memory: Memory) -> None:
        with forked(lambda: None if memory.leads() else os._exit(1)):
            assert not memory.leads()
        assert memory.leads()
        assert memory.leads()


class TestMemoryInADirectory:
    def test_is_shared_by_those_who_inherit_nothing(self, tmp_path: Path) -> None:
        memory = Memory.inside(tmp_path)
        memory.claim()
        command = [sys.executable, "-c", CLAIM, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:  # noqa: S603
            assert worker.stdout
            assert worker.stdout.readline() == b"2 True\n"
            assert lives(memory) == [True, True]
            worker.kill()
        assert lives(memory) == [True, False]
        assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
    def test_is_none_where_others_may_write(self, mode: int, tmp_path: Path) -> None:
        tmp_path.chmod(mode)
        with pytest.raises(PermissionError):
            Memory.inside(tmp_path)
        tmp_path.chmod(0o700)
