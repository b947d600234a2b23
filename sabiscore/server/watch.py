"""In a worker: has what was published answer from then on, within a second or two, and nobody notices."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sabiscore.errors import BundleError
from sabiscore.server.ready import Ready

LOOK_EVERY = 0.25
"""Seconds."""

log = logging.getLogger(__name__)


class Prepared(Protocol):
    """What may have something else to answer from."""

    def has_changed(self) -> bool:
        """Whether it has, since the last `read`."""

    def read(self) -> Ready:
        """It; raises BundleError."""


class Watch:
    """Looks at a source from a worker's start to its stop."""

    def __init__(
        self,
        source: Prepared,
        replace: Callable[[Ready], Awaitable[None]],
        aside: AbstractContextManager[None],
    ) -> None:
        """``replace`` is given each that is to answer; threads read and make ready inside of ``aside``."""
        self._source = source
        self._replace = replace
        self._aside = aside
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """On the worker's event loop."""
        self._task = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Look no more."""
        if self._task:
            self._task.cancel()

    async def _look(self) -> None:
        while True:
            if self._source.has_changed():
                try:
                    with self._aside:
                        await self._replace(await asyncio.to_thread(self._source.read))
                except BundleError as error:
                    log.error("what was published is refused, this worker keeps its bundle: %s", error)  # noqa: TRY400
                except Exception:
                    log.exception("what was published cannot be taken up, this worker keeps its bundle")
            await asyncio.sleep(LOOK_EVERY)
