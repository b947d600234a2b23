"""What the document shows as answers of what is read."""

from datetime import UTC, date, datetime

from sabiscore.api.listing import FixtureDetail, FixtureItem, FixturesPage, ShortPrediction
from sabiscore.api.openapi import PREDICTION
from sabiscore.api.schemas import RecordAnswer
from sabiscore.domain import ByOutcome, ExpectedGoals, Odds, SideCounts
from sabiscore.ledger.schemas import Compared, Figure, Head, Measured, Part, Point
from sabiscore.season.schemas import (
    HeadToHead,
    LeagueRatings,
    LeagueRef,
    LeagueTable,
    Meetings,
    PlaceChances,
    ProjectionInfo,
    RatingPoint,
    SeasonMatch,
    TableRow,
    TeamPage,
    TeamRating,
    TeamRef,
    TieBreak,
)

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

_OURS = Measured(
    rps=Figure(0.1954, 0.1889, 0.2021),
    log_loss=Figure(0.9731, 0.9502, 0.9967),
    brier=Figure(0.5779, 0.5621, 0.5941),
    accuracy=Figure(0.5341, 0.5108, 0.5570),
    ece=0.0214,
)
_BASE_RATES = Measured(
    rps=Figure(0.2290, 0.2241, 0.2339),
    log_loss=Figure(1.0669, 1.0531, 1.0807),
    brier=Figure(0.6444, 0.6350, 0.6539),
    accuracy=Figure(0.4309, 0.4091, 0.4527),
    ece=0.0112,
)
RECORD = RecordAnswer(
    statement="On 1752 matches from 2025-08-08 to 2026-05-24 our RPS was 0.1954, that of base rates 0.2290.",
    sealed=1770,
    settled=1752,
    ledger=Head(7210, "9f2b" * 16),
    part=Part(
        since=date(2025, 8, 8),
        through=date(2026, 5, 24),
        matches=Compared(
            1752,
            {"ours": _OURS, "base_rates": _BASE_RATES},
            {"base_rates": Figure(-0.0336, -0.0402, -0.0270)},
        ),
        reliability={"home": [Point(0.431, 0.438, 520)]},
    ),
)

_THROUGH = date(2025, 8, 25)
_RATING = TeamRating(1, ARSENAL, 0.912, 0.231, 1.93, 0.92, 0.041)
_PLAYED = SeasonMatch(
    id="premier-league-2024-25-arsenal-chelsea",
    league=PREMIER_LEAGUE,
    season="2024/25",
    home=ARSENAL,
    away=CHELSEA,
    status="played",
    date=date(2025, 3, 16),
    score=SideCounts(1, 0),
    outcome="home",
)
_NEXT = SeasonMatch(
    id=FIXTURE_ITEM.id,
    league=PREMIER_LEAGUE,
    season="2025/26",
    home=ARSENAL,
    away=CHELSEA,
    status="upcoming",
    date=FIXTURE_ITEM.date,
    kickoff_time=FIXTURE_ITEM.kickoff_time,
    probabilities=ByOutcome(0.533, 0.249, 0.218),
    expected_goals=ExpectedGoals(1.79, 1.08),
)
LEAGUE_TABLE = LeagueTable(
    league=PREMIER_LEAGUE,
    season="2025/26",
    on=None,
    data_through=_THROUGH,
    rows=[
        TableRow(
            position=1,
            team=ARSENAL,
            played=2,
            won=2,
            drawn=0,
            lost=0,
            goals_for=6,
            goals_against=0,
            goal_difference=6,
            points=6,
            points_deducted=0,
            form="WW",
            projection=PlaceChances(
                expected_points=78.4,
                positions=[0.41, 0.27, 0.32],
                title=0.41,
                champions_league=0.89,
                europe=0.97,
                promotion=None,
                promotion_play_off=None,
                relegation_play_off=None,
                relegation=0.0,
            ),
        )
    ],
    tie_break=TieBreak("Goal difference, then goals scored.", "Premier League Handbook, rule C.17"),
    projection=ProjectionInfo(10_000, 360, _THROUGH),
)
LEAGUE_RATINGS = LeagueRatings(PREMIER_LEAGUE, "2025/26", None, _THROUGH, [_RATING])
TEAM_PAGE = TeamPage(
    team=ARSENAL,
    league=PREMIER_LEAGUE,
    season="2025/26",
    on=None,
    data_through=_THROUGH,
    position=1,
    rating=_RATING,
    ratings=[RatingPoint(date(2025, 8, 23), "E0", 0.912)],
    form="WW",
    last=[_PLAYED],
    next=[_NEXT],
)
_MEETINGS = Meetings(1, 1, 0, 0, 1, 0)
HEAD_TO_HEAD = HeadToHead(ARSENAL, CHELSEA, None, _THROUGH, _MEETINGS, _MEETINGS, [_PLAYED], [_NEXT])
