from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import pytest

from sabiscore.advice.answer import answers
from sabiscore.advice.case import ODDS, Case, Finish
from sabiscore.advice.facts import CaseBuilder
from sabiscore.domain import Club, Fixture, League, Odds
from sabiscore.features import columns
from sabiscore.features.calendar import day_number
from sabiscore.features.columns import EXPLAINED_GROUPS
from sabiscore.forecaster import Forecaster
from sabiscore.models.bundle import LastSeason
from sabiscore.models.calibration import Calibration
from sabiscore.models.grid import outcomes
from tests.advice.cases import BOUNDS

ENGLAND = League("E0", "Premier League", "England")
SPRING = datetime(2025, 4, 5, 14, tzinfo=UTC)
SUMMER = datetime(2025, 8, 16, 14, tzinfo=UTC)
PRICES = Odds(2.1, 3.5, 3.4)


def fixture(home: str, away: str, kickoff: datetime = SPRING, odds: Odds | None = None) -> Fixture:
    return Fixture(ENGLAND, Club(home, home), Club(away, away), kickoff, odds)


FIXTURES = [
    fixture("Arsenal", "Chelsea"),
    fixture("Chelsea", "Arsenal", odds=PRICES),
    fixture("Southampton", "Liverpool"),
    fixture("Everton", "Newcastle", SUMMER, PRICES),
]


def considered(
    forecaster: Forecaster, fixtures: Sequence[Fixture], calibration: Calibration | None = None
) -> list[Case]:
    """The cases of fixtures, from one forecast."""
    days = [day_number(one.kickoff.date()) for one in fixtures]
    keys = [("E0", one.home.key, one.away.key, day) for one, day in zip(fixtures, days, strict=True)]
    forecast = forecaster.forecast(keys, [one.odds for one in fixtures])
    manifest = forecaster.manifest
    builder = CaseBuilder(calibration or forecaster.calibration, manifest.data_through, manifest.last_season)
    return builder.build(fixtures, days, forecast)


@pytest.fixture(scope="module")
def cases(forecaster: Forecaster) -> list[Case]:
    return considered(forecaster, FIXTURES)


class TestACase:
    def test_is_explained_to_the_last_bit_that_floats_have(self, cases: list[Case]) -> None:
        for case in cases:
            total = np.array(case.base) + np.sum(list(case.contributions.values()), axis=0)
            assert np.abs(total - case.probabilities).max() < 1e-12

    def test_names_the_groups_and_the_odds_where_there_are_any(self, cases: list[Case]) -> None:
        for case, one in zip(cases, FIXTURES, strict=True):
            odds = () if one.odds is None else (ODDS,)
            assert tuple(case.contributions) == (*EXPLAINED_GROUPS, *odds)

    def test_has_the_grid_of_the_rounded_probabilities(self, cases: list[Case]) -> None:
        for case in cases:
            assert np.allclose(outcomes(case.grid[None])[0], case.rounded, rtol=0.0, atol=1e-14)

    def test_has_closing_odds_where_there_are_odds(self, cases: list[Case]) -> None:
        for case, one in zip(cases, FIXTURES, strict=True):
            given = one.odds and pytest.approx((one.odds.home, one.odds.draw, one.odds.away))
            assert case.closing_odds == given

    def test_has_intervals_around_its_probabilities_narrower_with_odds(
        self, cases: list[Case], forecaster: Forecaster
    ) -> None:
        for case in cases:
            for (low, high), figure in zip(case.intervals, case.probabilities, strict=True):
                assert low < figure < high
        known = forecaster.calibration
        assert max(known.interval_with_odds.widths) < min(known.interval.widths[::2])

    def test_has_wider_intervals_the_less_is_known_of_the_clubs(self, forecaster: Forecaster) -> None:
        spring, summer = (fixture("Arsenal", "Chelsea", when) for when in (SPRING, SUMMER))
        widths = [
            np.log(high / (1 - high)) - np.log(low / (1 - low))
            for case in considered(forecaster, [spring, summer])
            for low, high in case.intervals[:1]
        ]
        assert widths[0] < widths[1]

    def test_is_licensed_where_the_backtest_granted_it(self, forecaster: Forecaster) -> None:
        known = forecaster.calibration
        licence = known.licences["E0"]
        for granted in (True, False):
            licences = {"E0": msgspec.structs.replace(licence, granted=granted)}
            changed = msgspec.structs.replace(known, licences=licences)
            assert considered(forecaster, FIXTURES[1:2], changed)[0].licensed == granted
        unmeasured = msgspec.structs.replace(known, licences={})
        assert not considered(forecaster, FIXTURES[1:2], unmeasured)[0].licensed

    def test_has_the_corners_of_the_forecast(self, forecaster: Forecaster) -> None:
        one = fixture("Arsenal", "Chelsea")
        day = day_number(one.kickoff.date())
        forecast = forecaster.forecast([("E0", one.home.key, one.away.key, day)])
        manifest = forecaster.manifest
        builder = CaseBuilder(forecaster.calibration, manifest.data_through, manifest.last_season)
        for corners in ((np.nan, np.nan), (5.6, 4.5)):
            known = msgspec.structs.replace(forecast, corners=np.array([corners]))
            [case] = builder.build([one], [day], known)
            [answer] = answers([case], "0123abcd", BOUNDS)
            assert (answer.markets.corners is None) == bool(np.isnan(corners[0]))


