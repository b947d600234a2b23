import subprocess
import sys
from datetime import date

import pytest
from msgspec.structs import replace

from sabiscore.advice.case import Case, ClubFacts, Stake
from sabiscore.advice.reasons import check_groups, reasons
from sabiscore.advice.value import value
from sabiscore.domain import Confidence, Odds
from sabiscore.features.columns import EXPLAINED_GROUPS
from tests.advice.cases import CASE, CLUB, FINISH, STAKE, case
from tests.waiting import LONG

RELEGATED = replace(CLUB, finish=FINISH)
NEWCOMER = replace(CLUB, joins=True, rest=None, scored=0, conceded=0, played=0, recent=0, known=False)
GOALS = "(for and against this season: Arsenal 18 and 11 in 10 matches; Chelsea 18 and 11 in 10 matches)"
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
    @pytest.mark.parametrize("poor", [False, True])
    def test_are_three_to_five_whatever_there_is_to_say(
        self,
        home: ClubFacts,
        away: ClubFacts,
        data_through: date,
        odds: Odds | None,
        *,
        licensed: bool,
        poor: bool,
    ) -> None:
        about = replace(
            case(odds=odds, licensed=licensed),
            home=home,
            away=away,
            data_through=data_through,
            poor_league=poor,
        )
        assert 3 <= len(told(about)) <= 5
        assert all(sentence.endswith(".") for sentence in told(about))

    def test_say_of_a_league_whose_forecasts_were_worse_than_most(self) -> None:
        assert told(replace(CASE, poor_league=True))[-1] == (
            "Forecasts of Premier League matches have been further from the closing odds than in most leagues."
        )

    def test_begin_with_the_likeliest_outcome_and_the_base_rate(self) -> None:
        assert told(CASE)[0] == (
            "Arsenal to win: 50.0%; between two average Premier League clubs the home side wins in 44.0% of matches."
        )

    def test_name_the_groups_that_moved_it_most_with_their_points(self) -> None:
        _, prices, results, goals = told(CASE)
        assert [prices, results] == [
            "Closing odds of past matches rate Arsenal 0.30 goals a match above Chelsea: +8.0 points for Arsenal.",
            "What happened on the pitch rates Chelsea 0.10 goals a match above Arsenal: -3.0 points for Arsenal.",
        ]
        assert goals == (
            f"Matches of these two clubs have 0.2 goals more than is usual in the league {GOALS}: "
            "+0.7 points for Arsenal."
        )

    def test_leave_out_what_moved_next_to_nothing(self) -> None:
        little = {"goals": (0.0049, 0.0, -0.0049)}
        assert len(told(replace(CASE, contributions={**CASE.contributions, **little}))) == 3

    def test_name_two_groups_where_nothing_moved_much(self) -> None:
        alike = dict.fromkeys(CASE.contributions, (0.001, 0.0, -0.001))
        assert len(told(replace(CASE, contributions=alike))) == 3

    @pytest.mark.parametrize("group", [*EXPLAINED_GROUPS])
    def test_any_group_can_be_the_first(self, group: str) -> None:
        moved = replace(CASE, contributions={**CASE.contributions, group: (0.2, -0.1, -0.1)})
        assert told(moved)[1].endswith(": +20.0 points for Arsenal.")

    def test_speak_of_the_outcome_that_is_likeliest(self) -> None:
        draw, away = told(case((0.3, 0.4, 0.3))), told(case((0.2, 0.2, 0.6)))
        assert draw[0].startswith("A draw: 40.0%; between two average Premier League clubs it is a draw in")
        assert draw[1].endswith("points for a draw.")
        assert away[0].startswith("Chelsea to win: 60.0%")
        assert away[1].endswith(" above Chelsea: -8.0 points for Chelsea.")

    def test_the_figure_is_the_one_of_the_answer(self) -> None:
        assert "33.4%" in told(case((0.33345, 0.33335, 0.3332)))[0]

    def test_name_what_the_odds_moved(self) -> None:
        priced = replace(case(odds=ODDS), contributions={"odds": (0.05, 0.0, -0.05)})
        assert told(priced)[1] == "The odds given (2.2 / 3.4 / 3.6): +5.0 points for Arsenal."


def of_group(group: str, home: ClubFacts = CLUB, away: ClubFacts = CLUB, more_goals: float = 0.0) -> str:
    """What is said of one group, of a case with these clubs."""
    about = replace(
        CASE, home=home, away=away, more_goals=more_goals, contributions={group: (0.1, 0.0, -0.1)}
    )
    sentence, points = told(about)[1].rsplit(": ", 1)
    assert points == "+10.0 points for Arsenal."
    return sentence


