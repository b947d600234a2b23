import asyncio
from collections.abc import Mapping, Sequence

import pytest

from sabiscore.batching import Flights

SEATS = 4


class Airport:
    """Makes a number its double; knows what went together and what landed."""

    def __init__(self) -> None:
        self.made: list[list[int]] = []
        self.landed: dict[str, int] = {}

    def make(self, numbers: Sequence[int]) -> list[int]:
        self.made.append(list(numbers))
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]

    async def land(self, results: Mapping[str, int]) -> None:
        self.landed.update(results)


@pytest.fixture
def airport() -> Airport:
    return Airport()


@pytest.fixture
def flights(airport: Airport) -> Flights[int, int]:
    return Flights(airport.make, airport.land, seats=SEATS)


async def ask(flights: Flights[int, int], *numbers: int) -> list[int]:
    return await asyncio.gather(*(flights.board(str(number), number) for number in numbers))


class TestThePatient:
    async def test_leave_after_all_others(self, flights: Flights[int, int], airport: Airport) -> None:
        patient = [flights.board(str(number), number, patient=True) for number in range(6)]
        assert await ask(flights, 7, 8) == [14, 16]
        assert await asyncio.gather(*patient) == [0, 2, 4, 6, 8, 10]
        assert airport.made == [[7, 8, 0, 1], [2, 3, 4, 5]]

    async def test_are_no_longer_so_when_somebody_else_asks_for_the_same(
        self, flights: Flights[int, int], airport: Airport
    ) -> None:
        patient = [flights.board(str(number), number, patient=True) for number in range(6)]
        assert await ask(flights, 5) == [10]
        await asyncio.gather(*patient)
        assert airport.made == [[5, 0, 1, 2], [3, 4]]


class TestWhatIsAskedForTogether:
    async def test_is_made_together(self, flights: Flights[int, int], airport: Airport) -> None:
        assert await ask(flights, 1, 2, 3) == [2, 4, 6]
        assert airport.made == [[1, 2, 3]]

    async def test_by_different_tasks_is_made_together(
        self, flights: Flights[int, int], airport: Airport
    ) -> None:
        assert await asyncio.gather(*(ask(flights, number) for number in (1, 2, 3))) == [[2], [4], [6]]
        assert airport.made == [[1, 2, 3]]

    async def test_is_made_once_for_all_who_ask_for_the_same(
        self, flights: Flights[int, int], airport: Airport
    ) -> None:
        assert await ask(flights, *[5] * 500) == [10] * 500
        assert airport.made == [[5]]

    async def test_goes_in_several_flights_when_it_is_much(
        self, flights: Flights[int, int], airport: Airport
    ) -> None:
        assert await ask(flights, *range(10)) == [2 * number for number in range(10)]
        assert [len(flight) for flight in airport.made] == [4, 4, 2]

    async def test_lets_others_have_their_turn_between_two_flights(
        self, flights: Flights[int, int], airport: Airport
    ) -> None:
        seen: list[int] = []

        async def other() -> None:
            while len(airport.made) < 3:
                seen.append(len(airport.made))
                await asyncio.sleep(0)

        await asyncio.gather(ask(flights, *range(12)), other())
        assert {1, 2} <= set(seen)


class TestWhatIsAskedForLater:
    async def test_is_made_again(self, flights: Flights[int, int], airport: Airport) -> None:
        assert await ask(flights, 1) + await ask(flights, 1) == [2, 2]
        assert airport.made == [[1], [1]]

    async def test_is_on_its_way_until_it_has_landed(self, flights: Flights[int, int]) -> None:
        result = flights.board("1", 1)
        assert "1" in flights
        assert "2" not in flights
        await result
        assert "1" not in flights


class TestALanding:
    async def test_comes_before_those_who_wait_are_told(
        self, flights: Flights[int, int], airport: Airport
    ) -> None:
        told: list[Mapping[str, int]] = []
        result = flights.board("1", 1)
        result.add_done_callback(lambda _: told.append(dict(airport.landed)))
        await ask(flights, 2)
        assert told == [{"1": 2, "2": 4}]


class TestAPoisonedItem:
    async def test_fails_alone(self, flights: Flights[int, int], airport: Airport) -> None:
        results = [flights.board(str(number), number) for number in (1, 13, 2)]
        await asyncio.wait(results)
        assert [results[0].result(), results[2].result()] == [2, 4]
        with pytest.raises(ValueError, match="13"):
            results[1].result()
        assert airport.landed == {"1": 2, "2": 4}

    async def test_may_be_asked_for_again(self, flights: Flights[int, int]) -> None:
        for _ in range(2):
            with pytest.raises(ValueError, match="13"):
                await ask(flights, 13)
        assert await ask(flights, 1) == [2]

    async def test_of_which_nobody_wants_to_know_is_no_warning(
        self, flights: Flights[int, int], caplog: pytest.LogCaptureFixture
    ) -> None:
        flights.board("13", 13)
        await asyncio.sleep(0.01)
        assert caplog.messages == []


class TestALeavingPassenger:
    async def test_leaves_the_others_their_result(self, flights: Flights[int, int]) -> None:
        async def wait() -> int:
            result = flights.board("1", 1)
            await asyncio.wait([result])
            return result.result()

        leaving, staying = asyncio.create_task(wait()), asyncio.create_task(wait())
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == 2
        assert leaving.cancelled() or leaving.cancelling()


class TestAnEventLoopThatEnds:
    def test_leaves_nothing_for_the_next_one(self, flights: Flights[int, int]) -> None:
        async def hurry() -> list[asyncio.Future[int]]:
            return [flights.board(str(number), number) for number in range(3 * SEATS)]

        assert asyncio.run(hurry())[-1].cancelled()
        assert asyncio.run(ask(flights, 1)) == [2]