class TestAClub:
    def test_is_as_far_from_the_other_as_the_models_own_row_says(self, forecaster: Forecaster) -> None:
        results, prices = (columns.NAMES.index(name) for name in ("results", "prices"))
        for one, case in zip(FIXTURES, considered(forecaster, FIXTURES), strict=True):
            key = ("E0", one.home.key, one.away.key, day_number(one.kickoff.date()))
            row = forecaster.rows.fixtures([key]).matrix[0]
            home, away = case.home, case.away
            assert home.results - away.results == pytest.approx(row[results], abs=1e-6)
            assert home.strength - away.strength == pytest.approx(row[results] + row[prices], abs=1e-6)

    def test_has_figures_of_football(self, cases: list[Case]) -> None:
        for case in cases:
            for club in (case.home, case.away):
                assert min(club.goals_for, club.goals_against) > 0.4
                assert max(club.goals_for, club.goals_against) < 3.5
                assert min(club.shots_for, club.shots_against) > 2.0
                assert max(club.shots_for, club.shots_against) < 9.0

    def test_in_spring_has_played_its_season(self, cases: list[Case]) -> None:
        arsenal = cases[0].home
        assert arsenal.played == 30
        assert arsenal.rest == (SPRING.date() - date(2025, 4, 1)).days
        assert arsenal.recent == 1
        assert (arsenal.promoted, arsenal.joins, arsenal.known) == (False, False, True)

    def test_in_summer_has_not_begun(self, cases: list[Case]) -> None:
        everton = cases[3].home
        assert (everton.played, everton.recent) == (0, 0)
        assert everton.rest == (SUMMER.date() - date(2025, 5, 25)).days

    def test_that_came_up_and_has_played_is_promoted_but_joins_no_more(self, cases: list[Case]) -> None:
        southampton = cases[2].home
        assert (southampton.promoted, southampton.joins) == (True, False)

    def test_that_comes_back_joins_and_one_never_seen_is_not_known(self, forecaster: Forecaster) -> None:
        [case] = considered(forecaster, [fixture("Leeds", "Nobody United", SUMMER)])
        leeds, nobody = case.home, case.away
        assert (leeds.joins, leeds.known) == (True, True)
        assert (nobody.joins, nobody.known, nobody.rest, nobody.played) == (True, False, None, 0)
        assert nobody.shots_for < nobody.shots_against


class TestFinish:
    def test_is_that_of_a_club_in_a_relegation_place_of_the_last_season(self, forecaster: Forecaster) -> None:
        (found,) = considered(forecaster, [fixture("Southampton", "Leicester", SUMMER)])
        assert found.home.finish == Finish(20, 20, "2024/25", "2025/26", play_off=False)
        assert found.away.finish == Finish(18, 20, "2024/25", "2025/26", play_off=False)
        assert found.unsure

    def test_is_none_of_a_club_above_them(self, forecaster: Forecaster) -> None:
        (found,) = considered(forecaster, [fixture("Arsenal", "Chelsea", SUMMER)])
        assert found.home.finish is None
        assert found.away.finish is None

    def test_is_none_within_that_season(self, cases: list[Case]) -> None:
        assert FIXTURES[2].home.name == "Southampton"
        assert cases[2].home.finish is None

    def test_tells_a_place_with_a_play_off(self, forecaster: Forecaster) -> None:
        last = {"E0": LastSeason(season=2024, clubs=20, play_off=1, relegated={"Arsenal": 19, "Chelsea": 20})}
        builder = CaseBuilder(forecaster.calibration, forecaster.manifest.data_through, last)
        asked = fixture("Arsenal", "Chelsea", SUMMER)
        day = day_number(asked.kickoff.date())
        (found,) = builder.build([asked], [day], forecaster.forecast([("E0", "Arsenal", "Chelsea", day)]))
        assert [club.finish and club.finish.play_off for club in (found.home, found.away)] == [True, False]
