"""Beside the workers: an update now and then, in a process of its own.

It publishes as `sabiscore update` does, and workers take that up as from any other. Whatever becomes of it, the service
serves on: its failure is logged, and it is tried again when the next one is due.
"""

import logging
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from sabiscore.clock import CLOCK, Clock
from sabiscore.errors import SettingsError
from sabiscore.server.machine import dying_with_parent
from sabiscore.settings import Settings

COMMAND = (sys.executable, "-c", "from sabiscore.cli import main; main()", "update")

PATIENCE = 3600.0
"""Seconds after which an update is killed; the whole history takes some tens."""

NICE = 10
"""How much it stands back behind those that answer."""

STOPPED_WITHIN = 2.0
LONGEST_QUOTE = 2000
"""Characters of what it said that are logged, its last ones."""

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}

log = logging.getLogger(__name__)


def interval(settings: Settings) -> float | None:
    """Seconds from one update to the next; None where there shall be none.

    Raises:
        SettingsError: a bundle is named, which no update changes.
    """
    if not settings.update_every:
        return None
    if settings.bundle:
        raise SettingsError(
            "updates do not change a bundle that is named: leave SABISCORE_BUNDLE (--bundle) or "
            "SABISCORE_UPDATE_EVERY (--update-every) out"
        )
    return float(settings.update_every[:-1]) * _SECONDS[settings.update_every[-1]]


class Updating:
    """Updates one after the other, the first at once."""

    def __init__(
        self,
        every: float | None,
        said: Path,
        *,
        command: tuple[str, ...] = COMMAND,
        patience: float = PATIENCE,
        clock: Clock = CLOCK,
    ) -> None:
        """``every`` so many seconds, from start to start; ``said`` is a file for what they say."""
        self._every, self._said, self._command, self._patience = every, said, command, patience
        self._seconds = clock.seconds
        self._due = self._began = clock.seconds()
        self._child: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Do what is due; to be called now and again, in the main thread."""
        if self._every is None:
            return
        now = self._seconds()
        if self._child is None:
            if now >= self._due:
                self._due, self._began = now + self._every, now
                self._start()
        elif self._child.poll() is not None:
            self._finish(self._child.returncode)
        elif now - self._began > self._patience:
            self._child.kill()

    def stop(self) -> None:
        """End the one that is at work; it leaves a whole state."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None

    def _start(self) -> None:
        try:
            with self._said.open("wb") as said:
                self._child = subprocess.Popen(  # noqa: S603 - our own program and arguments
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    process_group=0,
                    preexec_fn=dying_with_parent(),  # noqa: PLW1509
                )
        except (OSError, subprocess.SubprocessError) as error:
            log.error("no update can be started: %s", error)  # noqa: TRY400
            return
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._child.pid, NICE)

    def _finish(self, status: int) -> None:
        self._child = None
        with suppress(OSError):
            said = self._said.read_bytes().decode(errors="replace").strip()[-LONGEST_QUOTE:]
            if status:
                log.error("the update ended with status %d: %s", status, said)
            else:
                log.info("update: %s", said)
