import asyncio
from collections.abc import Mapping, Sequence
from threading import Event

import pytest

from sabiscore.batching import Batcher
from tests.waiting import LONG

MAX_BATCH_SIZE = 4


class Maker:
    """Makes a number its double; knows what went together and what was stored."""

    def __init__(self) -> None:
        self.made: list[list[int]] = []
        self.stored: dict[str, int] = {}

    def make(self, numbers: Sequence[int]) -> list[int]:
        self.made.append(list(numbers))
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]

    async def store(self, results: Mapping[str, int]) -> None:
        self.stored.update(results)


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def batcher(maker: Maker) -> Batcher[int, int]:
    return Batcher(maker.make, maker.store, max_batch_size=MAX_BATCH_SIZE)


async def ask(batcher: Batcher[int, int], *numbers: int) -> list[int]:
    return await asyncio.gather(*(batcher.submit(str(number), number) for number in numbers))


class TestThePatient:
    async def test_go_by_themselves(self, batcher: Batcher[int, int], maker: Maker) -> None:
        patient = [batcher.submit(str(number), number, patient=True) for number in range(6)]
        assert await ask(batcher, 7, 8) == [14, 16]
        assert await asyncio.gather(*patient) == [0, 2, 4, 6, 8, 10]
        assert sorted(maker.made) == [[0, 1, 2, 3], [4, 5], [7, 8]]

    async def test_are_made_while_others_are_answered(self) -> None:
        begun, answered = Event(), Event()

        def make(numbers: Sequence[int]) -> list[int]:
            if 1 in numbers:
                begun.set()
                assert answered.wait(LONG)
            return [2 * number for number in numbers]

        batcher = Batcher(make, Maker().store)
        patient = batcher.submit("1", 1, patient=True)
        await asyncio.to_thread(begun.wait, LONG)
        assert await ask(batcher, 2) == [4]
        assert not patient.done()
        answered.set()
        assert await patient == 2

    async def test_are_no_longer_so_when_somebody_else_asks_for_the_same(
        self, batcher: Batcher[int, int], maker: Maker
    ) -> None:
        patient = [batcher.submit(str(number), number, patient=True) for number in range(6)]
        assert await ask(batcher, 5) == [10]
        await asyncio.gather(*patient)
        assert sorted(maker.made) == [[0, 1, 2, 3], [4], [5]]


class TestWhatIsGivenUp:
    async def test_is_not_made(self, batcher: Batcher[int, int], maker: Maker) -> None:
        results = [batcher.submit(str(number), number) for number in range(6)]
        batcher.give_up("1")
        batcher.give_up("5")
        await asyncio.wait(results)
        assert maker.made == [[0, 2, 3, 4]]
        assert [result.cancelled() for result in results] == [False, True, False, False, False, True]

    async def test_is_made_where_somebody_else_wants_it(
        self, batcher: Batcher[int, int], maker: Maker
    ) -> None:
        mine, theirs = batcher.submit("1", 1), batcher.submit("1", 1, patient=True)
        batcher.give_up("1")
        assert [await mine, await theirs] == [2, 2]
        assert maker.made == [[1]]

    async def test_may_be_asked_for_again(self, batcher: Batcher[int, int], maker: Maker) -> None:
        batcher.submit("1", 1)
        batcher.give_up("1")
        assert await ask(batcher, 1) == [2]
        batcher.submit("2", 2)
        batcher.give_up("2")
        assert await ask(batcher, 3) == [6]
        assert maker.made == [[1], [3]]


