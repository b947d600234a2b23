"""What travels over the wire, beside `sabiscore.domain.Prediction`: requests, lists, batch items."""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from sabiscore.api.limits import MAX_FIXTURES
from sabiscore.domain import (
    LAST_MINUTE,
    MOST_ADJUSTED,
    MOST_GOALS,
    MOST_RED_CARDS,
    Detail,
    GoalAdjustment,
    Language,
    League,
    Odds,
    Prediction,
    SideCounts,
)
from sabiscore.ledger.schemas import Alarm, Drift, Head, Part

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
KickoffTime: TypeAlias = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with an offset, as 2025-08-30T16:30:00Z")
]


class DecimalOdds(Odds, frozen=True, forbid_unknown_fields=True):
    """Decimal odds on the three outcomes, each above 1."""


AdjustedGoals: TypeAlias = Annotated[float, Meta(ge=-MOST_ADJUSTED, le=MOST_ADJUSTED)]


class AdjustGoals(GoalAdjustment, frozen=True, forbid_unknown_fields=True):
    """Goals added to those expected of each side, -2 to 2: what the model cannot know of, as an injury."""

    home: AdjustedGoals = 0.0
    away: AdjustedGoals = 0.0


class PredictRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A fixture as people name it: clubs by any usual name, league by name or code.

    On ``neutral`` ground nobody has the advantage of playing at home.
    """

    home_team: Name
    away_team: Name
    league: Name
    kickoff_time: KickoffTime
    odds: DecimalOdds | None = None
    neutral: bool = False
    adjust: AdjustGoals | None = None


class PredictQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The same as the query of a GET: all odds or none."""

    home_team: Name
    away_team: Name
    league: Name
    kickoff_time: Annotated[
        datetime,
        Meta(
            tz=True,
            description="RFC 3339, as 2025-08-30T16:30:00Z, or with an offset, whose + is written %2B",
        ),
    ]
    odds_home: Annotated[float, Meta(description="Decimal odds, above 1; all three or none")] | UnsetType = (
        UNSET
    )
    odds_draw: float | UnsetType = UNSET
    odds_away: float | UnsetType = UNSET
    neutral: Annotated[bool, Meta(description="Whether nobody plays at home")] = False
    adjust_home: Annotated[
        AdjustedGoals, Meta(description="Goals added to those expected of the home side")
    ] = 0.0
    adjust_away: AdjustedGoals = 0.0
    detail: Detail = "summary"
    lang: Annotated[Language, Meta(description="The language of `reasoning`")] = "en"


class Goals(SideCounts, frozen=True, forbid_unknown_fields=True):
    """Goals of each side, 0 to 10."""

    home: Annotated[int, Meta(ge=0, le=MOST_GOALS)]
    away: Annotated[int, Meta(ge=0, le=MOST_GOALS)]


class RedCards(SideCounts, frozen=True, forbid_unknown_fields=True):
    """Players of each side that were sent off: a match with five of one side is abandoned."""

    home: Annotated[int, Meta(ge=0, le=MOST_RED_CARDS)] = 0
    away: Annotated[int, Meta(ge=0, le=MOST_RED_CARDS)] = 0


class InPlayRequest(PredictRequest, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fixture that is being played, and how it stands; ``odds`` are those of before kick-off."""

    minute: Annotated[
        int, Meta(ge=0, le=LAST_MINUTE, description="0 is kick-off, 45 half-time, 90 and later the end")
    ]
    score: Goals
    red_cards: RedCards = RedCards()


class BatchRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Fixtures to be predicted together."""

    fixtures: Annotated[list[PredictRequest], Meta(min_length=1, max_length=MAX_FIXTURES)]


class LooseBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A batch whose items are still text, so that an invalid one spoils no other."""

    fixtures: Annotated[list[Raw], Meta(min_length=1, max_length=MAX_FIXTURES)]


class FieldError(Struct, frozen=True):
    """What is wrong, and where: ``path`` starts at the body, or the query of a GET, ``$``."""

    path: str
    message: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details. ``closest`` are the known names most like an unknown one."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldError] = []
    closest: list[str] = []


class BatchItem(Struct, frozen=True, kw_only=True):
    """One of the two: a prediction, or the problem that stood in its way."""

    prediction: Prediction | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class BatchAnswer(Struct, frozen=True):
    """One item for each fixture, in the order they were asked."""

    predictions: list[BatchItem]


class Leagues(Struct, frozen=True):
    """Every league that can be predicted."""

    leagues: list[League]


class Team(Struct, frozen=True):
    """A club: its full name, and other names that are understood."""

    name: str
    aliases: list[str]


class Teams(Struct, frozen=True):
    """The clubs known in a league, past ones too."""

    league: League
    teams: list[Team]


class OnQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As of which day, if not now: only matches of days before count."""

    on: Annotated[date, Meta(description="As of the morning of this day, as 2025-08-30")] | UnsetType = UNSET


class HeadToHeadQuery(OnQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two clubs, in one league or in all."""

    home: Annotated[Name, Meta(description="The id of a club, or any of its names")]
    away: Annotated[Name, Meta(description="Another one's")]
    league: Annotated[Name, Meta(description="Its id, code or name")] | UnsetType = UNSET


class RecordQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which matches the record is wanted."""

    league: Annotated[Name, Meta(description="Its id (premier-league), code or name")] | UnsetType = UNSET
    season: (
        Annotated[str, Meta(pattern=r"^\d{4}[/-]\d{2}$", description="The season, as 2025-26")] | UnsetType
    ) = UNSET


class RecordAnswer(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The record of all matches, or of a ``league`` (its code) and a ``season``, in a sentence and in figures.

    ``sealed`` and ``settled`` count all fixtures that there are in the ledger, which ended at ``ledger`` when this was
    made. ``part`` is left out where nothing is settled; those by code of the league, season and month where there are
    several.
    """

    statement: str
    sealed: int
    settled: int
    ledger: Head
    league: str | None = None
    season: str | None = None
    part: Part | None = None
    leagues: dict[str, Part] = {}
    seasons: dict[str, Part] = {}
    months: dict[str, Part] = {}
    alarms: list[Alarm] = []
    drift: Drift | None = None


class Health(Struct, frozen=True):
    """All is well."""

    status: Literal["ok"] = "ok"
