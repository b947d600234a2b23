import asyncio
import sys
from threading import Event

import pytest

from sabiscore.api import problems
from sabiscore.api.admission import Limit
from sabiscore.api.problems import ProblemError
from sabiscore.api.work import READS, SWITCH_AFTER, Handover, Room, Work
from tests.waiting import LONG


def room(places: int) -> Room:
    return Room(Limit(places, 1, places))


class TestARoom:
    def test_takes_as_many_as_it_has_places(self) -> None:
        five = room(5)
        with five.place(4), five.place():
            assert five.full
            with pytest.raises(ProblemError) as refused:
                five.place()
        assert refused.value.kind is problems.OVERLOADED
        assert [*refused.value.headers] == [("retry-after", "1")]
        assert not five.full

    def test_counts_a_batch_by_its_fixtures(self) -> None:
        many = room(512)
        with many.place(256):
            assert not many.full
            with many.place(256):
                assert many.full
        assert not many.full

    def test_has_room_for_four_of_any_size(self) -> None:
        many = room(64)
        with many.place(256), many.place(256), many.place(256):
            assert many.full
            assert not many.has_room(255)
            with many.place(256):
                assert not many.has_room(256)

    def test_has_a_place_again_after_a_failure(self) -> None:
        some = room(5)
        with pytest.raises(ValueError, match="within"), some.place(5):
            raise ValueError("within")
        assert not some.full


class TestALoad:
    def test_has_the_interpreter_change_hands_sooner_until_it_is_over(self) -> None:
        usual, handover = sys.getswitchinterval(), Handover()
        singles = Room(Limit(4, 1, 4), handover=handover, loaded=2)
        batches = Room(Limit(512, 1, 512), handover=handover)
        with singles.place():
            assert sys.getswitchinterval() == pytest.approx(usual)
            with batches.place(256), singles.place():
                assert sys.getswitchinterval() == pytest.approx(SWITCH_AFTER)
            with singles.place():
                assert sys.getswitchinterval() == pytest.approx(SWITCH_AFTER)
        assert sys.getswitchinterval() == pytest.approx(usual)


class TestReading:
    async def test_leaves_turns_of_the_event_loop_to_others(self) -> None:
        work, order = Work(), list[str]()

        async def read() -> None:
            async with work.reading():
                order.append("read")

        async def answer() -> None:
            for _ in range(4):
                await asyncio.sleep(0)
                order.append("answered")

        await asyncio.gather(read(), read(), read(), answer())
        assert "read read" not in " ".join(order)

    async def test_leaves_the_event_loop_to_others_until_it_is_done(self) -> None:
        work, answered = Work(), Event()
        reading = asyncio.create_task(work.read(lambda: answered.wait(LONG)))
        while not work.reads.taken:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        answered.set()
        assert await reading

    async def test_has_its_turn_until_its_thread_ends_whoever_leaves(self) -> None:
        work, begun, may_end = Work(), Event(), Event()

        def read() -> bool:
            begun.set()
            return may_end.wait(LONG)

        leaving = asyncio.create_task(work.read(read))
        await asyncio.to_thread(begun.wait, LONG)
        leaving.cancel()
        next_one = asyncio.create_task(work.read(may_end.is_set))
        await asyncio.sleep(0.01)
        may_end.set()
        assert await next_one
        assert leaving.cancelled()

    async def test_is_refused_where_too_many_wait_for_it(self) -> None:
        work, going_on = Work(), asyncio.Event()

        async def read() -> None:
            async with work.reading():
                await going_on.wait()

        readers = [asyncio.create_task(read()) for _ in range(READS[0])]
        await asyncio.sleep(0)
        with pytest.raises(ProblemError) as refused:
            await read()
        assert refused.value.kind is problems.OVERLOADED
        going_on.set()
        await asyncio.gather(*readers)
        assert not work.reads.full