class TestWhatIsAskedForTogether:
    async def test_is_made_together(self, batcher: Batcher[int, int], maker: Maker) -> None:
        assert await ask(batcher, 1, 2, 3) == [2, 4, 6]
        assert maker.made == [[1, 2, 3]]

    async def test_by_different_tasks_is_made_together(
        self, batcher: Batcher[int, int], maker: Maker
    ) -> None:
        assert await asyncio.gather(*(ask(batcher, number) for number in (1, 2, 3))) == [[2], [4], [6]]
        assert maker.made == [[1, 2, 3]]

    async def test_is_made_once_for_all_who_ask_for_the_same(
        self, batcher: Batcher[int, int], maker: Maker
    ) -> None:
        assert await ask(batcher, *[5] * 500) == [10] * 500
        assert maker.made == [[5]]

    async def test_goes_in_several_batches_when_it_is_much(
        self, batcher: Batcher[int, int], maker: Maker
    ) -> None:
        assert await ask(batcher, *range(10)) == [2 * number for number in range(10)]
        assert [len(batch) for batch in maker.made] == [4, 4, 2]

    async def test_is_told_of_while_it_waits(self, maker: Maker) -> None:
        left: list[int] = []
        batcher = Batcher(maker.make, maker.store, left.append, max_batch_size=MAX_BATCH_SIZE)
        await ask(batcher, *range(10))
        assert left == [6, 2, 0]

    async def test_lets_others_have_their_turn_between_two_batches(
        self, batcher: Batcher[int, int], maker: Maker
    ) -> None:
        seen: list[int] = []

        async def other() -> None:
            while len(maker.made) < 3:
                seen.append(len(maker.made))
                await asyncio.sleep(0)

        await asyncio.gather(ask(batcher, *range(12)), other())
        assert {1, 2} <= set(seen)


class TestWhatIsAskedForLater:
    async def test_is_made_again(self, batcher: Batcher[int, int], maker: Maker) -> None:
        assert await ask(batcher, 1) + await ask(batcher, 1) == [2, 2]
        assert maker.made == [[1], [1]]

    async def test_is_being_made_until_it_is_told(self, batcher: Batcher[int, int]) -> None:
        result = batcher.submit("1", 1)
        assert "1" in batcher
        assert "2" not in batcher
        await result
        assert "1" not in batcher


class TestStoring:
    async def test_comes_before_those_who_wait_are_told(
        self, batcher: Batcher[int, int], maker: Maker
    ) -> None:
        told: list[Mapping[str, int]] = []
        result = batcher.submit("1", 1)
        result.add_done_callback(lambda _: told.append(dict(maker.stored)))
        await ask(batcher, 2)
        assert told == [{"1": 2, "2": 4}]


class TestAPoisonedItem:
    async def test_fails_alone(self, batcher: Batcher[int, int], maker: Maker) -> None:
        results = [batcher.submit(str(number), number) for number in (1, 13, 2)]
        await asyncio.wait(results)
        assert [results[0].result(), results[2].result()] == [2, 4]
        with pytest.raises(ValueError, match="13"):
            results[1].result()
        assert maker.stored == {"1": 2, "2": 4}

    async def test_may_be_asked_for_again(self, batcher: Batcher[int, int]) -> None:
        for _ in range(2):
            with pytest.raises(ValueError, match="13"):
                await ask(batcher, 13)
        assert await ask(batcher, 1) == [2]

    async def test_of_which_nobody_wants_to_know_is_no_warning(
        self, batcher: Batcher[int, int], caplog: pytest.LogCaptureFixture
    ) -> None:
        batcher.submit("13", 13)
        await asyncio.sleep(0.01)
        assert caplog.messages == []


class TestSomebodyWhoNoLongerWaits:
    async def test_leaves_the_others_their_result(self, batcher: Batcher[int, int]) -> None:
        async def wait() -> int:
            result = batcher.submit("1", 1)
            await asyncio.wait([result])
            return result.result()

        leaving, staying = asyncio.create_task(wait()), asyncio.create_task(wait())
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == 2
        assert leaving.cancelled() or leaving.cancelling()


class TestAnEventLoopThatEnds:
    def test_leaves_nothing_for_the_next_one(self, batcher: Batcher[int, int]) -> None:
        async def hurry() -> list[asyncio.Future[int]]:
            return [batcher.submit(str(number), number) for number in range(3 * MAX_BATCH_SIZE)]

        assert asyncio.run(hurry())[-1].cancelled()
        assert asyncio.run(ask(batcher, 1)) == [2]
