import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sabiscore.telemetry.slots import LARGEST, Slot

HOLD_A_SLOT = """
import sys, time
from pathlib import Path
from sabiscore.telemetry.slots import Slot
slot = Slot(Path(sys.argv[1]))
slot.socket.touch()
print(slot.number, flush=True)
time.sleep(60)
"""


class TestASlot:
    def test_is_the_first_free_one(self, run_dir: Path) -> None:
        slots = [Slot(run_dir) for _ in range(3)]
        assert [slot.number for slot in slots] == [0, 1, 2]
        slots[1].release()
        slots[1] = Slot(run_dir)
        assert slots[1].number == 1
        for slot in slots:
            slot.release()

    def test_of_a_killed_process_is_free_again(self, run_dir: Path) -> None:
        command = [sys.executable, "-c", HOLD_A_SLOT, str(run_dir)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:  # noqa: S603
            assert worker.stdout
            assert worker.stdout.readline() == b"0\n"
            beside = Slot(run_dir)
            worker.kill()
        successor = Slot(run_dir)
        assert (beside.number, successor.number) == (1, 0)
        beside.release()
        successor.release()

    def test_of_ours_is_taken_again_where_the_directory_was_removed(self, run_dir: Path) -> None:
        first, ours = Slot(run_dir), Slot(run_dir)
        assert not ours.is_lost()
        shutil.rmtree(run_dir)
        assert ours.is_lost()
        again = ours.again()
        assert (again.number, again.is_lost()) == (1, False)
        assert run_dir.stat().st_mode & 0o777 == 0o700
        for slot in (first, ours, again):
            slot.release()

    @pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
    def test_is_none_in_a_directory_that_others_may_write(self, mode: int, run_dir: Path) -> None:
        run_dir.chmod(mode)
        with pytest.raises(PermissionError):
            Slot(run_dir)
        assert run_dir.stat().st_mode & 0o7777 == mode


class TestTheOthers:
    def test_are_those_that_have_a_socket_or_left_something(self, run_dir: Path) -> None:
        ours, theirs, another, without = (Slot(run_dir) for _ in range(4))
        ours.socket.touch()
        theirs.socket.touch()
        another.hand_over("counts")
        assert ours.others() == [1, 2]
        assert (ours.left_by(1), ours.left_by(2)) == ("", "counts")
        theirs.release()
        another.forget()
        assert ours.others() == []
        for slot in (ours, another, without):
            slot.release()

    def test_cannot_make_us_read_much(self, run_dir: Path) -> None:
        ours, theirs = Slot(run_dir), Slot(run_dir)
        theirs.hand_over("x" * (LARGEST + 1))
        assert ours.left_by(1) == ""
        ours.release()
        theirs.release()
