import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.features.matches import GOALS, STATISTICS, encode
from sabiscore.features.parameters import MARGIN_SURPRISE, TOTAL_SURPRISE, Parameters
from sabiscore.features.surprise import goal_surprise, odds_in_goals, surprises
from tests.features.frames import Prices, frame, with_odds, with_statistics, with_totals

PARAMETERS = Parameters()
MEANS = np.array([[1.3, 4.5, 12.0, 5.0, 1.35]])
EVEN: Prices = (2.7, 3.3, 2.7)
SHOTS = ("shots_on_target", "shots", "corners")


def match(home: int, away: int, prices: Prices = EVEN) -> pl.DataFrame:
    return with_odds(frame(("2024-08-10", "A", "B", home, away)), prices)


def full(played: pl.DataFrame, home: float = 1.0, away: float = 1.0) -> pl.DataFrame:
    """The same with so many times the shots and corners that a side has on average."""
    average = dict(zip(SHOTS, MEANS[0, 1:4].tolist(), strict=True))
    return with_statistics(
        played,
        **{f"home_{name}": home * mean for name, mean in average.items()},
        **{f"away_{name}": away * mean for name, mean in average.items()},
    )


def beyond(played: pl.DataFrame) -> list[float]:
    """The surprise in the margin, and in the total."""
    matches = encode(played, PARAMETERS.rho)
    found: list[float] = surprises(matches, MEANS, MARGIN_SURPRISE, TOTAL_SURPRISE)[:, 0].tolist()
    return found


class TestOddsInGoals:
    @given(st.floats(-2, 2), st.floats(-1, 2.5))
    def test_are_margin_and_total_of_the_goals_they_mean(self, difference: float, both: float) -> None:
        margin, total = odds_in_goals(np.array([[difference, both]]))
        home, away = 0.5 * (total[0] + margin[0]), 0.5 * (total[0] - margin[0])
        assert np.log(home / away) == pytest.approx(difference, abs=1e-9)
        assert np.log(home * away) == pytest.approx(both, abs=1e-9)


class TestASurprise:
    def test_is_not_known_without_odds(self) -> None:
        assert np.isnan(beyond(frame(("2024-08-10", "A", "B", 3, 0)))).all()

    def test_in_the_margin_changes_its_sign_with_the_sides(self) -> None:
        here = beyond(full(match(3, 1, (1.5, 4.0, 7.0)), home=1.4, away=0.6))
        there = beyond(full(match(1, 3, (7.0, 4.0, 1.5)), home=0.6, away=1.4))
        intercept = sum(
            2 * rule[0] * weight
            for rule, weight in zip(
                MARGIN_SURPRISE.expected, msgspec.structs.astuple(MARGIN_SURPRISE.plain), strict=True
            )
        )
        assert here[0] == pytest.approx(-there[0] - intercept, abs=1e-9)
        assert here[1] == pytest.approx(there[1], abs=1e-9)

    @pytest.mark.parametrize("name", SHOTS)
    def test_grows_with_each_statistic_of_a_side(self, name: str) -> None:
        usual, more = (
            beyond(full(match(1, 1)).with_columns(pl.lit(count).alias(f"home_{name}")))
            for count in (8.0, 11.0)
        )
        assert more[0] > usual[0]
        assert more[1] > usual[1]

    def test_of_a_favourite_is_less_than_that_of_an_outsider_with_the_same_match(self) -> None:
        favourite, outsider = (
            beyond(full(match(2, 0, prices))) for prices in ((1.3, 5.5, 10.0), (10.0, 5.5, 1.3))
        )
        assert favourite[0] < outsider[0]

    def test_in_the_total_is_less_where_odds_expected_goals(self) -> None:
        many, few = (beyond(with_totals(match(2, 2), *odds)) for odds in ((1.4, 2.9), (2.9, 1.4)))
        assert many[1] < few[1]

    def test_of_goals_alone_counts_them_alone(self) -> None:
        for home, away in ((0, 0), (4, 1), (1, 3)):
            matches = encode(match(home, away), PARAMETERS.rho)
            by_goals = goal_surprise(matches, MARGIN_SURPRISE)[0]
            assert beyond(match(home, away))[0] == pytest.approx(MARGIN_SURPRISE.goals_only * by_goals)

    @pytest.mark.parametrize("missing", [f"{side}_{name}" for side in ("home", "away") for name in SHOTS])
    def test_with_a_statistic_unknown_is_that_of_goals_alone(self, missing: str) -> None:
        part = full(match(3, 0)).with_columns(pl.lit(None, pl.Float64).alias(missing))
        assert beyond(part) == beyond(match(3, 0))

    def test_hears_expected_goals_where_they_are_known(self) -> None:
        plain = full(match(1, 0))
        dominant, lucky = (
            beyond(with_statistics(plain, home_xg=home, away_xg=away))
            for home, away in ((3.1, 0.3), (0.3, 3.1))
        )
        assert dominant[0] > beyond(plain)[0] > lucky[0]

    def test_with_expected_goals_of_one_side_is_that_without(self) -> None:
        assert beyond(with_statistics(full(match(1, 0)), home_xg=2.0)) == beyond(full(match(1, 0)))

    def test_of_a_side_with_more_red_cards_is_as_parameters_say(self) -> None:
        sent_off = with_statistics(full(match(1, 0)), home_reds=0, away_reds=1)
        assert beyond(sent_off)[0] - beyond(full(match(1, 0)))[0] == pytest.approx(MARGIN_SURPRISE.plain.reds)

    def test_takes_shots_for_what_they_are_in_the_league(self) -> None:
        """Twice as many shots everywhere, in a league that has twice as many, are no surprise."""
        matches = encode(full(match(2, 1), home=1.5), PARAMETERS.rho)
        doubled = encode(full(match(2, 1), home=3.0, away=2.0), PARAMETERS.rho)
        twice = MEANS * np.array([1.0, 2.0, 2.0, 2.0, 1.0])
        here, there = (
            surprises(each, means, MARGIN_SURPRISE, TOTAL_SURPRISE)
            for each, means in ((matches, MEANS), (doubled, twice))
        )
        assert here == pytest.approx(there)


class TestRealMatches:
    @pytest.fixture(scope="class")
    @staticmethod
    def errors(matches: pl.DataFrame) -> Floats:
        """Of the real matches of late."""
        late = encode(matches.filter(pl.col("season") >= 2022), PARAMETERS.rho)
        means = np.repeat(MEANS, len(late), axis=0)
        return surprises(late, means, MARGIN_SURPRISE, TOTAL_SURPRISE)

    def test_are_no_surprise_on_average(self, errors: Floats) -> None:
        assert np.abs(np.nanmean(errors, axis=1)).max() < 0.15

    def test_surprise_by_about_a_goal(self, errors: Floats) -> None:
        assert ((np.nanstd(errors, axis=1) > 0.5) & (np.nanstd(errors, axis=1) < 1.7)).all()


class TestWeights:
    def test_are_in_the_order_of_the_statistics(self) -> None:
        for rules in (MARGIN_SURPRISE, TOTAL_SURPRISE):
            assert rules.plain.__struct_fields__ == STATISTICS
            assert len(rules.expected) == len(STATISTICS)
            assert STATISTICS[GOALS] == "goals"
