import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.arrays import Floats
from sabiscore.features.components import CLUB, LEAGUE, LEAGUE_MEANS, LEAGUE_PRIOR
from sabiscore.features.kalman import Day, Filter, filters, goals_each, mixed_margin, mixed_total
from sabiscore.features.parameters import Parameters

PARAMETERS = Parameters()
FILTERS = filters(PARAMETERS)
RATINGS = (FILTERS.results, FILTERS.strength)
ALL = (*RATINGS, FILTERS.total)
DAMPING = PARAMETERS.margin.damping
OPEN, CLOSED = 1.0, PARAMETERS.closed_doors
UNKNOWN = float("nan")

goals = st.floats(-8, 8)
variances = st.floats(0.005, 0.5)
log_odds = st.floats(-3, 3)


def two(rules: Filter, home: tuple[float, float], away: tuple[float, float]) -> Floats:
    """The components of a home and an away club, rating and variance given."""
    clubs = np.zeros((2, len(CLUB)))
    clubs[:, rules.rating], clubs[:, rules.variance] = zip(home, away, strict=True)
    return clubs


def league(**values: float) -> Floats:
    """One league's components: the prior, but for what is given."""
    return np.array([[values.get(name, prior) for name, prior in LEAGUE_PRIOR.items()]])


def day(margin: float = 0.0, total: float = 2.6, prices: float = UNKNOWN, open_doors: float = OPEN) -> Day:
    """A day with one match; ``prices`` are the log odds of its outcome and of its goals."""
    said = np.array([prices])
    return Day(np.array([0]), np.array([margin]), np.array([total]), said, said, open_doors)


class TestAResult:
    @given(goals, goals, variances, variances)
    def test_home_gains_what_away_loses_in_proportion_of_their_variances(
        self, rating: float, margin: float, p: float, q: float
    ) -> None:
        for rules in RATINGS:
            clubs = two(rules, (rating, p), (0.0, q))
            rules.update_from_result(clubs, league(), day(margin), np.array([margin]), DAMPING)
            home, away = clubs[:, rules.rating] - (rating, 0.0)
            assert home * q == pytest.approx(-away * p, abs=1e-12)

    @given(goals, variances, variances)
    def test_makes_both_clubs_more_certain(self, margin: float, p: float, q: float) -> None:
        for rules in ALL:
            clubs = two(rules, (0.0, p), (0.0, q))
            rules.update_from_result(clubs, league(), day(margin), np.array([margin]), DAMPING)
            assert (clubs[:, rules.variance] > 0).all()
            assert (clubs[:, rules.variance] < (p, q)).all()

    @given(goals, goals, variances, variances)
    def test_seen_from_the_other_side_is_mirrored_where_there_is_no_home_advantage(
        self, rating: float, margin: float, p: float, q: float
    ) -> None:
        for rules in RATINGS:
            level = league(results_home=0.0, strength_home=0.0)
            here, there = two(rules, (rating, p), (0.0, q)), two(rules, (0.0, q), (rating, p))
            rules.update_from_result(here, level.copy(), day(margin), np.array([margin]), DAMPING)
            rules.update_from_result(there, level.copy(), day(-margin), np.array([-margin]), DAMPING)
            assert here[:, rules.rating] == pytest.approx(there[::-1, rules.rating], abs=1e-12)

    @given(st.floats(0, 8), st.floats(0, 8))
    def test_a_greater_surprise_teaches_more_and_less_than_in_proportion(self, a: float, b: float) -> None:
        smaller, greater = sorted((a, b))
        moved = []
        for error in (smaller, greater):
            rules = FILTERS.results
            clubs = two(rules, (0.0, 0.1), (0.0, 0.1))
            level = league(results_home=0.0)
            rules.update_from_result(clubs, level, day(error), np.array([error]), DAMPING)
            moved.append(clubs[0, rules.rating])
            assert moved[-1] <= error * 0.1 / 1.2 + 1e-12
        assert moved[0] <= moved[1]

    def test_as_expected_moves_nothing_but_the_variances(self) -> None:
        for rules in RATINGS:
            clubs, level = two(rules, (0.5, 0.1), (0.2, 0.2)), league()
            expected = 0.3 + LEAGUE_PRIOR[LEAGUE[rules.league]]
            rules.update_from_result(clubs, level, day(expected), np.array([expected]), DAMPING)
            assert clubs[:, rules.rating] == pytest.approx([0.5, 0.2])
            assert level == pytest.approx(league())

    def test_without_spectators_the_leagues_home_advantage_stays_as_it_was(self) -> None:
        for rules in RATINGS:
            level = league()
            rules.update_from_result(
                two(rules, (0, 0.1), (0, 0.1)), level, day(5.0, open_doors=CLOSED), np.array([5.0]), DAMPING
            )
            assert level.tolist() == league().tolist()

    def test_a_home_win_above_expectation_raises_home_advantages(self) -> None:
        for rules in RATINGS:
            clubs, level = two(rules, (0, 0.1), (0, 0.1)), league()
            rules.update_from_result(clubs, level, day(5.0), np.array([5.0]), DAMPING)
            assert level[0, rules.league] > LEAGUE_PRIOR[LEAGUE[rules.league]]
            assert clubs[0, rules.club_home] > 0.0 == clubs[1, rules.club_home]


