"""Fixtures as they are listed: each is JSON already, and a page is some of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from sabiscore.api.schemas import Name
from sabiscore.data.ids import slug
from sabiscore.data.seasons import name_of
from sabiscore.domain import (
    Club,
    Confidence,
    ExpectedGoals,
    Fixture,
    League,
    ListedFixture,
    ModelInfo,
    Odds,
    Outcome,
    Prediction,
    Recommendation,
    SideCounts,
    Time,
    Value,
)
from sabiscore.ledger.schemas import Sealed
from sabiscore.season.schemas import LeagueRef, Status, TeamRef

MOST_ON_A_PAGE = 200
USUAL_WINDOW = timedelta(days=6)
"""From its first to its last day, where nobody says of which days fixtures are wanted."""

Day: TypeAlias = date
Wanted: TypeAlias = Literal["upcoming", "played", "all"]
Cursor: TypeAlias = Annotated[
    str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z~[a-z0-9-]{1,255}$")
]


class FixturesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which fixtures are wanted: of a league or a club, of which days, played or to come."""

    league: Annotated[Name, Meta(description="Its id (premier-league), code or name")] | UnsetType = UNSET
    team: Annotated[Name, Meta(description="Its id (brighton-and-hove-albion) or name")] | UnsetType = UNSET
    since: Annotated[date, Meta(description="The first day (UTC), as 2025-08-30")] | UnsetType = field(
        name="from", default=UNSET
    )
    until: Annotated[date, Meta(description="The last day (UTC), as 2025-08-30")] | UnsetType = field(
        name="to", default=UNSET
    )
    status: Wanted = "upcoming"
    limit: Annotated[int, Meta(ge=1, le=MOST_ON_A_PAGE, description="Fixtures on a page")] = 50
    cursor: Annotated[Cursor, Meta(description="`next_cursor` of the page before")] | UnsetType = UNSET


class ShortPrediction(Struct, frozen=True, omit_defaults=True):
    """The first figures of a prediction, as it has them; ``value`` where odds were given."""

    home_win_prob: float
    draw_prob: float
    away_win_prob: float
    recommended_bet: Recommendation
    confidence: Confidence
    expected_goals: ExpectedGoals
    value: Value | None = None


