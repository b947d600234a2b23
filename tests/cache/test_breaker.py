import pytest

from sabiscore.cache.breaker import Breaker

from .clock import Clock


@pytest.fixture
def told() -> list[bool]:
    return []


@pytest.fixture
def breaker(clock: Clock, told: list[bool]) -> Breaker:
    return Breaker(tell=told.append, failures=3, pause=1.0, clock=clock)


@pytest.fixture
def opened(breaker: Breaker) -> Breaker:
    for _ in range(3):
        breaker.failed()
    return breaker


class TestAClosedCircuit:
    def test_admits_everything(self, breaker: Breaker) -> None:
        assert [breaker.admits() for _ in range(100)] == [True] * 100

    def test_opens_after_three_failures_in_a_row(self, breaker: Breaker, told: list[bool]) -> None:
        breaker.failed()
        breaker.failed()
        assert not breaker.is_open
        breaker.failed()
        assert breaker.is_open
        assert told == [True]

    def test_forgets_failures_before_a_success(self, breaker: Breaker) -> None:
        for _ in range(10):
            breaker.failed()
            breaker.failed()
            breaker.succeeded()
        assert not breaker.is_open

    def test_does_not_mind_calls_of_which_it_never_hears(self, breaker: Breaker) -> None:
        for _ in range(100):
            breaker.admits()
        assert not breaker.is_open


class TestAnOpenCircuit:
    def test_turns_calls_away(self, opened: Breaker, clock: Clock) -> None:
        clock.now += 0.99
        assert not opened.admits()

    def test_admits_one_probe_after_the_pause(self, opened: Breaker, clock: Clock) -> None:
        clock.now += 1
        assert [opened.admits() for _ in range(16)] == [True] + [False] * 15

    def test_closes_when_the_probe_succeeds(self, opened: Breaker, clock: Clock, told: list[bool]) -> None:
        clock.now += 1
        opened.admits()
        opened.succeeded()
        assert opened.admits()
        assert told == [True, False]

    def test_pauses_again_when_the_probe_fails(self, opened: Breaker, clock: Clock, told: list[bool]) -> None:
        for _ in range(5):
            clock.now += 1
            assert opened.admits()
            opened.failed()
            assert not opened.admits()
        assert told == [True]

    def test_sends_another_probe_for_one_that_was_cancelled(self, opened: Breaker, clock: Clock) -> None:
        clock.now += 1
        assert opened.admits()
        clock.now += 1
        assert opened.admits()

    def test_pauses_no_longer_for_failures_of_calls_begun_before(self, opened: Breaker, clock: Clock) -> None:
        clock.now += 0.9
        for _ in range(13):
            opened.failed()
        clock.now += 0.1
        assert opened.admits()

    def test_once_closed_takes_three_failures_again(self, opened: Breaker) -> None:
        opened.succeeded()
        opened.failed()
        opened.failed()
        assert not opened.is_open
