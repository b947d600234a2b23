"""Which worker am I? Slots 0, 1, 2... in a run directory, each held by a lock that dies with its process."""

import fcntl
from itertools import count
from pathlib import Path
from typing import IO


class Slot:
    """One worker's place among the workers of a `serve`; a respawned worker takes over a dead one's."""

    def __init__(self, directory: Path) -> None:
        """Claim the first free slot.

        Raises:
            OSError: the directory can't be written.
        """
        self._directory = directory
        self.number, self._lock = next(
            (number, lock) for number in count() if (lock := _try_lock(directory / f"worker-{number}.lock"))
        )

    @property
    def socket(self) -> Path:
        """Where this worker answers the others."""
        return self._directory / f"metrics-{self.number}.sock"

    def others(self) -> dict[str, Path]:
        """The sockets of all other slots that had a worker and were not given back, by slot."""
        paths = {path.stem.removeprefix("metrics-"): path for path in self._directory.glob("metrics-*.sock")}
        paths.pop(str(self.number), None)
        return paths

    def release(self) -> None:
        """Give the slot back."""
        self.socket.unlink(missing_ok=True)
        self._lock.close()


def _try_lock(path: Path) -> IO[bytes] | None:
    lock = path.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
