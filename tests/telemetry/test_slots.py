import subprocess
import sys
from pathlib import Path

from sabiscore.telemetry.slots import Slot

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


class TestTheOthers:
    def test_are_those_with_a_socket(self, run_dir: Path) -> None:
        ours, theirs, without = (Slot(run_dir) for _ in range(3))
        ours.socket.touch()
        theirs.socket.touch()
        assert ours.others() == {"1": theirs.socket}
        theirs.release()
        assert ours.others() == {}
        ours.release()
        without.release()
