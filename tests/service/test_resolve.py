from datetime import UTC, datetime, timedelta, timezone

import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Odds
from sabiscore.errors import (
    InvalidOddsError,
    KickoffOutOfRangeError,
    SameClubError,
    UnknownClubError,
    UnknownLeagueError,
)
from sabiscore.forecaster import Forecaster
from sabiscore.service import PredictionService
from tests.conftest import TODAY

from .asking import KICKOFF, Memory, fixture


class TestResolve:
    def test_all_spellings_mean_one_fixture(self, service: PredictionService) -> None:
        spellings = [("Man Utd", "Spurs", "EPL"), ("manchester united", "TOTTENHAM", "Premier League")]
        assert len({fixture(service, *names) for names in spellings}) == 1

    def test_a_kickoff_with_another_offset_is_the_same_instant(self, service: PredictionService) -> None:
        there = KICKOFF.astimezone(timezone(timedelta(hours=9)))
        assert fixture(service, kickoff=there) == fixture(service)
        assert fixture(service, kickoff=there).kickoff.utcoffset() == timedelta(0)

    def test_refuses_unknown_names_with_the_closest(self, service: PredictionService) -> None:
        with pytest.raises(UnknownClubError) as club:
            fixture(service, home="Arsnal")
        assert "Arsenal" in club.value.closest
        with pytest.raises(UnknownLeagueError):
            fixture(service, league="Premier Leage")

    def test_refuses_a_club_against_itself_in_any_spelling(self, service: PredictionService) -> None:
        with pytest.raises(SameClubError, match="Manchester United"):
            fixture(service, "Man Utd", "Manchester United")

    @pytest.mark.parametrize(
        "when", [datetime(1990, 1, 1, tzinfo=UTC), datetime(1993, 8, 14, 15, tzinfo=UTC)]
    )
    def test_refuses_a_kickoff_before_the_data(self, service: PredictionService, when: datetime) -> None:
        with pytest.raises(KickoffOutOfRangeError, match="1993-08-14"):
            fixture(service, kickoff=when)

    def test_refuses_a_kickoff_more_than_a_year_ahead(self, service: PredictionService) -> None:
        fixture(service, kickoff=TODAY + timedelta(days=365))
        with pytest.raises(KickoffOutOfRangeError, match="more than a year"):
            fixture(service, kickoff=TODAY + timedelta(days=365, seconds=1))

    @pytest.mark.parametrize(
        "when",
        [
            datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=5))),
        ],
    )
    def test_refuses_an_instant_that_utc_cannot_hold(
        self, service: PredictionService, when: datetime
    ) -> None:
        with pytest.raises(KickoffOutOfRangeError):
            fixture(service, kickoff=when)

    def test_refuses_odds_of_no_bookmaker(self, service: PredictionService) -> None:
        with pytest.raises(InvalidOddsError):
            fixture(service, odds=Odds(1.0, 3.0, 3.0))

    def test_a_bundle_without_the_league_says_which_it_has(
        self, catalogue: Catalogue, forecaster: Forecaster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service = PredictionService(forecaster, catalogue=catalogue, cache=Memory())
        monkeypatch.setattr(forecaster.rows, "has_league", lambda code: code == "E0")
        with pytest.raises(UnknownLeagueError, match="in this bundle") as refused:
            fixture(service, "Milan", "Inter", "Serie A")
        assert refused.value.closest == ("Premier League",)
