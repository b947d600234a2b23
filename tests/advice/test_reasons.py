from datetime import date

import pytest
from msgspec.structs import replace

from sabiscore.advice.case import ClubFacts
from sabiscore.advice.reasons import reasons
from sabiscore.domain import Odds
from tests.advice.cases import CASE, CLUB, FIXTURE, case

NEWCOMER = replace(CLUB, joins=True, promoted=True, rest=None, played=0, known=False)
GOALS = "Arsenal 1.8 and 1.0; Chelsea 1.8 and 1.0"
SHOTS = "Arsenal 5.5 and 3.5; Chelsea 5.5 and 3.5"
ODDS = Odds(2.2, 3.4, 3.6)


class TestReasons:
    @pytest.mark.parametrize("odds", [None, ODDS])
    @pytest.mark.parametrize("data_through", [date(2025, 5, 25), date(2024, 5, 25)])
    @pytest.mark.parametrize("away", [CLUB, NEWCOMER, replace(NEWCOMER, known=True)])
    @pytest.mark.parametrize("home", [CLUB, NEWCOMER])
    def test_are_three_to_five_whatever_there_is_to_say(
        self, home: ClubFacts, away: ClubFacts, data_through: date, odds: Odds | None
    ) -> None:
        told = reasons(replace(case(odds=odds), home=home, away=away, data_through=data_through))
        assert 3 <= len(told) <= 5
        assert all(sentence.endswith(".") for sentence in told)

    def test_begin_with_the_likeliest_outcome_and_the_base_rate(self) -> None:
        first = reasons(CASE)[0]
        assert first == (
            "Arsenal to win: 50.0%; between two average Premier League clubs the home side wins in 44.0%."
        )

    def test_name_the_groups_that_moved_it_most_with_their_points(self) -> None:
        _, *moving = reasons(CASE)
        assert moving == [
            "Elo ratings: Arsenal 1600; Chelsea 1550: +8.0 points for Arsenal.",
            f"Goals scored and conceded a match: {GOALS}: -3.0 points for Arsenal.",
            f"Shots on target a match, for and against: {SHOTS}: +0.5 points for Arsenal.",
        ]

    @pytest.mark.parametrize(
        ("group", "says"),
        [
            ("form", "Points taken lately, of those there were: Arsenal 60%"),
            ("schedule", "7 days since the last match known, 10 played"),
            ("promotion", "Neither club came up this season"),
        ],
    )
    def test_any_group_can_be_the_first(self, group: str, says: str) -> None:
        moved = replace(CASE, contributions={**CASE.contributions, group: (0.2, -0.1, -0.1)})
        assert says in reasons(moved)[1]
        assert "+20.0 points" in reasons(moved)[1]

    def test_speak_of_the_outcome_that_is_likeliest(self) -> None:
        draw, away = reasons(case((0.3, 0.4, 0.3))), reasons(case((0.2, 0.2, 0.6)))
        assert draw[0].startswith("A draw: 40.0%")
        assert draw[1].endswith("points for a draw.")
        assert away[0].startswith("Chelsea to win: 60.0%")
        assert away[1] == "Elo ratings: Arsenal 1600; Chelsea 1550: -8.0 points for Chelsea."

    def test_the_figure_is_the_one_of_the_answer(self) -> None:
        assert "33.4%" in reasons(case((0.33345, 0.33335, 0.3332)))[0]


class TestNotes:
    def test_say_that_a_club_has_come_up(self) -> None:
        told = reasons(replace(CASE, away=replace(NEWCOMER, known=True)))
        assert any(s.startswith("Chelsea have come up") and "confidence is low" in s for s in told)

    def test_say_that_a_club_was_never_seen(self) -> None:
        told = reasons(replace(CASE, away=NEWCOMER))
        assert any(s.startswith("Chelsea have no Premier League match on record") for s in told)

    def test_say_that_the_data_are_old(self) -> None:
        told = reasons(replace(CASE, data_through=date(2025, 3, 1)))
        assert "The last match known is of 1 March 2025, 90 days before kick-off." in told

    def test_say_what_odds_are_worth(self) -> None:
        assert reasons(case(odds=ODDS))[-1] == (
            "By these probabilities the best odds here, 2.2 for Arsenal, are worth +10.0% a unit: a bet."
        )
        assert reasons(case(odds=Odds(1.9, 3.6, 4.2)))[-1].endswith("no bet below +5%.")

    def test_name_a_promoted_club_in_its_group(self) -> None:
        up = replace(CASE, home=replace(CLUB, promoted=True), contributions={"promotion": (-0.1, 0.0, 0.1)})
        assert reasons(up)[1] == "Arsenal came up this season: -10.0 points for Arsenal."

    def test_a_fixture_without_odds_says_nothing_of_bets(self) -> None:
        assert FIXTURE.odds is None
        assert not any("unit" in sentence for sentence in reasons(CASE))
