import msgspec
import numpy as np
import pytest

from sabiscore.arrays import Floats, softmax
from sabiscore.models.calibration import (
    ALL,
    FEWEST_OF_A_LEAGUE,
    INTERVAL_COVERAGE,
    LICENCE_BOUND,
    POOR_GAP,
    SET_COVERAGE,
    Calibration,
    Validated,
    calibrate,
    choose_closing,
    choose_market_weight,
    complete,
    interval,
)
from sabiscore.models.confidence import AGES, FRESH, HIGH_HIT_RATE, MEDIUM_HIT_RATE

N = 6000
LEAGUES = ("D1", "E0")


def validated(
    *,
    ours_off: float = 0.3,
    market_off: float = 0.3,
    ours_sharp: float = 1.0,
    market_sharp: float = 1.0,
    seed: int = 1,
) -> Validated:
    """A world where the truth is known, and how far off, and how bold, each forecast of it is.

    The closing market strays from ours as far as the variance of each match says.
    """
    random = np.random.default_rng(seed)
    scores = random.normal(size=(N, 3)) * (0.8, 0.2, 0.8)
    chances = np.cumsum(softmax(scores), axis=1)[:, :2]
    ours = softmax(ours_sharp * scores + ours_off * random.normal(size=(N, 3)))
    variance = random.uniform(0.02, 0.3, size=N)
    return Validated(
        season=np.repeat((2021, 2022, 2023), N // 3),
        league=np.array(LEAGUES)[random.integers(0, 2, size=N)],
        outcomes=(random.uniform(size=N)[:, None] > chances).sum(axis=1),
        ours=ours,
        market=softmax(market_sharp * scores + market_off * random.normal(size=(N, 3))),
        closing=softmax(np.log(ours) + np.sqrt(variance)[:, None] * random.normal(size=(N, 3))),
        variance=variance,
        age=np.ones(N, dtype=np.intp),
        joins=np.zeros(N, dtype=np.bool_),
    )


def calibrated(choose: Validated, check: Validated) -> Calibration:
    """Where nothing was ever predicted from older data."""
    none = choose.of(np.zeros(len(choose.outcomes), dtype=np.bool_))
    return calibrate(choose, check, (none, none))


def without_odds(of: Validated, chosen: slice = slice(None)) -> Validated:
    market, closing = of.market.copy(), of.closing.copy()
    market[chosen], closing[chosen] = np.nan, np.nan
    return msgspec.structs.replace(of, market=market, closing=closing)


class TestTrust:
    def test_is_all_in_a_market_that_is_right(self) -> None:
        assert choose_market_weight(validated(market_off=0.0, ours_off=0.5)) == pytest.approx(1.0, abs=0.1)

    def test_is_none_in_a_market_that_is_wrong(self) -> None:
        assert choose_market_weight(validated(market_off=2.0, ours_off=0.0)) <= 0.1

    def test_is_shared_by_two_that_err_alike_and_apart(self) -> None:
        assert choose_market_weight(validated(market_off=0.6, ours_off=0.6)) == pytest.approx(0.5, abs=0.15)

    def test_goes_beyond_the_market_where_that_is_too_timid_and_ours_more_so(self) -> None:
        timid = validated(market_off=0.0, ours_off=0.0, ours_sharp=0.0, market_sharp=0.6)
        assert choose_market_weight(timid) == 1.2

    def test_is_all_where_no_match_has_odds(self) -> None:
        assert choose_market_weight(without_odds(validated())) == 1.0

    def test_does_not_mind_matches_without_odds(self) -> None:
        whole = validated(market_off=0.0, ours_off=0.5)
        first = whole.of(np.arange(N) < N // 2)
        assert choose_market_weight(without_odds(whole, slice(N // 2, None))) == choose_market_weight(first)


class TestClosing:
    def moving(self, market: float, ours: float) -> Validated:
        """A world in which the market goes so far to ours, give or take a little."""
        world = validated()
        noise = 0.1 * np.random.default_rng(3).normal(size=(N, 3))
        closing = softmax(market * np.log(world.market) + ours * np.log(world.ours) + noise)
        return msgspec.structs.replace(world, closing=closing)

    def test_is_learnt_from_where_the_market_went(self) -> None:
        for found in choose_closing(self.moving(0.8, 0.25)).values():
            assert (found.market, found.ours) == pytest.approx((0.8, 0.25), abs=0.02)

    def test_is_learnt_for_each_league_that_has_odds(self) -> None:
        world = self.moving(0.8, 0.25)
        assert set(choose_closing(world)) == set(LEAGUES)
        bare = np.flatnonzero(world.league == LEAGUES[0])
        for odds in (world.market, world.closing):
            odds[bare] = np.nan
        assert set(choose_closing(world)) == set(LEAGUES[1:])

    def test_is_where_it_was_in_a_market_that_stays(self) -> None:
        assert choose_closing(self.moving(1.0, 0.0)) == {}

    def test_is_where_it_was_if_no_match_has_odds(self) -> None:
        assert choose_closing(without_odds(validated())) == {}


class TestInterval:
    def test_holds_the_probability_and_stays_a_probability(self) -> None:
        world = validated()
        found = interval(world.ours, world.variance, (1.0, 0.5, 1.0))
        assert found.shape == (N, 3, 2)
        assert (found[..., 0] < world.ours).all()
        assert (found[..., 1] > world.ours).all()
        assert ((found > 0) & (found < 1)).all()

    def test_may_have_other_widths_for_each_fixture(self) -> None:
        world = validated()
        widths = np.where(np.arange(N)[:, None] % 2, (1.0, 0.5, 1.0), (0.3, 0.2, 0.1))
        found = interval(world.ours, world.variance, widths)
        for first, each in enumerate(((0.3, 0.2, 0.1), (1.0, 0.5, 1.0))):
            alike = slice(first, None, 2)
            assert (
                found[alike].tobytes() == interval(world.ours[alike], world.variance[alike], each).tobytes()
            )

    def test_is_wider_the_less_is_known_of_the_clubs(self) -> None:
        even = np.full((3, 3), 1 / 3)
        found = interval(even, np.array([0.05, 0.1, 0.2]), (1.0, 1.0, 1.0))
        width = (found[..., 1] - found[..., 0])[:, 0]
        assert width.tolist() == sorted(set(width.tolist()))


@pytest.fixture(scope="module")
def chosen() -> Validated:
    return validated(seed=1)


@pytest.fixture(scope="module")
def calibration(chosen: Validated) -> Calibration:
    return calibrated(chosen, chosen)


class TestIntervals:
    def test_cover_as_stated_the_matches_they_were_chosen_on(self, calibration: Calibration) -> None:
        for found in (calibration.interval, calibration.interval_with_odds):
            assert found.coverage[ALL] == pytest.approx(INTERVAL_COVERAGE, abs=0.001)

    def test_cover_nearly_as_stated_other_matches(self, chosen: Validated) -> None:
        other = calibrated(chosen, validated(seed=2)).interval.coverage
        assert set(other) == {ALL, *LEAGUES}
        for covered in other.values():
            assert covered == pytest.approx(INTERVAL_COVERAGE, abs=0.02)

    def test_are_of_each_league_by_itself(self, chosen: Validated) -> None:
        """Of one league twice as much is known as the variance says, of the other half."""
        factor = np.where(chosen.league == LEAGUES[0], 2.0, 0.5)
        found = calibrated(*[msgspec.structs.replace(chosen, variance=factor * chosen.variance)] * 2).interval
        assert max(found.of(LEAGUES[0])) < min(found.of(LEAGUES[1]))
        for covered in found.coverage.values():
            assert covered == pytest.approx(INTERVAL_COVERAGE, abs=0.002)

    def test_are_those_of_all_in_a_league_with_few_matches(self, chosen: Validated) -> None:
        rare = msgspec.structs.replace(
            chosen, league=np.where(np.arange(N) < FEWEST_OF_A_LEAGUE - 1, "SC3", chosen.league)
        )
        found = calibrated(rare, rare).interval
        assert found.of("SC3") == found.of("G1") == found.widths[ALL]

    def test_that_are_measured_where_variance_is_understated_cover_less(self, chosen: Validated) -> None:
        sure = msgspec.structs.replace(chosen, variance=chosen.variance / 4)
        assert calibrated(chosen, sure).interval.coverage[ALL] < INTERVAL_COVERAGE - 0.2

    def test_have_no_measure_without_odds(self, chosen: Validated) -> None:
        bare = without_odds(chosen)
        found = calibrated(bare, bare).interval
        assert found.widths == {ALL: (1.0, 1.0, 1.0)}
        assert set(found.coverage.values()) == {0.0}


class TestPoorLeagues:
    def test_are_those_whose_forecasts_are_far_from_the_closing_line(self) -> None:
        """Ours is the closing line in one league, and knows nothing in the other."""
        world = validated(market_off=0.1)
        near = world.league == LEAGUES[0]
        ours = np.where(near[:, None], world.closing, 1 / 3)
        found = calibrated(*[msgspec.structs.replace(world, ours=ours)] * 2)
        assert found.expected_gaps[LEAGUES[0]] < 0.0
        assert found.expected_gaps[LEAGUES[1]] > POOR_GAP
        assert LEAGUES[0] not in found.poor
        assert LEAGUES[1] in found.poor


class TestOutcomeSets:
    def test_cover_as_stated(self, chosen: Validated, calibration: Calibration) -> None:
        assert calibration.outcome_sets.coverage[ALL] == pytest.approx(SET_COVERAGE, abs=0.001)
        for covered in calibrated(chosen, validated(seed=2)).outcome_sets.coverage.values():
            assert covered == pytest.approx(SET_COVERAGE, abs=0.02)


class TestLicences:
    def test_are_granted_only_where_the_upper_bound_is_not_above_the_bound(self) -> None:
        for ours_off, market_off in ((0.0, 0.6), (0.0, 0.3), (0.3, 0.3), (0.4, 0.5)):
            world = validated(ours_off=ours_off, market_off=market_off)
            checked = validated(ours_off=ours_off, market_off=market_off, seed=2)
            found = calibrated(world, checked)
            assert found.market_weight < 1.0
            for licence in found.licences.values():
                assert licence.granted == (licence.at_most <= LICENCE_BOUND)
                assert licence.at_most > licence.loss

    def test_are_refused_where_the_market_alone_is_trusted(self) -> None:
        found = calibrated(
            validated(ours_off=0.5, market_off=0.0), validated(ours_off=0.5, market_off=0.0, seed=2)
        )
        assert found.market_weight == 1.0
        for licence in found.licences.values():
            assert not licence.granted
            assert licence.loss == pytest.approx(0.0)

    def test_are_granted_where_ours_beats_the_market(self) -> None:
        world = validated(ours_off=0.0, market_off=0.8)
        assert all(licence.granted for licence in calibrated(world, world).licences.values())

    def test_are_refused_where_trust_was_misplaced(self) -> None:
        """On the seasons that choose, ours was better; on those that check, it no longer is."""
        then, now = validated(ours_off=0.0, market_off=0.8), validated(ours_off=1.0, market_off=0.0, seed=2)
        for licence in calibrated(then, now).licences.values():
            assert licence.loss > 0
            assert not licence.granted

    def test_are_one_a_league_on_its_matches_with_odds(self, chosen: Validated) -> None:
        found = calibrated(chosen, without_odds(chosen, slice(0, 1000))).licences
        assert set(found) == set(LEAGUES)
        assert sum(licence.n for licence in found.values()) == N - 1000

    def test_there_are_none_without_odds(self, chosen: Validated) -> None:
        assert calibrated(chosen, without_odds(chosen)).licences == {}


class TestCalibrate:
    def test_states_of_confidence_what_each_season_got_from_bounds_of_the_others(
        self, chosen: Validated
    ) -> None:
        """The likeliest outcome never happens in 2024: bounds that knew it would be higher for all seasons."""
        check = validated(seed=2)
        wrong = (check.ours.argmax(axis=1) + 1) % 3
        check = msgspec.structs.replace(check, season=np.full(N, 2024), outcomes=wrong)
        found = calibrated(chosen, check).confidence
        assert sum(level.n for level in found.values()) == 2 * N
        assert calibrated(chosen, chosen).confidence["high"].hit_rate > HIGH_HIT_RATE - 0.02
        assert found["medium"].hit_rate < MEDIUM_HIT_RATE

    def test_without_older_data_gives_no_level_to_their_forecasts(self, calibration: Calibration) -> None:
        fresh, *older = calibration.bounds
        assert fresh == (FRESH, {name: one.at_least for name, one in calibration.confidence.items()})
        assert older == [(age, {"low": 0.0}) for age in AGES]

    def test_keeps_a_level_that_older_data_do_not_make_worse(self, chosen: Validated) -> None:
        older = msgspec.structs.replace(chosen, age=np.full(N, FRESH + 1))
        found = calibrate(chosen, chosen, (older, older))
        aged = found.confidence_by_age[0].confidence
        assert {name: one.at_least for name, one in aged.items()} == found.bounds[0][1]

    def test_without_learnt_weights_has_odds_close_where_they_are(self, calibration: Calibration) -> None:
        older = msgspec.to_builtins(calibration)
        del older["closing"]
        assert msgspec.convert(older, Calibration).closing == {}

    def test_survives_the_way_through_a_manifest(self, calibration: Calibration) -> None:
        assert msgspec.convert(msgspec.to_builtins(calibration), Calibration) == calibration


class TestComplete:
    def test_is_where_nothing_is_unknown(self) -> None:
        values: Floats = np.array([[0.1, 0.2], [np.nan, 0.2], [0.1, np.nan]])
        assert complete(values).tolist() == [True, False, False]
