import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sabiscore.advice.answer import answers
from sabiscore.advice.case import Case, Triple
from sabiscore.api.openapi import FIXTURE_IN_PLAY, FIXTURE_WITH_ODDS, IN_PLAY_PREDICTION, PREDICTION
from sabiscore.domain import InPlay, ModelInfo, Odds, Points, Prediction
from sabiscore.models.grid import outcomes
from tests.advice.agreement import assert_all_agrees, assert_in_play_agrees
from tests.advice.cases import BOUNDS, CASE, CLUB, case, read

ODDS = Odds(2.2, 3.4, 3.6)
FIRST_SIX = ["home_win_prob", "draw_prob", "away_win_prob", "recommended_bet", "confidence", "reasoning"]

weights = st.tuples(*(st.floats(1e-6, 1.0) for _ in range(3)))
triples = weights.map(lambda w: (w[0] / sum(w), w[1] / sum(w), w[2] / sum(w)))


def less(one: Triple, other: Triple) -> Triple:
    return (one[0] - other[0], one[1] - other[1], one[2] - other[2])


def answered(about: Case, *, full: bool = False) -> Prediction:
    [found] = answers([about], "0123abcd", BOUNDS, full=full)
    return read(found, Prediction)


class TestAnswer:
    def test_names_the_fixture_and_the_model(self) -> None:
        found = answered(CASE)
        assert found.fixture.home_team == "Arsenal"
        assert (found.fixture.league, found.fixture.league_name) == ("E0", "Premier League")
        assert found.fixture.kickoff_time == CASE.fixture.kickoff
        assert found.model == ModelInfo("0123abcd", CASE.data_through)

    def test_begins_with_the_frontends_six_fields(self) -> None:
        assert list(msgspec.to_builtins(answered(CASE)))[:6] == FIRST_SIX

    def test_has_value_only_with_odds_and_grid_and_bets_only_in_full(self) -> None:
        plain = msgspec.to_builtins(answered(CASE))
        whole = msgspec.to_builtins(answered(case(odds=ODDS), full=True))
        assert set(whole) - set(plain) == {"value", "score_grid", "bets"}
        assert np.array(whole["score_grid"]).shape == (11, 11)

    def test_says_where_the_probabilities_came_from(self) -> None:
        explanation = answered(CASE).explanation
        assert explanation.base == Points(44.0, 27.0, 29.0)
        assert [one.group for one in explanation.contributions] == list(CASE.contributions)
        assert explanation.contributions[1].away == -8.0

    def test_of_many_cases_are_the_one_of_each(self) -> None:
        cases = [CASE, case(odds=ODDS, licensed=True), case((0.2, 0.3, 0.5)), case((0.2, 0.3, 0.5), ODDS)]
        for full in (False, True):
            together = answers(cases, "0123abcd", BOUNDS, full=full)
            assert [read(one, Prediction) for one in together] == [answered(one, full=full) for one in cases]
        assert answers([], "0123abcd", BOUNDS) == []

    def test_rounds_intervals_outwards(self) -> None:
        home = answered(CASE).uncertainty.home_win
        assert (home.low, home.high) == (0.44, 0.56)
        odd = replace(case((0.0016, 0.4992, 0.4992)), intervals=((0.00155, 0.00165), (0.4, 0.6), (0.4, 0.6)))
        low = answered(odd).uncertainty.home_win
        assert (low.low, low.high) == (0.001, 0.002)

    @given(triples, st.booleans(), st.none() | st.just(ODDS))
    def test_agrees_with_itself(self, probabilities: Triple, licensed: bool, odds: Odds | None) -> None:  # noqa: FBT001
        about = case(probabilities, odds, licensed=licensed)
        moved = dict.fromkeys(CASE.contributions, (0.0, 0.0, 0.0)) | {
            "results": less(probabilities, CASE.base)
        }
        about = replace(about, contributions=moved)
        assert_all_agrees(answered(about, full=True), odds)

    @given(triples)
    def test_speaks_of_the_grid_that_has_its_probabilities(self, probabilities: Triple) -> None:
        about = case(probabilities)
        assert np.allclose(outcomes(about.grid[None])[0], about.rounded)


class TestTheLicence:
    def test_lets_the_best_value_be_bet_on_and_staked(self) -> None:
        found = answered(case(odds=ODDS, licensed=True))
        assert found.recommended_bet == "home"
        assert found.value is not None
        assert found.value.licensed
        assert found.value.outcomes[0].kelly_stake > 0.0
        assert found.reasoning[-1].endswith("a bet.")

    def test_withheld_means_no_bet_no_stake_and_a_sentence(self) -> None:
        found = answered(case(odds=ODDS))
        assert found.recommended_bet == "no_bet"
        assert found.value is not None
        assert not found.value.licensed
        assert [one.kelly_stake for one in found.value.outcomes] == [0.0, 0.0, 0.0]
        assert "have not been shown to beat the odds" in found.reasoning[-1]

    def test_changes_nothing_else(self) -> None:
        granted, withheld = (answered(case(odds=ODDS, licensed=licensed)) for licensed in (True, False))
        one, other = (
            replace(found, recommended_bet="no_bet", reasoning=found.reasoning[:-1], value=None)
            for found in (granted, withheld)
        )
        assert one == other

    def test_changes_nothing_without_odds(self) -> None:
        assert answered(case(licensed=True)) == answered(case())


class TestConfidence:
    def test_is_low_and_no_bet_for_a_newcomer_however_sure(self) -> None:
        sure = replace(case((0.9, 0.06, 0.04)), away=replace(CLUB, joins=True, known=False))
        found = answered(sure)
        assert (found.confidence, found.recommended_bet) == ("low", "no_bet")
        assert any("have no match on record" in reason for reason in found.reasoning)

    @pytest.mark.parametrize(
        ("probabilities", "level"), [((0.8, 0.15, 0.05), "high"), ((0.2, 0.3, 0.5), "medium")]
    )
    def test_of_a_known_club_is_that_of_the_bounds(self, probabilities: Triple, level: str) -> None:
        assert answered(case(probabilities)).confidence == level


class TestTheExample:
    """The answer that the OpenAPI document shows."""

    def test_agrees_with_itself(self) -> None:
        assert_all_agrees(PREDICTION, msgspec.convert(FIXTURE_WITH_ODDS["odds"], Odds))

    def test_is_of_the_fixture_that_is_asked(self) -> None:
        assert PREDICTION.fixture.home_team == FIXTURE_WITH_ODDS["home_team"]
        assert PREDICTION.fixture.away_team == FIXTURE_WITH_ODDS["away_team"]

    def test_in_play_is_of_that_fixture_as_it_stands(self) -> None:
        assert_in_play_agrees(IN_PLAY_PREDICTION)
        assert IN_PLAY_PREDICTION.fixture == PREDICTION.fixture
        assert IN_PLAY_PREDICTION.in_play == msgspec.convert(
            {name: FIXTURE_IN_PLAY[name] for name in InPlay.__struct_fields__}, InPlay
        )
