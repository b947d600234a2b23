from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest

from sabiscore.bulk.asked import Columns, instant
from sabiscore.domain import Fixture, Odds
from sabiscore.errors import KickoffOutOfRangeError, SabiScoreError
from sabiscore.service import PredictionService

NAMES = ["kickoff_time", "league", "home_team", "away_team"]


class TestInstant:
    @pytest.mark.parametrize(
        ("given", "means"),
        [
            ("2025-08-30", datetime(2025, 8, 30, tzinfo=UTC)),
            ("30/08/2025", datetime(2025, 8, 30, tzinfo=UTC)),
            ("2025-08-30T16:30:00Z", datetime(2025, 8, 30, 16, 30, tzinfo=UTC)),
            ("2025-08-30 16:30", datetime(2025, 8, 30, 16, 30, tzinfo=UTC)),
            (date(2025, 8, 30), datetime(2025, 8, 30, tzinfo=UTC)),
            (datetime(2025, 8, 30, 16), datetime(2025, 8, 30, 16, tzinfo=UTC)),  # noqa: DTZ001 - as a file has it
        ],
    )
    def test_is_what_is_written(self, given: object, means: datetime) -> None:
        assert instant(given) == means

    def test_keeps_its_offset(self) -> None:
        assert instant("2025-08-30T18:30:00+02:00").tzinfo == timezone(timedelta(hours=2))

    @pytest.mark.parametrize("given", ["", "tomorrow", "31/02/2025", None, 20250830])
    def test_is_nothing_else(self, given: object) -> None:
        with pytest.raises(KickoffOutOfRangeError, match="is no day or time such as"):
            instant(given)


class TestColumns:
    @pytest.mark.parametrize(
        "names",
        [
            NAMES,
            ["date", "league", "home", "away"],
            ["Div", "Date", "Time", "HomeTeam", "AwayTeam", "Referee"],
            ["id", "Away", "HOME", "League", "Kickoff"],
        ],
    )
    def test_are_found_by_their_names(self, names: list[str]) -> None:
        assert set(Columns.of(names).asked.values()) <= set(names)
        assert Columns.of(names).odds == []

    def test_of_odds_are_three_or_none(self) -> None:
        odds = ["odds_home", "odds_draw", "odds_away"]
        assert Columns.of([*NAMES, *odds]).odds == odds
        assert Columns.of([*NAMES, "AvgH", "AvgD", "AvgA"]).odds == ["AvgH", "AvgD", "AvgA"]
        assert Columns.of([*NAMES, *odds[:2]]).odds == []

    def test_that_are_missing_are_named(self) -> None:
        with pytest.raises(SabiScoreError, match="no column league or div, no column away_team or away"):
            Columns.of(["date", "home"])


class TestFixtures:
    def test_are_resolved_by_aliases_or_say_why_not(self, service: PredictionService) -> None:
        piece = pl.DataFrame(
            [
                ["2025-08-30", "EPL", "Spurs", "Man Utd", "2.1", "3.4", "3.6"],
                ["2025-08-30", "EPL", "Spurs", "Man Utd", None, None, None],
                ["2025-08-30", "EPL", "Spurs", "Man Utd", "2.1", None, "3.6"],
                ["2025-08-30", "EPL", "Spurs", "Tottenham", None, None, None],
                ["2025-08-30", "EPL", "Arsnal", "Spurs", None, None, None],
                ["2025-08-30", None, "Arsenal", "Spurs", None, None, None],
                ["soon", "EPL", "Arsenal", "Spurs", None, None, None],
            ],
            schema=[*NAMES, "odds_home", "odds_draw", "odds_away"],
            orient="row",
        )
        one, other, *refused = Columns.of(piece.columns).fixtures(piece, service.resolve)
        assert isinstance(one, Fixture)
        assert (one.home.name, one.away.name) == ("Tottenham Hotspur", "Manchester United")
        assert (one.odds, isinstance(other, Fixture) and other.odds) == (Odds(2.1, 3.4, 3.6), None)
        for said, reason in zip(
            refused,
            ["or none of them", "against itself", "Closest known: Arsenal", "league", "'soon'"],
            strict=True,
        ):
            assert isinstance(said, str)
            assert reason in said