class TestResultsAndPrices:
    def test_tell_who_is_better_and_by_how_much(self) -> None:
        worse = replace(CLUB, by_results=-0.15, by_odds=0.82)
        assert of_group("results", away=worse).endswith(" rates Arsenal 0.25 goals a match above Chelsea")
        assert of_group("prices", away=worse).endswith(" rate Chelsea 0.12 goals a match above Arsenal")

    def test_tell_clubs_that_are_alike(self) -> None:
        assert of_group("results", away=replace(CLUB, by_results=0.103)) == (
            "What happened on the pitch rates both clubs alike"
        )

    def test_do_not_say_that_odds_rated_a_newcomer(self) -> None:
        newcomer = replace(NEWCOMER, by_results=0.0, by_odds=-0.5)
        assert of_group("prices", away=newcomer) == (
            "Closing odds of past matches, and where newcomers start, rate Arsenal 1.20 goals a match above Chelsea"
        )


class TestRecent:
    def test_tells_who_gained_on_whom_and_how_both_did_against_the_odds(self) -> None:
        better = replace(CLUB, lately=0.26, form=-0.04)
        assert of_group("recent", away=better) == (
            "In recent weeks Chelsea gained 0.21 goals a match on Arsenal (goals a match beyond what odds had said: "
            "Arsenal +0.3; Chelsea +0.0)"
        )

    def test_tells_that_neither_gained(self) -> None:
        assert of_group("recent").startswith("In recent weeks neither club gained on the other (")


class TestHome:
    @pytest.mark.parametrize(
        ("goals", "says"),
        [
            (0.11, "0.11 goals a match more than"),
            (-0.04, "0.04 goals a match less than"),
            (-0.004, "as much as"),
        ],
    )
    def test_compares_the_home_club_with_the_others(self, goals: float, says: str) -> None:
        home = replace(CLUB, at_home=goals)
        assert of_group("home", home) == f"At home Arsenal gain {says} clubs of the league do"


class TestGoals:
    @pytest.mark.parametrize(
        ("more", "says"),
        [(0.31, "0.3 goals more than"), (-0.07, "0.1 goals fewer than"), (-0.04, "as many goals as")],
    )
    def test_tell_whether_there_are_many(self, more: float, says: str) -> None:
        assert f"have {says} is usual in the league" in of_group("goals", more_goals=more)

    def test_tell_nothing_of_a_season_that_has_not_begun(self) -> None:
        began = replace(CLUB, scored=3, conceded=0, played=1)
        assert "season" not in of_group("goals", NEWCOMER, NEWCOMER)
        assert of_group("goals", NEWCOMER, began).endswith(
            "(for and against this season: Chelsea 3 and 0 in 1 match)"
        )


