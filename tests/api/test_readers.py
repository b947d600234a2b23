import asyncio

import pytest

from sabiscore.api.limits import BODY_SECONDS
from sabiscore.api.problems import SLOW_BODY, ProblemError
from sabiscore.api.readers import Readers
from sabiscore.clock import Clock


class Body:
    """A body that comes when it is told to, read by one task; its clock goes forward likewise."""

    def __init__(self) -> None:
        self.now = 0.0
        self.readers = Readers(clock=Clock(lambda: self.now))
        self.comes = asyncio.Event()

    async def begin(self) -> asyncio.Task[str]:
        """Somebody who reads, and has begun."""
        reader = asyncio.create_task(self.readers.read(self._whole()))
        await asyncio.sleep(0)
        return reader

    async def _whole(self) -> str:
        await self.comes.wait()
        return "whole"


async def is_late(reader: asyncio.Task[str]) -> bool:
    """Whether a reader has been ended for that."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if not reader.done():
        return False
    with pytest.raises(ProblemError) as refused:
        reader.result()
    return refused.value.kind is SLOW_BODY


class TestWhoReads:
    async def test_has_the_body_when_it_is_whole(self) -> None:
        body = Body()
        reader = await body.begin()
        body.comes.set()
        assert await reader == "whole"
        assert reader.cancelling() == 0

    async def test_waits_no_longer_than_allowed(self) -> None:
        body = Body()
        reader = await body.begin()
        body.now = BODY_SECONDS - 0.1
        body.readers.sweep()
        assert not await is_late(reader)
        body.now = BODY_SECONDS
        body.readers.sweep()
        assert await is_late(reader)
        assert reader.cancelling() == 0

    async def test_may_begin_while_another_one_is_late(self) -> None:
        body = Body()
        late = await body.begin()
        body.now = BODY_SECONDS - 0.1
        early = await body.begin()
        body.now = BODY_SECONDS
        body.readers.sweep()
        assert await is_late(late)
        body.comes.set()
        assert await early == "whole"

    async def test_may_be_ended_by_others_and_is_not_late_then(self) -> None:
        body = Body()
        reader = await body.begin()
        reader.cancel("for another reason")
        with pytest.raises(asyncio.CancelledError):
            await reader


class TestTheSweep:
    async def test_goes_on_while_somebody_reads_and_not_after(self, monkeypatch: pytest.MonkeyPatch) -> None:
        due: list[object] = []
        monkeypatch.setattr(
            asyncio.get_running_loop(), "call_later", lambda _, sweep: due.append(sweep), raising=False
        )
        body = Body()
        readers = [await body.begin() for _ in range(3)]
        assert len(due) == 1
        body.readers.sweep()
        assert len(due) == 2
        body.comes.set()
        assert await asyncio.gather(*readers) == ["whole"] * 3
        body.readers.sweep()
        assert len(due) == 2
        await body.begin()
        assert len(due) == 3
