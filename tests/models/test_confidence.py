import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.domain import Confidence
from sabiscore.models.confidence import (
    AGES,
    FRESH,
    HIGH_HIT_RATE,
    MEDIUM_HIT_RATE,
    AgedConfidence,
    Bounds,
    ConfidenceLevel,
    Told,
    by_age,
    choose_bounds,
    level_of,
    measure,
)
from sabiscore.scoring.scores import Outcomes

N = 20_000


@pytest.fixture(scope="module")
def calibrated() -> tuple[Floats, Outcomes]:
    """Forecasts whose likeliest outcome happens exactly as often as they say."""
    random = np.random.default_rng(7)
    likeliest = 0.34 + 0.61 * random.beta(1.5, 4.0, N)
    probabilities = np.column_stack((likeliest, (1 - likeliest) / 2, (1 - likeliest) / 2))
    outcomes = (random.uniform(size=N)[:, None] > np.cumsum(probabilities, axis=1)[:, :2]).sum(axis=1)
    return probabilities, outcomes


def fresh(probabilities: Floats, outcomes: Outcomes) -> Told:
    hit, none = probabilities.argmax(axis=1) == outcomes, np.zeros(len(outcomes), np.intp)
    return Told(probabilities.max(axis=1), hit, none, none != 0)


class TestChooseBounds:
    def test_high_hits_as_often_as_wanted_and_is_as_wide_as_that_allows(
        self, calibrated: tuple[Floats, Outcomes]
    ) -> None:
        bounds = choose_bounds(*calibrated)
        assert measure(bounds, fresh(*calibrated))["high"].hit_rate >= HIGH_HIT_RATE
        wider = {**bounds, "high": bounds["high"] - 0.01}
        assert measure(wider, fresh(*calibrated))["high"].hit_rate < HIGH_HIT_RATE

    def test_medium_hits_as_often_as_wanted(self, calibrated: tuple[Floats, Outcomes]) -> None:
        measured = measure(choose_bounds(*calibrated), fresh(*calibrated))
        assert measured["high"].hit_rate > measured["medium"].hit_rate >= MEDIUM_HIT_RATE
        assert measured["medium"].hit_rate > measured["low"].hit_rate

    def test_medium_is_as_wide_as_that_allows(self, calibrated: tuple[Floats, Outcomes]) -> None:
        bounds = choose_bounds(*calibrated)
        wider = {**bounds, "medium": bounds["medium"] - 0.01}
        assert measure(wider, fresh(*calibrated))["medium"].hit_rate < MEDIUM_HIT_RATE

    def test_bounds_fall_from_high_to_low(self, calibrated: tuple[Floats, Outcomes]) -> None:
        bounds = choose_bounds(*calibrated)
        assert bounds["high"] > bounds["medium"] > bounds["low"] == 0.0

    def test_medium_is_never_given_where_it_is_never_good_enough(
        self, calibrated: tuple[Floats, Outcomes]
    ) -> None:
        always_wrong = np.full(N, 2)
        measured = measure(choose_bounds(calibrated[0], always_wrong), fresh(calibrated[0], always_wrong))
        assert measured["medium"].n == 0
        assert measured["high"].hit_rate == measured["medium"].hit_rate == 0.0


class TestMeasure:
    def test_shares_sum_to_one(self, calibrated: tuple[Floats, Outcomes]) -> None:
        measured = measure(choose_bounds(*calibrated), fresh(*calibrated))
        assert sum(level.share for level in measured.values()) == pytest.approx(1.0)
        assert sum(level.n for level in measured.values()) == N

    def test_a_forecast_on_the_bound_belongs_to_the_level_above(self) -> None:
        on_it = np.array([[0.6, 0.2, 0.2]])
        measured = measure({"high": 0.6, "medium": 0.4, "low": 0.0}, fresh(on_it, np.array([0])))
        assert [measured[level].n for level in ("high", "medium", "low")] == [1, 0, 0]

    def test_what_is_unsure_is_low(self) -> None:
        sure = fresh(np.array([[0.6, 0.2, 0.2]]), np.array([0]))
        unsure = msgspec.structs.replace(sure, unsure=np.array([True]))
        measured = measure({"high": 0.6, "medium": 0.4, "low": 0.0}, unsure)
        assert [measured[level].n for level in ("high", "medium", "low")] == [0, 0, 1]


