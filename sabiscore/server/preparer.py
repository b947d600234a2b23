"""In the parent of the workers: what was published is read, verified and made ready by a process of its own.

Workers map what that leaves and change one reference. They meet nothing that was refused, and spend next to nothing;
whatever a bundle does to the process that reads it, the parent and they live.
"""

import gc
import logging
import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from sabiscore.clock import CLOCK, Clock
from sabiscore.errors import BundleError, Refusal, SabiScoreError
from sabiscore.models.bundles import Bundle
from sabiscore.server import mapped
from sabiscore.server.machine import dying_with_parent
from sabiscore.server.ready import Ready

NICE = 2
"""How much the process stands back behind those that answer. Beside three that want all there is of two cores it still
gets a third of one, by the scheduler's weights, and needs half a second of it."""

PATIENCE = 300.0
"""Seconds after which it is killed."""

log = logging.getLogger(__name__)


class Published(Protocol):
    """What may have another bundle."""

    def has_changed(self) -> bool:
        """Whether it may have another since it was asked or read last."""

    def read(self) -> Bundle:
        """The bundle; raises BundleError."""


class Hook(Protocol):
    """Is told what became of a bundle."""

    def prepared(self) -> None:
        """The workers take it up, or have it still after another one was refused."""

    def refused(self, kind: Refusal) -> None:
        """They do not."""


class Outcome(Struct, frozen=True):
    """The version that is ready, or why none is."""

    version: str = ""
    reason: str = ""
    kind: Refusal = "crashed"


class Preparer:
    """Looks for what is published, and has one process at a time prepare it."""

    def __init__(self, source: Published, path: Path, hook: Hook, *, clock: Clock = CLOCK) -> None:
        """``path`` is where `mapped.Mapped` looks."""
        self._source = source
        self._path = path
        self._hook = hook
        self._seconds = clock.seconds
        self._version = ""
        self._left = self._refused = False
        self._child: BaseProcess | None = None
        self._line: Connection
        self._began = 0.0

    @property
    def is_at_work(self) -> bool:
        """Whether something is being prepared."""
        return self._child is not None

    def begin(self, version: str) -> None:
        """Workers that start from now on begin with this version."""
        self._version = version
        self._left = self._refused = False
        self._path.unlink(missing_ok=True)

    def keep(self) -> None:
        """Do what is due; to be called now and again, in the main thread."""
        if self._child is None:
            if self._source.has_changed() or self._is_lost():
                self._start()
        elif self._line.poll() or not self._child.is_alive():
            self._finish(self._child)
        elif self._seconds() - self._began > PATIENCE:
            self._child.kill()

    def _is_lost(self) -> bool:
        """Whether somebody removed what was left, with which workers to come would begin: it is prepared again."""
        lost = self._left and not self._path.exists()
        if lost:
            self._version, self._left = "", False
        return lost

    def _start(self) -> None:
        context = get_context("fork")
        self._line, theirs = context.Pipe(duplex=False)
        task = (theirs, dying_with_parent(), self._source, self._version, self._path)
        self._child = context.Process(target=_prepare, args=task, daemon=True)
        self._began = self._seconds()
        try:
            self._child.start()
        except OSError as error:
            self._child = None
            self._refuse(f"no process can be started to read it: {error}", "crashed")
        finally:
            theirs.close()

    def _finish(self, child: BaseProcess) -> None:
        try:
            outcome: Outcome = self._line.recv()
        except EOFError:
            outcome = Outcome(reason="")
        self._line.close()
        child.join()
        self._child = None
        if not outcome.version:
            reason = outcome.reason or f"the process that read it ended with status {child.exitcode}"
            self._refuse(reason, outcome.kind)
            return
        if outcome.version != self._version:
            self._version, self._left = outcome.version, True
        elif not self._refused:
            return
        self._refused = False
        self._hook.prepared()

    def _refuse(self, reason: str, kind: Refusal) -> None:
        self._refused = True
        log.error("what was published is refused, the workers keep their bundle: %s", reason)
        self._hook.refused(kind)


def _prepare(
    line: Connection, die_with_parent: Callable[[], object] | None, source: Published, known: str, path: Path
) -> None:
    """In the process: read, make ready and write, unless it is the version that is ``known``."""
    if die_with_parent:
        die_with_parent()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
    os.nice(NICE)
    gc.disable()  # it ends soon
    line.send(_outcome(source, known, path))


def _outcome(source: Published, known: str, path: Path) -> Outcome:
    try:
        bundle = source.read()
        if bundle.version != known:
            mapped.write(path, Ready.of(bundle))
    except BundleError as error:
        return Outcome(reason=str(error), kind=error.kind)
    except (SabiScoreError, OSError) as error:
        return Outcome(reason=str(error))
    except Exception as error:
        log.exception("a fault of ours")
        return Outcome(reason=f"{type(error).__name__}: {error}")
    return Outcome(bundle.version)
