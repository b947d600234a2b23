import subprocess
import sys
from datetime import date

import pytest
from msgspec.structs import replace

from sabiscore.advice.case import Case, ClubFacts
from sabiscore.advice.reasons import check_groups, reasons
from sabiscore.advice.value import value
from sabiscore.domain import Confidence, Odds
from tests.advice.cases import CASE, CLUB, FINISH, case

RELEGATED = replace(CLUB, finish=FINISH)
NEWCOMER = replace(CLUB, joins=True, promoted=True, rest=None, played=0, recent=0, known=False)
SHOTS = "(shots on target a match: Arsenal 5.5 to 3.5; Chelsea 5.5 to 3.5)"
ODDS = Odds(2.2, 3.4, 3.6)


def told(about: Case, level: Confidence = "low", fresh: Confidence | None = None) -> list[str]:
    """The sentences of an answer about a case, whose confidence age has lowered from ``fresh``."""
    odds = about.odds()
    worth = None
    if odds is not None and about.market is not None:
        worth = value(about.rounded, odds, about.market, licensed=about.licensed)
    return reasons(about, worth, level, fresh or level)


class TestReasons:
    @pytest.mark.parametrize("licensed", [False, True])
    @pytest.mark.parametrize("odds", [None, ODDS])
    @pytest.mark.parametrize("data_through", [date(2025, 5, 25), date(2024, 5, 25)])
    @pytest.mark.parametrize("away", [CLUB, NEWCOMER, replace(NEWCOMER, known=True), RELEGATED])
    @pytest.mark.parametrize("home", [CLUB, NEWCOMER, RELEGATED])
    def test_are_three_to_five_whatever_there_is_to_say(
        self, home: ClubFacts, away: ClubFacts, data_through: date, odds: Odds | None, *, licensed: bool
    ) -> None:
        about = replace(case(odds=odds, licensed=licensed), home=home, away=away, data_through=data_through)
        assert 3 <= len(told(about)) <= 5
        assert all(sentence.endswith(".") for sentence in told(about))

    def test_begin_with_the_likeliest_outcome_and_the_base_rate(self) -> None:
        assert told(CASE)[0] == (
            "Arsenal to win: 50.0%; between two average Premier League clubs the home side wins in 44.0%."
        )

    def test_name_the_groups_that_moved_it_most_with_their_points(self) -> None:
        _, *moving = told(CASE)
        results, prices, goals = moving
        assert results == (
            f"Results and shots rate Arsenal 0.30 goals a match above Chelsea {SHOTS}: +8.0 points for Arsenal."
        )
        assert prices == (
            "Closing odds of past matches rate Chelsea 0.20 goals a match higher against Arsenal than "
            "results do: -3.0 points for Arsenal."
        )
        assert goals == (
            "How many goals there are (scored and conceded a match: Arsenal 1.8 and 1.0; "
            "Chelsea 1.8 and 1.0): +0.5 points for Arsenal."
        )

    @pytest.mark.parametrize(
        ("group", "says"),
        [
            ("certainty", "How certain both ratings are (matches this season: Arsenal 10; Chelsea 10)"),
            ("schedule", "Arsenal 7 days since the last match known, 2 played"),
            ("promotion", "Neither club came up this season"),
        ],
    )
    def test_any_group_can_be_the_first(self, group: str, says: str) -> None:
        moved = replace(CASE, contributions={**CASE.contributions, group: (0.2, -0.1, -0.1)})
        assert says in told(moved)[1]
        assert told(moved)[1].endswith(": +20.0 points for Arsenal.")

    def test_speak_of_the_outcome_that_is_likeliest(self) -> None:
        draw, away = told(case((0.3, 0.4, 0.3))), told(case((0.2, 0.2, 0.6)))
        assert draw[0].startswith("A draw: 40.0%; between two average Premier League clubs it is a draw in")
        assert draw[1].endswith("points for a draw.")
        assert away[0].startswith("Chelsea to win: 60.0%")
        assert away[1].endswith(f"{SHOTS}: -8.0 points for Chelsea.")

    def test_the_figure_is_the_one_of_the_answer(self) -> None:
        assert "33.4%" in told(case((0.33345, 0.33335, 0.3332)))[0]

    def test_rest_beyond_a_month_is_only_said_to_be_that(self) -> None:
        tired = replace(CASE, home=replace(CLUB, rest=3023), contributions={"schedule": (0.1, 0.0, -0.1)})
        assert "Arsenal over 30 days since the last match known" in told(tired)[1]
        fresh = replace(tired, home=NEWCOMER)
        assert "Arsenal no match known; Chelsea 7 days" in told(fresh)[1]

    def test_name_a_promoted_club_in_its_group(self) -> None:
        up = replace(CASE, home=replace(CLUB, promoted=True), contributions={"promotion": (-0.1, 0.0, 0.1)})
        assert told(up)[1] == "Arsenal came up this season: -10.0 points for Arsenal."

    def test_name_what_the_odds_moved(self) -> None:
        priced = replace(case(odds=ODDS), contributions={"odds": (0.05, 0.0, -0.05)})
        assert told(priced)[1] == "The odds given (2.2 / 3.4 / 3.6): +5.0 points for Arsenal."