class TestMotivation:
    @pytest.mark.parametrize(
        ("stake", "says"),
        [
            (
                Stake((0.5, 0.2, 0.0, 0.0), dead=False, down=False, remaining=2, division=0),
                "play for the title",
            ),
            (
                Stake((0.0, 0.4, 0.3, 0.0), dead=False, down=False, remaining=2, division=0),
                "play for the Champions League",
            ),
            (Stake((0.0, 0.1, 0.3, 0.0), dead=False, down=False, remaining=2, division=0), "play for Europe"),
            (Stake((0.0, 0.0, 0.3, 0.0), dead=True, down=False, remaining=2, division=0), "play for Europe"),
            (
                Stake((0.0, 0.0, 0.0, 0.4), dead=False, down=False, remaining=2, division=0),
                "need points to stay up",
            ),
            (
                Stake((0.3, 0.1, 0.0, 0.0), dead=False, down=False, remaining=2, division=1),
                "play for promotion",
            ),
            (
                Stake((0.0, 0.3, 0.1, 0.0), dead=False, down=False, remaining=2, division=1),
                "play for promotion",
            ),
            (
                Stake((0.0, 0.0, 0.4, 0.0), dead=False, down=False, remaining=2, division=1),
                "play for the play-offs",
            ),
            (
                Stake((0.0, 0.0, 0.0, 0.4), dead=False, down=False, remaining=2, division=1),
                "need points to stay up",
            ),
            (
                Stake((0.0, 0.0, 0.0, 0.2), dead=True, down=False, remaining=2, division=0),
                "have little left to play for",
            ),
            (
                Stake((0.0, 0.0, 0.0, 0.0), dead=True, down=True, remaining=1, division=0),
                "look certain to go down",
            ),
            (
                Stake((0.0, 0.0, 0.0, 0.0), dead=False, down=False, remaining=1, division=0),
                "have 1 match to go",
            ),
            (
                Stake((0.02, 0.05, 0.0, 0.0), dead=False, down=False, remaining=28, division=0),
                "have 28 matches to go",
            ),
        ],
    )
    def test_tells_what_each_club_plays_for(self, stake: Stake, says: str) -> None:
        other = replace(CLUB, stake=replace(STAKE, remaining=30))
        assert of_group("motivation", replace(CLUB, stake=stake), other) == (
            f"Arsenal {says}, while Chelsea have 30 matches to go"
        )

    def test_tells_it_once_of_two_clubs_that_play_for_the_same(self) -> None:
        stake = replace(STAKE, importance=(0.0, 0.0, 0.0, 0.4))
        needy = replace(CLUB, stake=stake)
        assert of_group("motivation", needy, needy) == "Arsenal and Chelsea both need points to stay up"

    def test_tells_a_season_that_has_not_begun_from_one_that_has_ended(self) -> None:
        none_left = replace(CLUB, stake=replace(STAKE, remaining=0))
        before = replace(none_left, played=0)
        assert (
            of_group("motivation", before, before) == "Arsenal and Chelsea both have their season before them"
        )
        assert (
            of_group("motivation", none_left, none_left) == "Arsenal and Chelsea both have ended their season"
        )


class TestSchedule:
    def test_tells_days_of_rest_and_matches(self) -> None:
        tired = replace(CLUB, rest=1, recent=3, reds=1)
        assert of_group("schedule", away=tired) == (
            "Rest and matches in two weeks: Arsenal 7 days since the last match known, 2 played; "
            "Chelsea 1 day since the last match known, with 1 sent off in it, 3 played"
        )

    def test_tells_no_more_of_a_long_rest_than_that_it_is_one(self) -> None:
        rested = replace(CLUB, rest=3023, recent=0)
        assert "Arsenal over 30 days since the last match known" in of_group("schedule", rested)
        assert "Arsenal no match known; Chelsea 7 days" in of_group("schedule", NEWCOMER)


class TestPromotion:
    UP, DOWN = replace(CLUB, came=-1), replace(CLUB, came=1)

    @pytest.mark.parametrize(
        ("home", "away", "says"),
        [
            (UP, CLUB, "Arsenal came up last summer"),
            (CLUB, UP, "Chelsea came up last summer"),
            (UP, UP, "Arsenal and Chelsea came up last summer"),
            (UP, DOWN, "Arsenal came up, Chelsea came down last summer"),
            (DOWN, NEWCOMER, "Arsenal came down, Chelsea joined from another league last summer"),
            (CLUB, CLUB, "Neither club came up or down last summer"),
        ],
    )
    def test_tells_who_came_from_where(self, home: ClubFacts, away: ClubFacts, says: str) -> None:
        assert of_group("promotion", home, away) == says


class TestCertainty:
    def test_tells_how_much_of_the_season_is_known(self) -> None:
        assert of_group("certainty", NEWCOMER) == (
            "How well both clubs are known (matches this season: Arsenal 0; Chelsea 10)"
        )


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
        command = [sys.executable, "-c", program]
        ended = subprocess.run(command, capture_output=True, check=False, timeout=LONG)  # noqa: S603
        assert ended.returncode == 1
        assert b"LookupError" in ended.stderr
        assert b"['weather']" in ended.stderr


class TestNotes:
    def test_say_that_a_club_comes_from_outside(self) -> None:
        assert told(replace(CASE, away=replace(NEWCOMER, known=True)))[-1] == (
            "Chelsea come from a league that is not in the data: such clubs are rated alike until they have played, "
            "so confidence is low."
        )

    def test_say_that_a_club_was_never_seen(self) -> None:
        assert told(replace(CASE, away=NEWCOMER))[-1].startswith(
            "Chelsea have no match on record: such clubs"
        )

    def test_say_once_that_both_come_from_outside(self) -> None:
        notes = told(replace(CASE, home=NEWCOMER, away=NEWCOMER))
        assert sum("is not in the data" in note for note in notes) == 1
        assert notes[-1].startswith(
            "Arsenal and Chelsea both come from a league that is not in the data: such"
        )

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