class TestTotal:
    @given(goals, goals, st.floats(0, 10), variances, variances)
    def test_does_not_ask_who_played_at_home(
        self, first: float, second: float, total: float, p: float, q: float
    ) -> None:
        rules = FILTERS.total
        here, there = two(rules, (first, p), (second, q)), two(rules, (second, q), (first, p))
        levels = league(), league()
        for clubs, level in zip((here, there), levels, strict=True):
            rules.update_from_odds(clubs, level, day(prices=0.4), np.array([0.4]))
            rules.update_from_result(clubs, level, day(total=total), np.array([total]), DAMPING)
        assert here == pytest.approx(there[::-1], abs=1e-12)
        assert levels[0] == pytest.approx(levels[1])

    def test_both_clubs_of_a_match_with_many_goals_have_more(self) -> None:
        rules = FILTERS.total
        clubs, level = two(rules, (0.0, 0.02), (0.0, 0.02)), league()
        rules.update_from_result(clubs, level, day(total=6.0), np.array([6.0]), DAMPING)
        assert clubs[0, rules.rating] == clubs[1, rules.rating] > 0
        assert level[0, rules.league] > LEAGUE_PRIOR[LEAGUE[rules.league]]

    def test_learns_behind_closed_doors_too(self) -> None:
        rules, level = FILTERS.total, league()
        clubs = two(rules, (0, 0.02), (0, 0.02))
        rules.update_from_result(clubs, level, day(total=6.0, open_doors=CLOSED), np.array([6.0]), DAMPING)
        assert level[0, rules.league] > LEAGUE_PRIOR[LEAGUE[rules.league]]


class TestOdds:
    @given(log_odds, variances, variances)
    def test_make_both_clubs_more_certain_than_a_result_does(self, said: float, p: float, q: float) -> None:
        rules = FILTERS.strength
        told, played = two(rules, (0, p), (0, q)), two(rules, (0, p), (0, q))
        rules.update_from_odds(told, league(), day(), np.array([said]))
        rules.update_from_result(played, league(), day(), np.array([said]), DAMPING)
        assert (told[:, rules.variance] < played[:, rules.variance]).all()

    @given(log_odds)
    def test_pull_the_expectation_towards_what_they_say(self, said: float) -> None:
        rules, clubs, level = FILTERS.strength, two(FILTERS.strength, (0.3, 0.1), (0.1, 0.1)), league()
        of_odds = rules.parameters.odds_slope * said + rules.parameters.odds_level

        def off() -> float:
            return abs(float(rules.expected(clubs[:1], clubs[1:], level, OPEN)[0]) - of_odds)

        before = off()
        rules.update_from_odds(clubs, level, day(prices=said), np.array([said]))
        assert off() <= before

    def test_that_are_not_known_change_nothing(self) -> None:
        for rules in (FILTERS.strength, FILTERS.total):
            clubs, level = two(rules, (0.3, 0.1), (0.1, 0.1)), league()
            rules.update_from_odds(clubs, level, day(), np.array([UNKNOWN]))
            assert clubs.tolist() == two(rules, (0.3, 0.1), (0.1, 0.1)).tolist()
            assert level.tolist() == league().tolist()

    def test_of_one_match_do_not_touch_another_of_the_day(self) -> None:
        rules = FILTERS.strength
        clubs = np.repeat(two(rules, (0.3, 0.1), (0.1, 0.1)), 2, axis=0)
        before = clubs.copy()
        both = msgspec.structs.replace(day(), league=np.array([0, 0]))
        rules.update_from_odds(clubs, league(), both, np.array([2.0, UNKNOWN]))
        assert clubs[[1, 3]].tolist() == before[[1, 3]].tolist()
        assert (clubs[[0, 2], rules.variance] < before[[0, 2], rules.variance]).all()

    def test_are_not_heard_by_the_rating_from_results(self) -> None:
        clubs = two(FILTERS.results, (0.3, 0.1), (0.1, 0.1))
        FILTERS.results.update_from_odds(clubs, league(), day(), np.array([2.0]))
        assert clubs.tolist() == two(FILTERS.results, (0.3, 0.1), (0.1, 0.1)).tolist()


