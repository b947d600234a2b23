"""The tools, whatever protocol asks for them: what each is asked with, and how it answers."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from sabiscore.api.agents import answers
from sabiscore.api.agents.answers import NO_STAKE, FixtureList, Listed, Place, Predicted, Source, worth
from sabiscore.api.as_of import known, season_of
from sabiscore.api.controllers.fixtures import NO_LIST
from sabiscore.api.controllers.record import NO_PART, NO_RECORD
from sabiscore.api.listing import Choice, FixtureItem, FixturesQuery, Row, window
from sabiscore.api.loaded import Loaded
from sabiscore.api.names import league_at, team_at, team_of
from sabiscore.api.predict import resolve
from sabiscore.api.problems import unfit
from sabiscore.api.schemas import Name, PredictRequest, RecordQuery
from sabiscore.data.ids import fixture_id, slug
from sabiscore.data.seasons import season_at
from sabiscore.domain import Fixture
from sabiscore.ledger.record import statement
from sabiscore.season.schemas import SeasonMatch, TableRow

SCORES = 3
"""Likeliest scores that are told."""

MOST_LISTED = 20
"""Fixtures on a list."""


class Asking(Struct, frozen=True):
    """What answers now, and the address of this service, which pages are below."""

    loaded: Loaded
    address: str

    def source(self, page: str) -> Source:
        """Where an answer is from, whose page has this path."""
        service = self.loaded.service
        return Source(service.version, service.data_through, self.address + page)


class Tool(Struct, frozen=True):
    """A tool: its arguments are the fields of ``asked``."""

    name: str
    says: str
    asked: type[Struct]
    answer: Callable[[Asking, Any], Awaitable[Struct]]

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        described = msgspec.json.schema(self.asked)
        others = described["$defs"]
        own: dict[str, Any] = others.pop(self.asked.__name__)
        return own | ({"$defs": others} if others else {})

    async def call(self, asking: Asking, arguments: Mapping[str, Any]) -> bytes:
        """The answer as JSON.

        Raises:
            ProblemError: the arguments are not what they should be, or ask for what is not there.
            InvalidFixtureError: the fixture cannot be predicted.
        """
        try:
            asked = msgspec.convert(arguments, self.asked)
        except msgspec.ValidationError as error:
            raise unfit(error, self.asked) from None
        return msgspec.json.encode(await self.answer(asking, asked))


OneLeague: TypeAlias = Annotated[Name, Meta(description="Its id (premier-league), code (E0) or name")]
OneTeam: TypeAlias = Annotated[Name, Meta(description="Its id (brighton-and-hove-albion) or any usual name")]


class WhichFixtures(Struct, frozen=True, forbid_unknown_fields=True):
    """The next seven days, or all days known of one club."""

    league: OneLeague | UnsetType = UNSET
    team: OneTeam | UnsetType = UNSET


class WhichLeague(Struct, frozen=True, forbid_unknown_fields=True):
    """A league."""

    league: OneLeague


class WhichTeam(Struct, frozen=True, forbid_unknown_fields=True):
    """A club."""

    team: OneTeam


async def predict(asking: Asking, asked: PredictRequest) -> Predicted:
    """A prediction."""
    fixture = resolve(asking.loaded.service, asked)
    said = await asking.loaded.said(fixture)
    value = said.value
    return Predicted(
        home=said.fixture.home_team,
        away=said.fixture.away_team,
        league=said.fixture.league_name,
        kickoff_time=said.fixture.kickoff_time,
        home_win_prob=said.home_win_prob,
        draw_prob=said.draw_prob,
        away_win_prob=said.away_win_prob,
        recommended_bet=said.recommended_bet,
        confidence=said.confidence,
        reasoning=said.reasoning,
        expected_goals=said.expected_goals,
        likeliest_scores=said.scorelines[:SCORES],
        uncertainty=said.uncertainty,
        worth=worth(value) if value else [],
        note=NO_STAKE if value and not value.licensed else "",
        source=asking.source(_page_of(asking.loaded, fixture)),
    )


async def fixtures(asking: Asking, asked: WhichFixtures) -> FixtureList:
    """Fixtures to come."""
    loaded = asking.loaded
    service, there = loaded.service, loaded.coming
    league = service.league(asked.league) if asked.league else None
    team = team_of(service, asked.team, league) if asked.team else None
    days = window(FixturesQuery(team=asked.team), loaded.clock.now().date())
    choice = Choice(league, team, *days)
    rows = [row for row in there.rows if choice.has(row)] if there else []
    told = [each for row in rows[:MOST_LISTED] if (each := _listed(asking, row))]
    page = f"/?league={slug(league.name)}" if league else "/"
    return FixtureList(
        fixtures=told,
        more=len(rows) - len(told),
        note="" if there else NO_LIST,
        source=asking.source(page),
    )


async def table(asking: Asking, asked: WhichLeague) -> answers.Table:
    """A table."""
    league = league_at(asking.loaded.service, asked.league)
    found = known(season_of(asking.loaded).table(league, None), league.name, None)
    return answers.Table(
        league=found.league.name,
        season=found.season,
        rows=[_place(row) for row in found.rows],
        note=found.note or "",
        source=asking.source(f"/leagues/{found.league.id}"),
    )


async def team(asking: Asking, asked: WhichTeam) -> answers.Team:
    """A club."""
    club = team_at(asking.loaded.service, asked.team).club
    found = known(season_of(asking.loaded).team(club, None), club.name, None)
    return answers.Team(
        team=found.team.name,
        league=found.league.name,
        season=found.season,
        position=found.position,
        rating=found.rating,
        form=found.form,
        last=[_match(each) for each in found.last],
        next=[_match(each) for each in found.next],
        source=asking.source(f"/teams/{found.team.id}"),
    )


async def record(asking: Asking, asked: RecordQuery) -> answers.Record:
    """The record of a league, a season, both or all."""
    loaded = asking.loaded
    found = loaded.record or NO_RECORD
    league = loaded.service.league(asked.league).code if asked.league else None
    part = found.part(league, asked.season.replace("-", "/") if asked.season else None)
    of_part = found.settled and (league or asked.season)
    return answers.Record(
        statement=(NO_PART if part is None else statement(part)) if of_part else found.statement,
        sealed=found.sealed,
        settled=found.settled,
        matches=part.matches if part else None,
        source=asking.source("/record"),
    )


TOOLS = (
    Tool(
        "predict",
        "Calibrated home, draw and away probabilities of a league match, with reasons, expected goals and how sure "
        "they are; with decimal odds also what these are worth.",
        PredictRequest,
        predict,
    ),
    Tool(
        "fixtures",
        "The league fixtures to come, each with its probabilities: of the next seven days, of a league or of a club.",
        WhichFixtures,
        fixtures,
    ),
    Tool(
        "table",
        "A league's table by its own rules, with the chances of title, Europe, promotion and relegation where the "
        "rest of the season is simulated.",
        WhichLeague,
        table,
    ),
    Tool(
        "team",
        "A club: its place, its rating in goals a match against an average club of its league, its last and its next "
        "five matches.",
        WhichTeam,
        team,
    ),
    Tool(
        "record",
        "How good the predictions were that were sealed before kick-off, beside the betting market and base rates on "
        "the same matches.",
        RecordQuery,
        record,
    ),
)


def _page_of(loaded: Loaded, fixture: Fixture) -> str:
    """The page of a fixture that is listed or was played, else of any two clubs."""
    id_ = fixture_id(fixture.league, season_at(fixture.kickoff.date()), fixture.home, fixture.away)
    if (loaded.coming and id_ in loaded.coming.by_id) or (loaded.season and loaded.season.find(id_)):
        return f"/fixtures/{id_}"
    asked = {
        "league": slug(fixture.league.name),
        "home_team": fixture.home.name,
        "away_team": fixture.away.name,
        "day": str(fixture.kickoff.date()),
    }
    return f"/predict?{urlencode(asked)}"


def _listed(asking: Asking, row: Row) -> Listed | None:
    head = row.head
    said = head.prediction if isinstance(head, FixtureItem) else None
    if said is None:
        return None
    return Listed(
        home=head.home.name,
        away=head.away.name,
        league=head.league.name,
        kickoff_time=row.fixture.kickoff,
        home_win_prob=said.home_win_prob,
        draw_prob=said.draw_prob,
        away_win_prob=said.away_win_prob,
        confidence=said.confidence,
        page=f"{asking.address}/fixtures/{head.id}",
    )


def _place(row: TableRow) -> Place:
    chances = row.projection
    of = partial(getattr, chances) if chances else lambda _: None
    return Place(
        position=row.position,
        team=row.team.name,
        played=row.played,
        goal_difference=row.goal_difference,
        points=row.points,
        form=row.form,
        expected_points=of("expected_points"),
        title=of("title"),
        europe=of("europe"),
        promotion=of("promotion"),
        relegation=of("relegation"),
    )


def _match(match: SeasonMatch) -> answers.Match:
    said = match.probabilities
    return answers.Match(
        date=match.date,
        home=match.home.name,
        away=match.away.name,
        score=match.score,
        home_win_prob=said.home if said else None,
        draw_prob=said.draw if said else None,
        away_win_prob=said.away if said else None,
    )
