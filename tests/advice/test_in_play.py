import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.advice.answer import answers
from sabiscore.advice.case import Case, Triple
from sabiscore.advice.in_play import (
    AFTER_RED_CARDS,
    AT_HALF_TIME,
    AT_KICK_OFF,
    AT_THE_END,
    INTERPOLATED,
    in_play_answers,
)
from sabiscore.domain import InPlay, InPlayPrediction, Language, Prediction, SideCounts
from sabiscore.languages.wording import wording
from tests.advice.agreement import assert_in_play_agrees, probabilities
from tests.advice.cases import BOUNDS, CASE, case, read
from tests.docs.catalogues import OTHERS

weights = st.tuples(*(st.floats(1e-6, 1.0) for _ in range(3)))
triples = weights.map(lambda w: (w[0] / sum(w), w[1] / sum(w), w[2] / sum(w)))
counts = st.builds(SideCounts, st.integers(0, 10), st.integers(0, 10))
cards = st.builds(SideCounts, st.integers(0, 4), st.integers(0, 4))
states = st.builds(InPlay, st.integers(0, 120), counts, cards)


def at(minute: int, home: int = 0, away: int = 0, reds: tuple[int, int] = (0, 0)) -> InPlay:
    return InPlay(minute, SideCounts(home, away), SideCounts(*reds))


def answered(state: InPlay, about: Case = CASE, *, full: bool = False) -> InPlayPrediction:
    [found] = in_play_answers([about], [state], "0123abcd", full=full)
    return read(found, InPlayPrediction)


class TestInPlayAnswers:
    @given(triples, states)
    def test_agree_with_themselves(self, chances: Triple, state: InPlay) -> None:
        assert_in_play_agrees(answered(state, case(chances), full=True))

    @given(triples)
    def test_at_kick_off_are_the_prediction_of_the_fixture(self, chances: Triple) -> None:
        about = case(chances)
        before = read(answers([about], "0123abcd", BOUNDS)[0], Prediction)
        found = answered(at(0), about)
        assert probabilities(found) == probabilities(before)
        assert found.expected_goals == before.expected_goals
        assert found.scorelines == before.scorelines
        assert found.markets.over_under == before.markets.over_under
        assert found.markets.asian_handicap == before.markets.asian_handicap

    def test_at_the_end_know_the_result(self) -> None:
        found = answered(at(90, 1, 2))
        assert probabilities(found) == [0.0, 0.0, 1.0]
        assert [(one.home, one.away, one.prob) for one in found.scorelines] == [(1, 2, 1.0)]
        assert (found.expected_goals.home, found.expected_goals.away) == (1.0, 2.0)
        assert [total.over for total in found.markets.over_under] == [1.0, 1.0, 1.0, 0.0, 0.0]

    @pytest.mark.parametrize("language", OTHERS)
    def test_say_how_they_were_made_in_any_language(self, language: Language) -> None:
        said = wording(language)
        for state in (at(0), at(45), at(60), at(60, reds=(1, 0)), at(90)):
            [found] = in_play_answers([CASE], [state], "0123abcd", language=language)
            told = read(found, InPlayPrediction).statement
            assert told != answered(state).statement
            assert told.startswith(said.say(answered(state).statement.removesuffix(f" {AFTER_RED_CARDS}")))

    def test_name_the_fixture_the_state_and_the_model(self) -> None:
        found = answered(at(45, 1, 0, (0, 1)))
        assert (found.fixture.home_team, found.model.version) == ("Arsenal", "0123abcd")
        assert found.in_play == at(45, 1, 0, (0, 1))

    def test_of_many_are_the_one_of_each(self) -> None:
        cases, asked = [CASE, case((0.2, 0.3, 0.5)), CASE], [at(0), at(45, 0, 1), at(80, 3, 3, (1, 0))]
        together = [read(one, InPlayPrediction) for one in in_play_answers(cases, asked, "0123abcd")]
        assert together == [answered(state, about) for about, state in zip(cases, asked, strict=True)]
        assert in_play_answers([], [], "0123abcd") == []

    def test_have_no_half_time_and_no_corners(self) -> None:
        found = answered(at(60)).markets
        assert (found.half_time_result, found.half_time_goals, found.corners) == (None, None, None)

    def test_have_grid_and_bets_in_full_only(self) -> None:
        summary, full = answered(at(60)), answered(at(60), full=True)
        assert (summary.score_grid, summary.bets) == (None, None)
        assert full.score_grid is not None
        assert np.array(full.score_grid).shape == (11, 11)
        assert full.bets is not None


class TestWhatTheySayOfThemselves:
    @pytest.mark.parametrize(
        ("state", "measured", "says"),
        [
            (at(0), True, AT_KICK_OFF),
            (at(45, 2, 1), True, AT_HALF_TIME),
            (at(90, 2, 1, (1, 0)), True, AT_THE_END),
            (at(30), False, INTERPOLATED),
            (at(0, 1, 0), False, INTERPOLATED),
            (at(45, reds=(1, 0)), False, f"{AT_HALF_TIME} {AFTER_RED_CARDS}"),
            (at(70, reds=(0, 1)), False, f"{INTERPOLATED} {AFTER_RED_CARDS}"),
        ],
    )
    def test_is_whether_they_were_measured(self, state: InPlay, measured: bool, says: str) -> None:  # noqa: FBT001
        found = answered(state)
        assert (found.measured, found.statement) == (measured, says)