ORDER: tuple[Confidence, ...] = ("low", "medium", "high")
STATED = {
    "high": ConfidenceLevel(0.65, 0.75, 0.2, 700),
    "medium": ConfidenceLevel(0.5, 0.57, 0.4, 1400),
    "low": ConfidenceLevel(0.0, 0.4, 0.4, 1400),
}


def told(age: int, worse: float = 0.0, *, seed: int = 1, unsure: float = 0.0) -> Told:
    """Forecasts of that age, whose likeliest outcome happens less often than they say."""
    random = np.random.default_rng(seed)
    likeliest = random.uniform(0.34, 0.9, N)
    return Told(
        likeliest=likeliest,
        hit=random.uniform(size=N) < likeliest - worse,
        age=np.full(N, age),
        unsure=random.uniform(size=N) < unsure,
    )


def at(found: tuple[AgedConfidence, ...], age: int) -> dict[str, ConfidenceLevel]:
    return next(aged.confidence for aged in found if age <= aged.through)


class TestByAge:
    @pytest.mark.parametrize("worse", [0.0, 0.05, 0.1])
    def test_every_level_given_hits_as_often_as_stated(self, worse: float) -> None:
        levels = at(by_age(STATED, told(90, worse), told(90, worse, seed=2)), 90)
        assert set(levels) == {"high", "medium", "low"}
        for level in ("high", "medium"):
            assert levels[level].hit_rate >= STATED[level].hit_rate

    def test_the_worse_the_forecasts_the_higher_the_bounds(self) -> None:
        found = [at(by_age(STATED, told(90, worse), told(90)), 90) for worse in (0.0, 0.05, 0.1)]
        for level in ("high", "medium"):
            bounds = [levels[level].at_least for levels in found]
            assert bounds == sorted(bounds)
            assert STATED[level].at_least <= bounds[0] < bounds[-1]

    def test_a_level_that_never_hits_as_often_is_not_given_then_or_later(self) -> None:
        bad, good = told(90, 0.5), told(200)
        both = Told(
            *(np.concatenate((getattr(bad, name), getattr(good, name))) for name in Told.__struct_fields__)
        )
        for aged in by_age(STATED, both, both):
            assert set(aged.confidence) == {"low"}

    def test_a_level_that_no_longer_hits_as_often_on_later_seasons_is_not_given(self) -> None:
        assert set(at(by_age(STATED, told(90), told(90, 0.5)), 90)) == {"low"}

    def test_what_is_unsure_is_low_whatever_its_probability(self) -> None:
        levels = at(by_age(STATED, told(90), told(90, unsure=1.0)), 90)
        assert set(levels) == {"low"}
        assert levels["low"].n == N

    def test_fresh_forecasts_say_nothing_of_older_ones(self) -> None:
        for aged in by_age(STATED, told(FRESH), told(FRESH)):
            assert set(aged.confidence) == {"low"}

    @given(st.lists(st.floats(0.0, 0.3), min_size=len(AGES), max_size=len(AGES)), st.integers(0, 5))
    def test_bounds_never_fall_with_age(self, worse: list[float], seed: int) -> None:
        parts = [told(age, by, seed=seed) for age, by in zip(AGES, worse, strict=True)]
        every = Told(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in Told.__struct_fields__)
        )
        before: dict[str, ConfidenceLevel] = STATED
        for aged in by_age(STATED, every, every):
            assert set(aged.confidence) <= set(before)
            assert all(level.at_least >= before[name].at_least for name, level in aged.confidence.items())
            before = aged.confidence


class TestLevelOf:
    BOUNDS: Bounds = (
        (60, {"high": 0.65, "medium": 0.5, "low": 0.0}),
        (120, {"high": 0.7, "medium": 0.5, "low": 0.0}),
        (240, {"medium": 0.55, "low": 0.0}),
    )

    @pytest.mark.parametrize(
        ("age", "level"),
        [(0, "high"), (60, "high"), (61, "medium"), (121, "medium"), (240, "medium"), (241, "low")],
    )
    def test_is_the_highest_that_is_reached_at_that_age(self, age: int, level: Confidence) -> None:
        assert level_of(0.66, age, self.BOUNDS, unsure=False) == level

    @given(st.floats(0.34, 1.0), st.lists(st.integers(0, 1000), min_size=2, max_size=2))
    def test_is_never_raised_by_older_data(self, likeliest: float, ages: list[int]) -> None:
        younger, older = (
            ORDER.index(level_of(likeliest, age, self.BOUNDS, unsure=False)) for age in sorted(ages)
        )
        assert older <= younger
