"""What can be asked: each function describes a request, and says what its answer is."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Struct

from sabiscore.api.listing import FixtureDetail, FixturesPage, FixturesQuery, Wanted
from sabiscore.api.schemas import (
    AdjustGoals,
    BatchAnswer,
    BatchRequest,
    DecimalOdds,
    Goals,
    HeadToHeadQuery,
    InPlayRequest,
    Leagues,
    OnQuery,
    PredictQuery,
    PredictRequest,
    RecordAnswer,
    RecordQuery,
    RedCards,
    Teams,
)
from sabiscore.domain import Detail, GoalAdjustment, InPlayPrediction, Language, Odds, Prediction, SideCounts
from sabiscore.season.schemas import HeadToHead, LeagueRatings, LeagueTable, TeamPage

T = TypeVar("T")

ROOT = "/api/v1"
LEVEL = SideCounts(0, 0)


class Call(Struct, Generic[T], frozen=True):
    """A request, and the type of its answer. None changes anything: each may be asked again."""

    path: str
    answer: type[T]
    query: dict[str, str] = {}
    body: Struct | None = None

    @property
    def method(self) -> Literal["GET", "POST"]:
        """How it is asked."""
        return "GET" if self.body is None else "POST"


def predict(
    home_team: str,
    away_team: str,
    league: str,
    kickoff_time: datetime,
    *,
    odds: Odds | None = None,
    neutral: bool = False,
    adjust: GoalAdjustment | None = None,
    detail: Detail = "summary",
    lang: Language = "en",
) -> Call[Prediction]:
    """Predict one fixture, by any usual names; ``kickoff_time`` has an offset. ``odds`` are decimal, as all are.

    On ``neutral`` ground nobody plays at home, ``adjust`` adds goals to those expected, ``detail="full"`` has the
    probability of every score and all bets, and ``lang`` is the language of the reasons.
    """
    asked = PredictQuery(
        home_team,
        away_team,
        league,
        kickoff_time,
        odds_home=odds.home if odds else UNSET,
        odds_draw=odds.draw if odds else UNSET,
        odds_away=odds.away if odds else UNSET,
        neutral=neutral,
        adjust_home=adjust.home if adjust else 0.0,
        adjust_away=adjust.away if adjust else 0.0,
        detail=detail,
        lang=lang,
    )
    return Call(f"{ROOT}/predict", Prediction, _query(asked))


def predict_batch(
    fixtures: Sequence[PredictRequest], *, detail: Detail = "summary", lang: Language = "en"
) -> Call[BatchAnswer]:
    """Predict 1 to 256 fixtures at once: of each its prediction or its problem, in order."""
    asked = BatchRequest(fixtures=list(fixtures))
    return Call(f"{ROOT}/predict/batch", BatchAnswer, {"detail": detail, "lang": lang}, asked)


def predict_in_play(
    home_team: str,
    away_team: str,
    league: str,
    kickoff_time: datetime,
    *,
    minute: int,
    score: SideCounts,
    red_cards: SideCounts = LEVEL,
    odds: Odds | None = None,
    neutral: bool = False,
    adjust: GoalAdjustment | None = None,
    detail: Detail = "summary",
) -> Call[InPlayPrediction]:
    """Predict the end of a match that stands so in ``minute``; 45 is half-time. ``odds`` are those of before kick-off.

    The rest is as in `predict`.
    """
    asked = InPlayRequest(
        home_team,
        away_team,
        league,
        kickoff_time,
        odds=DecimalOdds(odds.home, odds.draw, odds.away) if odds else None,
        neutral=neutral,
        adjust=AdjustGoals(adjust.home, adjust.away) if adjust else None,
        minute=minute,
        score=Goals(score.home, score.away),
        red_cards=RedCards(red_cards.home, red_cards.away),
    )
    return Call(f"{ROOT}/predict/in-play", InPlayPrediction, {"detail": detail}, asked)


def fixtures(
    *,
    league: str | None = None,
    team: str | None = None,
    since: date | None = None,
    until: date | None = None,
    status: Wanted = "upcoming",
    limit: int = 200,
) -> Call[FixturesPage]:
    """Fixtures from ``since`` until ``until``, both days counting, by default of the next seven days.

    Those that are played come the newest first. They are fetched as they are needed, ``limit`` at a time.
    """
    asked = FixturesQuery(league or UNSET, team or UNSET, since or UNSET, until or UNSET, status, limit)
    return Call(f"{ROOT}/fixtures", FixturesPage, _query(asked))


def fixture(fixture_id: str, *, detail: Detail = "summary", lang: Language = "en") -> Call[FixtureDetail]:
    """One fixture with its whole predictions, without odds and with."""
    query: dict[str, str] = {"detail": detail, "lang": lang}
    return Call(f"{ROOT}/fixtures/{_quoted(fixture_id)}", FixtureDetail, query)


def leagues() -> Call[Leagues]:
    """The leagues that can be predicted."""
    return Call(f"{ROOT}/leagues", Leagues)


def teams(league: str) -> Call[Teams]:
    """The clubs known in a league, past ones too, with other names that are understood."""
    return Call(f"{ROOT}/leagues/{_quoted(league)}/teams", Teams)


def table(league: str, *, on: date | None = None) -> Call[LeagueTable]:
    """The table of a league with what may become of each club, as of the morning of a day ``on``."""
    return Call(f"{ROOT}/leagues/{_quoted(league)}/table", LeagueTable, _query(OnQuery(on=on or UNSET)))


def ratings(league: str, *, on: date | None = None) -> Call[LeagueRatings]:
    """How good the clubs of a league are, in goals a match, the best first."""
    return Call(f"{ROOT}/leagues/{_quoted(league)}/ratings", LeagueRatings, _query(OnQuery(on=on or UNSET)))


def team(team: str, *, on: date | None = None) -> Call[TeamPage]:
    """A club: its place, its ratings, its last five matches and its next five."""
    return Call(f"{ROOT}/teams/{_quoted(team)}", TeamPage, _query(OnQuery(on=on or UNSET)))


def head_to_head(
    home: str, away: str, *, league: str | None = None, on: date | None = None
) -> Call[HeadToHead]:
    """All matches known between two clubs, in one league or in all."""
    asked = HeadToHeadQuery(home=home, away=away, league=league or UNSET, on=on or UNSET)
    return Call(f"{ROOT}/head-to-head", HeadToHead, _query(asked))


def record(*, league: str | None = None, season: str | None = None) -> Call[RecordAnswer]:
    """How good predictions were that were sealed before kick-off; ``season`` as 2025-26."""
    return Call(f"{ROOT}/record", RecordAnswer, _query(RecordQuery(league or UNSET, season or UNSET)))


def model() -> Call[dict[str, Any]]:
    """The card of the bundle that answers: data, training, parameters, measured scores."""
    return Call(f"{ROOT}/model", dict[str, Any])


def _query(asked: Struct) -> dict[str, str]:
    """A query by the names and in the form that the service reads."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in msgspec.to_builtins(asked).items()
    }


def _quoted(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")
