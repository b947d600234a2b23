import logging

import pytest
from valkey import exceptions

from sabiscore.cache import failures
from sabiscore.cache.failures import Breaker, Complaints, reason
from sabiscore.clock import Clock
from tests.clocks import Hand


def wrapped(error: Exception) -> Exception:
    """As valkey-py wraps what happens while it connects."""
    outer = exceptions.ConnectionError(error)
    outer.__cause__ = error
    return outer


class TestAReason:
    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (TimeoutError(), "timeout"),
            (exceptions.TimeoutError("connecting"), "timeout"),
            (exceptions.AuthenticationError("WRONGPASS"), "auth"),
            (wrapped(exceptions.AuthenticationError("WRONGPASS")), "auth"),
            (exceptions.ConnectionError("refused"), "connection"),
            (ConnectionResetError(), "connection"),
            (exceptions.BusyLoadingError("LOADING"), "connection"),
            (exceptions.ResponseError("WRONGTYPE Operation against a key"), "corrupt"),
            (exceptions.OutOfMemoryError("OOM"), "refused"),
            (exceptions.ReadOnlyError("READONLY"), "refused"),
            (exceptions.ResponseError("MOVED 1 host:2"), "refused"),
            (exceptions.InvalidResponse("nonsense"), "other"),
            (ValueError(), "other"),
        ],
    )
    def test_is_one_of_a_few_words(self, error: Exception, expected: str) -> None:
        assert reason(error) == expected


class TestComplaints:
    def test_come_once_in_a_while(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        complaints = Complaints(logging.getLogger("test"), "valkey://cache")
        for _ in range(3):
            complaints.about("get", "timeout")
        monkeypatch.setattr(failures, "QUIET", 0.0)
        never_quiet = Complaints(logging.getLogger("test"), "valkey://cache")
        never_quiet.about("put", "refused")
        never_quiet.about("put", "auth")
        assert [line.getMessage() for line in caplog.records] == [
            "cache at valkey://cache: get failed (timeout); answering without it",
            "cache at valkey://cache: put failed (refused); answering without it",
            "cache at valkey://cache: put failed (auth); answering without it",
        ]


@pytest.fixture
def told() -> list[bool]:
    return []


@pytest.fixture
def breaker(clock: Hand, told: list[bool]) -> Breaker:
    return Breaker(tell=told.append, failures=3, pause=1.0, clock=Clock(clock))


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
    def test_turns_calls_away(self, opened: Breaker, clock: Hand) -> None:
        clock.now += 0.99
        assert not opened.admits()

    def test_admits_one_probe_after_the_pause(self, opened: Breaker, clock: Hand) -> None:
        clock.now += 1
        assert [opened.admits() for _ in range(16)] == [True] + [False] * 15

    def test_closes_when_the_probe_succeeds(self, opened: Breaker, clock: Hand, told: list[bool]) -> None:
        clock.now += 1
        opened.admits()
        opened.succeeded()
        assert opened.admits()
        assert told == [True, False]

    def test_pauses_again_when_the_probe_fails(self, opened: Breaker, clock: Hand, told: list[bool]) -> None:
        for _ in range(5):
            clock.now += 1
            assert opened.admits()
            opened.failed()
            assert not opened.admits()
        assert told == [True]

    def test_sends_another_probe_for_one_that_was_cancelled(self, opened: Breaker, clock: Hand) -> None:
        clock.now += 1
        assert opened.admits()
        clock.now += 1
        assert opened.admits()

    def test_pauses_no_longer_for_failures_of_calls_begun_before(self, opened: Breaker, clock: Hand) -> None:
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
