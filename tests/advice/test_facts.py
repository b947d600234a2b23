from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import pytest

from sabiscore.advice.answer import answers
from sabiscore.advice.case import ODDS, STAY_UP, Case, Finish, Stake
from sabiscore.advice.facts import CaseBuilder
from sabiscore.arrays import Floats
from sabiscore.domain import Club, Fixture, League, Odds, Prediction
from sabiscore.features import columns
from sabiscore.features.calendar import day_number
from sabiscore.features.columns import EXPLAINED_GROUPS
from sabiscore.forecaster import Forecaster
from sabiscore.models.bundles import LastSeason
from sabiscore.models.calibration import Calibration
from sabiscore.models.grid import outcomes
from tests.advice.cases import BOUNDS, read

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


@pytest.fixture(scope="module")
def rows(forecaster: Forecaster) -> Floats:
    """The model's own rows of the fixtures."""
    keys = [("E0", one.home.key, one.away.key, day_number(one.kickoff.date())) for one in FIXTURES]
    return forecaster.rows.fixtures(keys).matrix.astype(np.float64)


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
            assert (case.closing_odds is None) == (one.odds is None)
            assert case.closing_odds is None or min(case.closing_odds) > 1.0

    def test_has_intervals_around_its_probabilities_narrower_with_odds(
        self, cases: list[Case], forecaster: Forecaster
    ) -> None:
        for case in cases:
            for (low, high), figure in zip(case.intervals, case.probabilities, strict=True):
                assert low < figure < high
        known = forecaster.calibration
        assert max(known.interval_with_odds.of("E0")) < min(known.interval.of("E0")[::2])

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
            answer = read(answers([case], "0123abcd", BOUNDS)[0], Prediction)
            assert (answer.markets.corners is None) == bool(np.isnan(corners[0]))


class TestAClub:
    def test_is_ahead_of_the_other_where_the_models_own_row_says_so(
        self, cases: list[Case], rows: Floats
    ) -> None:
        for name, fact in (("results", "by_results"), ("prices", "by_odds"), ("recent", "lately")):
            ahead = rows[:, columns.NAMES.index(name)]
            said = np.array([getattr(case.home, fact) - getattr(case.away, fact) for case in cases])
            assert (np.sign(said) == np.sign(ahead)).all()
            assert np.abs(said - np.exp(0.235) * ahead).max() < 0.25 * np.abs(said).max() + 1e-6

    def test_has_figures_of_football(self, cases: list[Case]) -> None:
        for case in cases:
            assert abs(case.more_goals) < 1.5
            for club in (case.home, case.away):
                assert abs(club.by_results + club.by_odds + club.lately) < 3.0
                assert abs(club.at_home) < 0.5
                assert abs(club.form) < 2.0

    def test_in_spring_has_played_its_season(self, cases: list[Case]) -> None:
        arsenal = cases[0].home
        assert (arsenal.played, arsenal.stake.remaining) == (30, 8)
        assert (arsenal.scored, arsenal.conceded) == (55, 25)
        assert arsenal.rest == (SPRING.date() - date(2025, 4, 1)).days
        assert arsenal.recent == 1
        assert (arsenal.came, arsenal.joins, arsenal.known) == (0, False, True)

    def test_in_summer_has_not_begun(self, cases: list[Case]) -> None:
        everton = cases[3].home
        assert (everton.played, everton.recent, everton.scored, everton.conceded) == (0, 0, 0, 0)
        assert (everton.stake.remaining, everton.stake.importance) == (0, (0.0,) * 4)
        assert everton.rest == (SUMMER.date() - date(2025, 5, 25)).days

    def test_that_has_played_joins_no_more(self, cases: list[Case]) -> None:
        assert not cases[2].home.joins

    def test_that_comes_back_joins_and_one_never_seen_is_not_known(self, forecaster: Forecaster) -> None:
        [case] = considered(forecaster, [fixture("Wimbledon", "Nobody United", SUMMER)])
        wimbledon, nobody = case.home, case.away
        assert (wimbledon.joins, wimbledon.known) == (True, True)
        assert (nobody.joins, nobody.known, nobody.rest, nobody.played) == (True, False, None, 0)
        assert nobody.by_results + nobody.by_odds < 0.0


class TestStake:
    LAST_DAY = datetime(2025, 5, 25, 15, tzinfo=UTC)

    def stakes(self, forecaster: Forecaster, home: str, away: str, kickoff: datetime) -> tuple[Stake, Stake]:
        [case] = considered(forecaster, [fixture(home, away, kickoff)])
        return case.home.stake, case.away.stake

    def test_of_rivals_for_the_champions_league_is_that_line(self, forecaster: Forecaster) -> None:
        """Forest, seventh, could overtake Chelsea, fifth, on the last day; one point was between them."""
        for stake in self.stakes(forecaster, "Nott'm Forest", "Chelsea", self.LAST_DAY):
            assert stake.remaining == 1
            assert np.argmax(stake.importance) == 1
            assert not stake.dead

    def test_of_clubs_that_are_down_and_safe_is_dead(self, forecaster: Forecaster) -> None:
        down, safe = self.stakes(forecaster, "Ipswich", "West Ham", self.LAST_DAY)
        assert (down.dead, down.down) == (True, True)
        assert (safe.dead, safe.down) == (True, False)

    def test_of_a_club_that_needs_points_to_stay_up_is_that_line(self, forecaster: Forecaster) -> None:
        """Everton and Leeds on the last day of 2022/23, two points apart."""
        last_day = datetime(2023, 5, 28, 15, tzinfo=UTC)
        everton, _ = self.stakes(forecaster, "Everton", "Bournemouth", last_day)
        leeds, _ = self.stakes(forecaster, "Leeds", "Tottenham", last_day)
        for stake in (everton, leeds):
            assert np.argmax(stake.importance) == STAY_UP
            assert stake.importance[STAY_UP] > 0.1
            assert not stake.dead

    def test_of_the_first_two_a_point_apart_is_the_title(self, forecaster: Forecaster) -> None:
        last_day = datetime(2022, 5, 22, 15, tzinfo=UTC)
        for stake in self.stakes(forecaster, "Man City", "Liverpool", last_day):
            assert np.argmax(stake.importance) == 0

    def test_is_of_a_first_division(self, forecaster: Forecaster) -> None:
        assert {stake.division for stake in self.stakes(forecaster, "Arsenal", "Chelsea", SPRING)} == {0}


class TestMoreGoals:
    def test_go_with_what_the_models_own_row_says(self, cases: list[Case], rows: Floats) -> None:
        """All of one league: what is usual there is the same for all."""
        more = rows[:3, columns.index("goals", "recent_goals")].sum(axis=1)
        assert np.argsort([case.more_goals for case in cases[:3]]).tolist() == np.argsort(more).tolist()


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
