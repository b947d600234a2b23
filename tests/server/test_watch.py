import asyncio
import logging
from contextlib import nullcontext

import pytest

from sabiscore.errors import BundleError
from sabiscore.forecaster import Forecaster
from sabiscore.server import watch
from sabiscore.server.ready import Ready
from sabiscore.server.watch import Watch
from tests.waiting import LONG


class Shelf:
    """What always has something new."""

    def __init__(self, forecaster: Forecaster) -> None:
        self._forecaster = forecaster

    def has_changed(self) -> bool:
        return True

    def read(self) -> Ready:
        return Ready(self._forecaster)


@pytest.mark.parametrize("error", [BundleError("it", "is refused"), ValueError("nobody foresaw")])
async def test_what_cannot_be_taken_up_is_told_and_what_comes_next_is_taken_up(
    error: Exception,
    forecaster: Forecaster,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.01)
    errors, taken = [error], asyncio.Event()

    async def replace(_: Ready) -> None:
        if errors:
            raise errors.pop()
        taken.set()

    looking = Watch(Shelf(forecaster), replace, nullcontext())
    await looking.start()
    await asyncio.wait_for(taken.wait(), LONG)
    await looking.stop()
    (said,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "this worker keeps its bundle" in said.getMessage()