class TestADay:
    def test_odds_are_heard_before_the_result(self) -> None:
        rules, today = FILTERS.strength, day(margin=2.0, prices=1.0)
        whole, level = two(rules, (0.3, 0.1), (0.1, 0.2)), league()
        FILTERS.learn(whole, level, today, DAMPING)
        steps, of_steps = two(rules, (0.3, 0.1), (0.1, 0.2)), league()
        rules.update_from_odds(steps, of_steps, today, today.log_odds)
        rules.update_from_result(steps, of_steps, today, today.margin, DAMPING)
        for column in (rules.rating, rules.variance, rules.club_home):
            assert whole[:, column].tolist() == steps[:, column].tolist()
        assert level[0, rules.league] == of_steps[0, rules.league]

    def test_each_filter_keeps_to_its_own_columns(self) -> None:
        clubs, level = np.zeros((2, len(CLUB))), league()
        FILTERS.learn(clubs, level, day(margin=2.0, total=5.0, prices=1.0), DAMPING)
        touched = {CLUB[k] for k in np.flatnonzero(clubs.any(axis=0))}
        assert touched == {"results_home", "strength_home"}
        assert level[0, :LEAGUE_MEANS].tolist() == list(LEAGUE_PRIOR.values())[:LEAGUE_MEANS]


MEANS = np.array([list(LEAGUE_PRIOR.values())[:LEAGUE_MEANS]])
counts = st.tuples(*(st.integers(0, top) for top in (9, 15, 30, 15, 2)))


class TestMixedMargin:
    @given(st.integers(0, 9), st.integers(0, 9))
    def test_without_statistics_is_the_goal_difference(self, home: int, away: int) -> None:
        here, there = (np.array([[float(goals), *[UNKNOWN] * 4]]) for goals in (home, away))
        assert mixed_margin(here, there, MEANS, PARAMETERS.margin).tolist() == [home - away]

    @given(counts, st.integers(1, 4))
    def test_with_one_statistic_unknown_is_the_goal_difference(
        self, home: tuple[int, ...], unknown: int
    ) -> None:
        stats = np.array([home], dtype=np.float64)
        stats[0, unknown] = UNKNOWN
        away = np.array([[1.0, 4.0, 11.0, 4.0, 0.0]])
        assert mixed_margin(stats, away, MEANS, PARAMETERS.margin).tolist() == [home[0] - 1.0]

    @given(counts, counts)
    def test_changes_its_sign_with_the_sides(self, home: tuple[int, ...], away: tuple[int, ...]) -> None:
        one, other = np.array([home], dtype=np.float64), np.array([away], dtype=np.float64)
        here = mixed_margin(one, other, MEANS, PARAMETERS.margin)
        assert here == pytest.approx(-mixed_margin(other, one, MEANS, PARAMETERS.margin))

    def test_a_red_card_of_the_loser_excuses_some_of_the_defeat(self) -> None:
        """The winner had an easier time: ``reds`` is for what the weights of goals and shots leave over."""
        home, away = np.array([[2.0, 5.0, 13.0, 5.0, 0.0]]), np.array([[0.0, 4.0, 11.0, 4.0, 0.0]])
        sent_off = np.array([[*away[0, :4], 1.0]])
        fair = mixed_margin(home, away, MEANS, PARAMETERS.margin)[0]
        assert mixed_margin(home, sent_off, MEANS, PARAMETERS.margin)[0] == pytest.approx(
            fair - PARAMETERS.margin.reds
        )


class TestMixedTotal:
    def test_without_shots_is_the_goals_of_both(self) -> None:
        home, away = np.array([[3.0, UNKNOWN]]), np.array([[1.0, 4.0]])
        assert mixed_total(home, away, MEANS, 0.45).tolist() == [4.0]

    def test_of_an_average_match_is_average_whatever_the_share_of_shots(self) -> None:
        home, away = np.array([[1.5, 5.0]]), np.array([[1.1, 4.0]])
        for share in (0.0, 0.45, 1.0):
            assert mixed_total(home, away, MEANS, share)[0] == pytest.approx(2.6)


class TestGoalsEach:
    def test_are_goals_of_both_sides_to_a_shot_of_both(self) -> None:
        assert goals_each(MEANS)[0].tolist() == pytest.approx([2.6 / 9.0, 2.6 / 24.5, 2.6 / 10.0])