class TestCheckGroups:
    def test_refuses_what_could_move_a_probability_without_a_sentence(self) -> None:
        check_groups(["results", "odds"], ["odds", "results"])
        with pytest.raises(LookupError, match="weather"):
            check_groups(["results", "weather"], ["results"])
        with pytest.raises(LookupError, match="weather"):
            check_groups(["results"], ["results", "weather"])

    def test_a_new_group_without_one_keeps_the_service_from_starting(self) -> None:
        program = (
            "from sabiscore.features import columns\n"
            "columns.EXPLAINED_GROUPS += ('weather',)\n"
            "import sabiscore.service"
        )
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)  # noqa: S603
        assert ended.returncode == 1
        assert b"LookupError" in ended.stderr
        assert b"['weather']" in ended.stderr


class TestNotes:
    def test_say_that_a_club_has_come_up(self) -> None:
        notes = told(replace(CASE, away=replace(NEWCOMER, known=True)))
        assert any(note.startswith("Chelsea have come up") and "confidence is low" in note for note in notes)

    def test_say_that_a_club_was_never_seen(self) -> None:
        notes = told(replace(CASE, away=NEWCOMER))
        assert any(note.startswith("Chelsea have no Premier League match on record") for note in notes)

    def test_say_once_that_both_have_come_up(self) -> None:
        notes = told(replace(CASE, home=NEWCOMER, away=NEWCOMER))
        assert sum("have come up" in note for note in notes) == 1
        assert notes[-1].startswith("Arsenal and Chelsea both have come up")

    def test_say_that_the_data_are_old(self) -> None:
        notes = told(replace(CASE, data_through=date(2025, 3, 1)))
        assert "The last match known is of 1 March 2025, 90 days before kick-off." in notes

    def test_say_that_it_is_why_confidence_is_lower(self) -> None:
        notes = told(replace(CASE, data_through=date(2025, 3, 1)), "medium", "high")
        assert notes[-1] == (
            "The last match known is of 1 March 2025, 90 days before kick-off: forecasts that old are right less "
            "often, so confidence is medium and not high."
        )

    def test_say_that_a_club_may_have_gone_down(self) -> None:
        assert told(replace(CASE, home=RELEGATED))[-1] == (
            "Arsenal finished 18th of 20 in 2024/25, in a relegation place; whether they play Premier League "
            "football in 2025/26 is not in the data, so confidence is low."
        )

    def test_say_it_once_of_both(self) -> None:
        both = replace(CASE, home=RELEGATED, away=replace(CLUB, finish=replace(FINISH, place=20)))
        notes = [note for note in told(both) if "relegation" in note]
        assert len(notes) == 1
        assert notes[0].startswith(
            "Arsenal and Chelsea finished 18th and 20th of 20 in 2024/25, in relegation places; whether they play"
        )

    @pytest.mark.parametrize(
        ("away", "says"),
        [
            (CLUB, "Arsenal finished 16th of 18 in 2024/25, in the relegation play-off place; whether"),
            (
                replace(CLUB, finish=replace(FINISH, place=17, clubs=18)),
                "in relegation and play-off places; whether",
            ),
        ],
    )
    def test_tell_a_play_off(self, away: ClubFacts, says: str) -> None:
        home = replace(CLUB, finish=replace(FINISH, place=16, clubs=18, play_off=True))
        assert any(says in note for note in told(replace(CASE, home=home, away=away)))

    @pytest.mark.parametrize(
        ("place", "name"),
        [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")],
    )
    def test_count_places_as_people_do(self, place: int, name: str) -> None:
        home = replace(CLUB, finish=replace(FINISH, place=place, clubs=24))
        assert f"finished {name} of 24" in told(replace(CASE, home=home))[-1]

    @pytest.mark.parametrize("data_through", [date(2025, 4, 30), date(2025, 5, 30), date(2025, 8, 1)])
    def test_say_nothing_of_data_of_the_last_month_or_later(self, data_through: date) -> None:
        assert not any(
            "last match known is" in note for note in told(replace(CASE, data_through=data_through))
        )

    def test_say_what_odds_are_worth(self) -> None:
        assert told(case(odds=ODDS, licensed=True))[-1] == (
            "The best odds here, on Arsenal, are worth +10.0% a unit: a bet."
        )
        assert told(case(odds=Odds(1.9, 3.6, 4.2), licensed=True))[-1].endswith("no bet below +5%.")

    def test_say_that_there_is_no_licence(self) -> None:
        assert told(case(odds=ODDS))[-1] == (
            "No bet: these probabilities have not been shown to beat the odds on Premier League matches; "
            "the best here, on Arsenal, are worth +10.0% a unit."
        )

    def test_say_nothing_of_bets_where_no_odds_were_given(self) -> None:
        assert not any("unit" in sentence for sentence in told(CASE))
