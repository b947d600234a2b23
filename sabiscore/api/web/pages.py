"""Each page: what a query asks for, and the template that says it.

What is read of a season is read in a thread, so that the event loop answers others meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from msgspec import Struct, field
from msgspec.structs import asdict

from sabiscore.api.loaded import Loaded
from sabiscore.api.names import league_at
from sabiscore.api.problems import BAD_REQUEST, NOT_FOUND, ProblemError
from sabiscore.api.query import Q, read_as
from sabiscore.api.web import seasons, views
from sabiscore.api.web.language import alternates
from sabiscore.api.web.look import look
from sabiscore.api.web.picture import is_there
from sabiscore.api.web.results import results
from sabiscore.api.web.views import Given, Shown
from sabiscore.domain import Fixture, Language
from sabiscore.errors import InvalidFixtureError, UnknownNameError
from sabiscore.languages.wording import Wording, wording

ENGLISH = wording("en")


class Asked(Struct, frozen=True):
    """The path of a page, what its template of an address found there, its query, the language it is wanted in.

    ``site`` is where readers find all pages, if that is known.
    """

    path: str
    found: Mapping[str, str]
    query: str
    words: Wording = ENGLISH
    site: str = ""


class Sheet(Struct, frozen=True):
    """A template, in a language, and what it asks for."""

    template: str
    language: Language
    context: Mapping[str, Any]

    def render(self) -> str:
        """The page: milliseconds of CPU, at the first of a language many times that."""
        return look(self.language).render(self.template, **self.context)


Page: TypeAlias = Callable[[Loaded, Asked], Awaitable[Sheet]]


class _Week(Struct, frozen=True, forbid_unknown_fields=True):
    league: str = ""
    since: str = field(name="from", default="")


class _OneLeague(Struct, frozen=True, forbid_unknown_fields=True):
    league: str = ""


class _Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class _OneMatch(Given, frozen=True, forbid_unknown_fields=True):
    pass


class _AnyMatch(Given, frozen=True, forbid_unknown_fields=True):
    league: str = ""
    home_team: str = ""
    away_team: str = ""
    day: str = ""


def _asked_nothing(page: Page) -> Page:
    """A page whose address has no query."""

    @wraps(page)
    async def checked(loaded: Loaded, asked: Asked) -> Sheet:
        _read(asked, _Nothing)
        return await page(loaded, asked)

    return checked


async def fixtures(loaded: Loaded, asked: Asked) -> Sheet:
    """The fixtures of a week, played and to come; where none is to come, the last that were played."""
    week = _read(asked, _Week)
    league = league_at(loaded.service, week.league) if week.league else None
    since = _day(week.since, asked.words)
    first = since or loaded.clock.now().date()
    found = views.fixtures(loaded, league, first, asked.words)
    played = await results(loaded, league, since, asked.words) if since or not found["days"] else []
    if played and since:
        found["statement"] = ""
    elif played:
        first = played[0].day
        found["heading"] = asked.words.say("The last matches known")
    found |= {"results": played, "earlier": views.week_of(first - views.A_WEEK - views.A_DAY, league)}
    return _page(loaded, asked, "fixtures.html", "/", "Fixtures", **found)


async def match(loaded: Loaded, asked: Asked) -> Sheet:
    """One match."""
    given = _read(asked, _OneMatch)
    shown, fixture = _match(loaded, asked)
    said = await views.answer(loaded, fixture, given, asked.words)
    said |= await asyncio.to_thread(seasons.around, loaded, fixture, asked.words)
    title = f"{shown.home} \N{EN DASH} {shown.away}"
    said |= {"f": shown, "action": asked.path, "hidden": (), "picture": "png" if is_there() else "svg"}
    return _page(loaded, asked, "match.html", "", title, **said)


@_asked_nothing
async def card(loaded: Loaded, asked: Asked) -> Sheet:
    """A picture of what is said of a match."""
    shown, fixture = _match(loaded, asked)
    return Sheet("card.svg", asked.words.language, {"f": shown, "p": await loaded.said(fixture)})


async def picture(loaded: Loaded, asked: Asked) -> Sheet:
    """The same as PNG, for previews; not there without the extra `cards`."""
    if not is_there():
        raise ProblemError(NOT_FOUND, asked.words.say("There is no such file."))
    return await card(loaded, asked)


@_asked_nothing
async def embed(loaded: Loaded, asked: Asked) -> Sheet:
    """What is said of a match, for a frame in another site's page."""
    shown, fixture = _match(loaded, asked)
    return Sheet("embed.html", asked.words.language, {"f": shown, "p": await loaded.said(fixture)})


