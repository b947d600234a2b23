import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.api.admission import FREE, LONGEST_RETRY, MOST_CREDIT, WORTH, Limit, LookUps, Rate
from sabiscore.clock import Clock
from tests.clocks import Hand

LEAST, MOST = 8.0, 128.0


def at_ease(seconds: float) -> Limit:
    """A limit that knows how long an answer takes where there is little to do."""
    limit = Limit(64.0, LEAST, MOST)
    for number in range(50):
        limit.learn(1, 0, seconds, float(number))
    return limit


class TestTheLimit:
    def test_falls_while_answers_take_much_longer_than_at_ease(self) -> None:
        limit = at_ease(0.01)
        for number in range(100):
            limit.learn(1, 60, 0.05, 100.0 + 0.06 * number)
        assert limit.value == LEAST

    def test_falls_once_for_all_that_were_in_work_together(self) -> None:
        limit = at_ease(0.01)
        for _ in range(60):
            limit.learn(1, 60, 0.05, 100.0)
        assert limit.value == pytest.approx(0.6 * 64.0)

    def test_rises_by_one_with_each_round_of_quick_answers(self) -> None:
        limit = at_ease(0.01)
        for _ in range(64):
            limit.learn(1, 60, 0.012, 100.0)
        assert limit.value == pytest.approx(65.0, abs=0.1)

    def test_does_not_rise_where_nobody_needs_it(self) -> None:
        limit = at_ease(0.01)
        assert limit.value == 64.0

    def test_takes_a_batch_for_what_it_is(self) -> None:
        limit = Limit(2048.0, 256.0, 16_384.0)
        for number in range(50):
            limit.learn(1, 0, 0.002, float(number))
        limit.learn(256, 1500, 0.050, 100.0)
        assert limit.value > 2048.0

    @given(
        st.lists(
            st.tuples(st.integers(1, 256), st.integers(0, 4096), st.floats(0.0, 60.0), st.floats(0.0, 1e6))
        )
    )
    def test_stays_within_its_bounds(self, learnt: list[tuple[int, int, float, float]]) -> None:
        limit = Limit(64.0, LEAST, MOST)
        for cost, found, seconds, now in learnt:
            limit.learn(cost, found, seconds, now)
            assert LEAST <= limit.value <= MOST


def looked_up(look_ups: LookUps, requests: int, *, found_every: int = 0) -> int:
    """How many of so many requests at one time are looked up, where one in so many is at hand."""
    done = 0
    for _ in range(requests):
        if look_ups.allowed():
            done += 1
            if found_every and done % found_every == 0:
                look_ups.found()
    return done


class TestLookUps:
    def test_that_find_nothing_end(self) -> None:
        assert looked_up(LookUps(Clock(Hand())), 10_000) == MOST_CREDIT

    def test_that_find_enough_do_not_end(self) -> None:
        assert looked_up(LookUps(Clock(Hand())), 10_000, found_every=int(WORTH)) == 10_000

    def test_that_find_too_little_end_later(self) -> None:
        assert MOST_CREDIT < looked_up(LookUps(Clock(Hand())), 10_000, found_every=2 * int(WORTH)) < 10_000

    def test_begin_again_with_time(self) -> None:
        hand = Hand()
        look_ups = LookUps(Clock(hand))
        looked_up(look_ups, 10_000)
        hand.now += 0.5
        assert looked_up(look_ups, 10_000) == FREE / 2

    def test_are_bounded_after_a_rest_and_after_success(self) -> None:
        hand = Hand()
        look_ups = LookUps(Clock(hand))
        hand.now += 3600.0
        for _ in range(1000):
            look_ups.found()
        assert looked_up(look_ups, 10_000) == MOST_CREDIT


class TestWhenToAskAgain:
    def test_is_so_late_that_all_who_are_refused_find_room(self) -> None:
        hand = Hand()
        rate = Rate(Clock(hand))
        rate.answered(100)
        told = [rate.refused(1) for _ in range(300)]
        assert (told[0], told[-1]) == (1, 3)

    def test_is_soon_again_after_a_rest(self) -> None:
        hand = Hand()
        rate = Rate(Clock(hand))
        for _ in range(1000):
            rate.refused(1)
        assert rate.refused(1) == LONGEST_RETRY
        hand.now += 10 * LONGEST_RETRY
        assert rate.refused(1) == 1
