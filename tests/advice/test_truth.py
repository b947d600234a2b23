"""What sentences say of real matches goes with what the model does."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time

import numpy as np
import polars as pl
import pytest

from sabiscore.advice.case import STAY_UP, Case
from sabiscore.advice.facts import CaseBuilder
from sabiscore.advice.reasons import reasons
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Club, Fixture
from sabiscore.features.calendar import day_number
from sabiscore.forecaster import Forecaster

NOON = time(12, tzinfo=UTC)
CLEAR = 0.02
"""Points between a home and an away win that are no noise of trees."""


@pytest.fixture(scope="module")
def cases(forecaster: Forecaster, catalogue: Catalogue, matches: pl.DataFrame) -> list[Case]:
    """Matches of all leagues and times of the year, each as of its own day."""
    leagues = {league.code: league for league in catalogue.leagues}
    chosen = matches.filter(pl.col("season") >= 2019).gather_every(13)
    rows = chosen.select("league", "home", "away", "date").rows()
    fixtures = [
        Fixture(leagues[league], Club(home, home), Club(away, away), datetime.combine(day, NOON))
        for league, home, away, day in rows
    ]
    days = [day_number(day) for *_, day in rows]
    keys = [(league, home, away, day) for (league, home, away, _), day in zip(rows, days, strict=True)]
    manifest = forecaster.manifest
    builder = CaseBuilder(forecaster.calibration, manifest.data_through, manifest.last_season)
    return builder.build(fixtures, days, forecaster.forecast(keys))


def moved(case: Case, group: str) -> float:
    """By how much a group moved a home win above an away win."""
    home, _, away = case.contributions[group]
    return home - away


class TestWhoeverIsSaidToBeBetter:
    @pytest.mark.parametrize(
        ("group", "ahead"),
        [
            ("results", lambda case: case.home.by_results - case.away.by_results),
            ("prices", lambda case: case.home.by_odds - case.away.by_odds),
            ("recent", lambda case: case.home.lately - case.away.lately),
            ("home", lambda case: case.home.at_home),
        ],
    )
    def test_has_the_points(self, cases: list[Case], group: str, ahead: Callable[[Case], float]) -> None:
        clear = [case for case in cases if abs(moved(case, group)) > CLEAR]
        agree = [np.sign(ahead(case)) == np.sign(moved(case, group)) for case in clear]
        assert len(clear) > 30
        assert np.mean(agree) > 0.99

    def test_by_more_has_more_of_them(self, cases: list[Case]) -> None:
        ahead = [case.home.by_odds - case.away.by_odds for case in cases]
        points = [moved(case, "prices") for case in cases]
        assert np.corrcoef(ahead, points)[0, 1] > 0.9


class TestGoals:
    def test_more_of_them_mean_fewer_draws(self, cases: list[Case]) -> None:
        more, draws = [case.more_goals for case in cases], [case.contributions["goals"][1] for case in cases]
        assert np.corrcoef(more, draws)[0, 1] < -0.5

    def test_are_as_often_more_than_usual_as_fewer(self, cases: list[Case]) -> None:
        assert abs(np.mean([case.more_goals for case in cases])) < 0.1


class TestStakes:
    def test_a_club_that_needs_points_has_them_from_one_that_needs_none(self, cases: list[Case]) -> None:
        sides = [(case.home.stake, case.away.stake, moved(case, "motivation")) for case in cases]
        found = [points for home, away, points in sides if home.importance[STAY_UP] > 0.3 and away.dead]
        found += [-points for home, away, points in sides if away.importance[STAY_UP] > 0.3 and home.dead]
        assert len(found) >= 3
        assert min(found) > 0.0


class TestSentences:
    def test_have_no_number_that_is_none(self, cases: list[Case]) -> None:
        wrong = re.compile(r"nan|None|-0\.0\b|-0\.00| 0\.00|\b1 (matches|days)|  ")
        for case in cases:
            assert not wrong.search(" ".join(reasons(case, None, "low", "low")))

    def test_of_goals_this_season_are_those_that_were_scored(
        self, cases: list[Case], matches: pl.DataFrame
    ) -> None:
        for case in cases[::40]:
            day = case.fixture.kickoff.date()
            season = matches.filter(
                (pl.col("league") == case.fixture.league.code)
                & (pl.col("date") < day)
                & (pl.col("season") == (day.year if day.month > 7 else day.year - 1))
            )
            for club, facts in ((case.fixture.home, case.home), (case.fixture.away, case.away)):
                at_home, away = (season.filter(pl.col(side) == club.key) for side in ("home", "away"))
                assert facts.played == len(at_home) + len(away)
                assert facts.scored == int(at_home["home_goals"].sum()) + int(away["away_goals"].sum())
                assert facts.conceded == int(at_home["away_goals"].sum()) + int(away["home_goals"].sum())
