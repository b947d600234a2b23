import asyncio
import logging

import pytest

from sabiscore.errors import BundleError
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED, Bundle
from sabiscore.server import watch
from sabiscore.server.watch import Watch
from tests.waiting import LONG


class Shelf:
    """A source that always has something new."""

    def has_changed(self) -> bool:
        return True

    def read(self) -> Bundle:
        return bundles.read(SHIPPED)


@pytest.mark.parametrize("error", [BundleError("it", "is refused"), ValueError("nobody foresaw")])
async def test_what_cannot_be_taken_up_is_told_and_what_comes_next_is_taken_up(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.01)
    errors, taken = [error], asyncio.Event()

    async def replace(_: Bundle) -> None:
        if errors:
            raise errors.pop()
        taken.set()

    looking = Watch(Shelf(), replace)
    await looking.start()
    await asyncio.wait_for(taken.wait(), LONG)
    await looking.stop()
    (said,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "this worker keeps its bundle" in said.getMessage()