async def predict(loaded: Loaded, asked: Asked) -> Sheet:
    """A form for any match, and the answer."""
    given = _read(asked, _AnyMatch)
    context = views.form(loaded, given.league, given.home_team, given.away_team, given.day, words=asked.words)
    if given.home_team and given.away_team:
        try:
            day = _day(given.day, asked.words)
            fixture = views.asked_for(loaded, given.league, given.home_team, given.away_team, day)
        except InvalidFixtureError as error:
            context |= {"wrong": views.told(error, asked.words), "links": _instead(given, error)}
        else:
            context |= await views.answer(loaded, fixture, given, asked.words)
            hidden = [(name, getattr(given, name)) for name in ("league", "home_team", "away_team", "day")]
            context |= {"f": views.shown(fixture), "action": "/predict", "hidden": hidden}
    return _page(loaded, asked, "predict.html", "/predict", "Predict a match", **context)


@_asked_nothing
async def leagues(loaded: Loaded, asked: Asked) -> Sheet:
    """The leagues there are."""
    return _page(loaded, asked, "leagues.html", "/leagues", "Tables")


@_asked_nothing
async def table(loaded: Loaded, asked: Asked) -> Sheet:
    """A league's table, and what may become of it."""
    league = league_at(loaded.service, asked.found["league"])
    found = await asyncio.to_thread(seasons.table, loaded, league, asked.words)
    return _page(loaded, asked, "table.html", "/leagues", league.name, **found)


async def ratings(loaded: Loaded, asked: Asked) -> Sheet:
    """How good the clubs of a league are."""
    wanted = _read(asked, _OneLeague).league
    league = league_at(loaded.service, wanted) if wanted else loaded.service.leagues[0]
    found = await asyncio.to_thread(seasons.ratings, loaded, league, asked.words)
    return _page(loaded, asked, "ratings.html", "/ratings", "Ratings", **found)


@_asked_nothing
async def team(loaded: Loaded, asked: Asked) -> Sheet:
    """A club."""
    context = await asyncio.to_thread(seasons.team, loaded, asked.found["team"], asked.words)
    return _page(loaded, asked, "team.html", "", context["team"].team.name, **context)


@_asked_nothing
async def record(loaded: Loaded, asked: Asked) -> Sheet:
    """How good it is."""
    found = await asyncio.to_thread(views.record, loaded, asked.words)
    return _page(loaded, asked, "record.html", "/record", "Record", **found)


@_asked_nothing
async def about(loaded: Loaded, asked: Asked) -> Sheet:
    """What it knows and does not."""
    return _page(loaded, asked, "about.html", "/about", "About")


def _page(loaded: Loaded, asked: Asked, template: str, here: str, title: str, /, **context: Any) -> Sheet:  # noqa: ANN401
    """With what every page shows; its title is a message or a name."""
    words = asked.words
    base = views.base(loaded, here, words.translated(title), words)
    others = alternates(asked.path, asked.query)
    address = {"alternates": others, "site": asked.site, "path": quote(asked.path)}
    return Sheet(template, words.language, base | address | context)


def _read(asked: Asked, model: type[Q]) -> Q:
    """What the query asks for; raises ProblemError: the page has nothing like that."""
    try:
        return read_as(asked.query, model)
    except ProblemError as error:
        detail = asked.words.say("The address asks for something that this page does not have.")
        raise ProblemError(error.kind, detail) from None


def _match(loaded: Loaded, asked: Asked) -> tuple[Shown, Fixture]:
    name = asked.found["fixture_id"]
    found = views.listed(loaded, name) or seasons.match(loaded, name)
    if found is None:
        raise ProblemError(NOT_FOUND, asked.words.say("There is no such fixture."))
    return found


def _day(text: str, words: Wording) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ProblemError(
            BAD_REQUEST, words.say("{text} is no day such as 2025-08-30.", text=repr(text[:20]))
        ) from None


def _instead(given: _AnyMatch, error: InvalidFixtureError) -> list[tuple[str, str]]:
    """What may have been meant, each with its address."""
    if not isinstance(error, UnknownNameError):
        return []
    typed = {name: value for name, value in asdict(given).items() if value}
    wrong = next((name for name, value in typed.items() if value == error.name), None)
    return [(name, f"/predict?{urlencode(typed | {wrong: name})}") for name in error.closest] if wrong else []