class FixtureHead(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A fixture: ``id`` stays the same when its date moves; ``kickoff_time`` is there where it is known.

    ``score`` and ``outcome`` are there when it is played, ``sealed`` where what was said before kick-off is in the
    record (unrounded); ``odds`` where the list of coming fixtures has an average of bookmakers.
    """

    id: str
    league: LeagueRef
    season: str
    home: TeamRef
    away: TeamRef
    status: Status
    date: Day | None = None
    kickoff_time: Time | None = None
    score: SideCounts | None = None
    outcome: Outcome | None = None
    odds: Odds | None = None
    sealed: Sealed | None = None


class FixtureItem(FixtureHead, frozen=True, omit_defaults=True, kw_only=True):
    """A fixture on a page; one to come with the first figures of its predictions: without odds, and with them."""

    prediction: ShortPrediction | None = None
    prediction_with_odds: ShortPrediction | None = None


class FixtureDetail(FixtureHead, frozen=True, omit_defaults=True, kw_only=True):
    """A fixture with its whole predictions: without odds, and with them.

    Of one that is played the prediction is what the present bundle says from matches of days before; of one without a
    date as if it were next.
    """

    prediction: Prediction | None = None
    prediction_with_odds: Prediction | None = None


class WholeFixture(FixtureHead, frozen=True, omit_defaults=True, kw_only=True):
    """A `FixtureDetail` whose predictions are JSON already."""

    prediction: Raw | None = None
    prediction_with_odds: Raw | None = None


class FixturesPage(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Fixtures from one day to another, where these are given, in the order of time, those played the newest first.

    ``next_cursor`` asks for those that follow, null at the end; ``note`` says why there is nothing to list.
    """

    fixtures: list[FixtureItem]
    next_cursor: str | None
    model: ModelInfo
    since: date | None = field(name="from", default=None)
    until: date | None = field(name="to", default=None)
    note: str | None = None


class _Foot(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What follows the fixtures of a `FixturesPage`."""

    next_cursor: str | None
    model: ModelInfo
    since: date | None = field(name="from", default=None)
    until: date | None = field(name="to", default=None)
    note: str | None = None


class Listed(Struct, frozen=True):
    """A fixture to be listed: what it is chosen and ordered by, and the JSON of its `FixtureItem`."""

    place: str
    day: date
    league: str
    teams: tuple[str, str]
    body: bytes


class Row(Listed, frozen=True):
    """One to come."""

    head: FixtureItem
    fixture: Fixture

    @property
    def odds(self) -> Odds | None:
        """The odds that are listed with it."""
        return self.head.odds


class Team(Struct, frozen=True):
    """A club and the country that it plays in."""

    country: str
    club: Club


class Choice(Struct, frozen=True):
    """Which rows are wanted, resolved; the days count."""

    league: League | None
    team: Team | None
    since: date | None
    until: date | None

    def has(self, row: Listed) -> bool:
        """Whether a row is one of them."""
        if self.league and row.league != self.league.code:
            return False
        if self.team and slug(self.team.club.name) not in row.teams:
            return False
        return not ((self.since and row.day < self.since) or (self.until and row.day > self.until))


class Upcoming(Struct, frozen=True):
    """The fixtures to come of a bundle in the order of time, and by id."""

    rows: tuple[Row, ...]
    by_id: Mapping[str, Row]


_ENCODER = msgspec.json.Encoder()
_SHORT = msgspec.json.Decoder(ShortPrediction)


def upcoming(
    listed: Sequence[tuple[ListedFixture, Fixture]], plain: Sequence[bytes], priced: Sequence[bytes]
) -> Upcoming:
    """Fixtures as they are listed, with the JSON of their predictions; ``priced`` are of those with odds only."""
    with_odds = iter(priced)
    rows = [
        _row(one, fixture, said, next(with_odds) if one.odds else None)
        for (one, fixture), said in zip(listed, plain, strict=True)
    ]
    rows.sort(key=lambda row: row.place)
    return Upcoming(tuple(rows), {row.head.id: row for row in rows})


def _row(one: ListedFixture, fixture: Fixture, plain: bytes, priced: bytes | None) -> Row:
    kickoff = one.kickoff.astimezone(UTC)
    league, home, away = fixture.league, fixture.home, fixture.away
    item = FixtureItem(
        id=one.id,
        league=LeagueRef(slug(league.name), league.code, league.name),
        season=name_of(one.season),
        home=TeamRef(slug(home.name), home.name),
        away=TeamRef(slug(away.name), away.name),
        status="upcoming",
        date=kickoff.date(),
        kickoff_time=kickoff,
        odds=one.odds,
        prediction=in_short(plain),
        prediction_with_odds=in_short(priced) if priced else None,
    )
    return Row(
        place=place_of(kickoff.date(), kickoff, one.id),
        day=kickoff.date(),
        league=league.code,
        teams=(item.home.id, item.away.id),
        body=_ENCODER.encode(item),
        head=item,
        fixture=fixture,
    )


def in_short(body: bytes) -> ShortPrediction:
    """The first figures of the JSON of a prediction."""
    return _SHORT.decode(body)


def place_of(day: date, kickoff: datetime | None, id_: str) -> str:
    """Where a fixture stands among others, which is what a cursor says, too."""
    return f"{kickoff:%Y-%m-%dT%H:%MZ}~{id_}" if kickoff else f"{day}T00:00Z~{id_}"


def window(asked: FixturesQuery, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of which fixtures are wanted.

    Where neither is said, it is the next seven days, of those played the last seven; of one club all days.
    """
    since, until = asked.since or None, asked.until or None
    if since or until or asked.team:
        return since, until
    return (
        today if asked.status == "upcoming" else today - USUAL_WINDOW,
        today if asked.status == "played" else today + USUAL_WINDOW,
    )


def page(
    rows: Iterable[Listed], asked: FixturesQuery, choice: Choice, model: ModelInfo, note: str | None
) -> bytes:
    """The JSON of a `FixturesPage` with those of ``rows``, in order, that are wanted."""
    newest_first = asked.status == "played"
    found: list[Listed] = []
    for row in rows:
        behind = not asked.cursor or (row.place < asked.cursor if newest_first else row.place > asked.cursor)
        if behind and choice.has(row):
            found.append(row)
            if len(found) > asked.limit:
                break
    shown = found[: asked.limit]
    foot = _Foot(
        next_cursor=shown[-1].place if len(found) > asked.limit else None,
        model=model,
        since=choice.since,
        until=choice.until,
        note=note,
    )
    listed = b",".join([row.body for row in shown])
    return b'{"fixtures":[%b],%b' % (listed, _ENCODER.encode(foot)[1:])
