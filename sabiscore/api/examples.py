"""What the document shows as answers of what is read."""

from datetime import UTC, date, datetime

from sabiscore.api.listing import FixtureDetail, FixtureItem, FixturesPage, ShortPrediction
from sabiscore.api.openapi import PREDICTION
from sabiscore.domain import Odds
from sabiscore.season.schemas import LeagueRef, TeamRef

PREMIER_LEAGUE = LeagueRef("premier-league", "E0", "Premier League")
ARSENAL, CHELSEA = TeamRef("arsenal", "Arsenal"), TeamRef("chelsea", "Chelsea")

_SHORT = ShortPrediction(
    home_win_prob=PREDICTION.home_win_prob,
    draw_prob=PREDICTION.draw_prob,
    away_win_prob=PREDICTION.away_win_prob,
    recommended_bet=PREDICTION.recommended_bet,
    confidence=PREDICTION.confidence,
    expected_goals=PREDICTION.expected_goals,
    value=PREDICTION.value,
)

FIXTURE_ITEM = FixtureItem(
    id="premier-league-2025-26-arsenal-chelsea",
    league=PREMIER_LEAGUE,
    season="2025/26",
    home=ARSENAL,
    away=CHELSEA,
    status="upcoming",
    date=date(2025, 8, 30),
    kickoff_time=datetime(2025, 8, 30, 16, 30, tzinfo=UTC),
    odds=Odds(1.8, 3.7, 4.6),
    prediction_with_odds=_SHORT,
)
FIXTURES_PAGE = FixturesPage(
    fixtures=[FIXTURE_ITEM],
    next_cursor=None,
    model=PREDICTION.model,
    since=date(2025, 8, 28),
    until=date(2025, 9, 3),
)
FIXTURE_DETAIL = FixtureDetail(
    id=FIXTURE_ITEM.id,
    league=PREMIER_LEAGUE,
    season=FIXTURE_ITEM.season,
    home=ARSENAL,
    away=CHELSEA,
    status="upcoming",
    date=FIXTURE_ITEM.date,
    kickoff_time=FIXTURE_ITEM.kickoff_time,
    odds=FIXTURE_ITEM.odds,
    prediction_with_odds=PREDICTION,
)
