"""Ask the application for everything, and write it down."""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
from msgspec import Struct

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.api.listing import Choice, FixtureItem, FixturesPage, FixturesQuery, page, window
from sabiscore.api.loaded import Loaded
from sabiscore.cache.protocol import Cache, CacheHook, NoCache
from sabiscore.data.coming import MOST_FIXTURES
from sabiscore.data.disk import replacing_directory
from sabiscore.data.ids import slug
from sabiscore.domain import Language, League, ModelInfo
from sabiscore.errors import SabiScoreError
from sabiscore.export.addresses import addresses_in, place_of, settled
from sabiscore.export.calendar import calendar
from sabiscore.languages.wording import Wording, wording
from sabiscore.making import ModelHook
from sabiscore.progress import Progress
from sabiscore.settings import Settings

MARK = ".sabiscore-export"
"""The file by which an export is known again: nothing else is ever replaced."""

STAGE = "exporting"
PAGES = ("/", "/leagues", "/ratings", "/record", "/about")
API = ("/api/v1/leagues", "/api/v1/model", "/api/v1/record")
TEAMS, REASONED = "/teams/", "/api/v1/fixtures/"
FOLLOWED = (TEAMS, "/static/")
"""Addresses that are exported because a page leads there."""


class Exported(Struct, frozen=True):
    """How many fixtures and files there are."""

    fixtures: int
    files: int


async def export(
    loaded: Loaded,
    directory: Path,
    tell: Progress,
    league: League | None = None,
    language: Language = "en",
    *,
    settings: Settings | None = None,
) -> Exported:
    """Write the week that begins today, by the clock of what is ``loaded``, of a league or of all, in a language.

    The ``public_url`` of the settings is where readers will find it.
    A directory of an earlier export is replaced in one step, when everything is there.

    Raises:
        DataError: there is another directory that is not empty, or it cannot be written.
    """
    with replacing_directory(directory, MARK) as fresh:
        async with _asking(loaded, language, settings or Settings()) as client:
            week = _Week(loaded, league)
            answers = await _answers(client, week, tell)
        words = wording(language)
        files = _settled(answers, words) | week.lists(words)
        for name, body in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
    return Exported(len(week.fixtures), len(files))


class _Week:
    """The fixtures of the week, and what is written without being asked for."""

    def __init__(self, loaded: Loaded, league: League | None) -> None:
        self._loaded = loaded
        self.leagues = [league] if league else loaded.service.leagues
        self.home = f"/?league={slug(league.name)}" if league else "/"
        self._body = self._listed(league)
        self.fixtures: list[FixtureItem] = msgspec.json.decode(self._body, type=FixturesPage).fixtures

    def _listed(self, league: League | None) -> bytes:
        loaded = self._loaded
        asked = FixturesQuery(limit=MOST_FIXTURES)
        choice = Choice(league, None, *window(asked, loaded.clock.now().date()))
        rows = loaded.coming.rows if loaded.coming else ()
        return page(rows, asked, choice, ModelInfo(loaded.service.version, loaded.service.data_through), None)

    def addresses(self) -> list[str]:
        """What is asked for, whether or not a page leads there."""
        names = [slug(league.name) for league in self.leagues]
        return [
            *PAGES,
            *(f"/leagues/{name}" for name in names),
            *(f"/ratings?league={name}" for name in names),
            *(
                f"/fixtures/{one.id}{part}"
                for one in self.fixtures
                for part in ("", "/card.svg", "/card.png")
            ),
            *(f"/embed/{one.id}" for one in self.fixtures),
            *API,
            *(f"/api/v1/leagues/{name}/{part}" for name in names for part in ("table", "ratings")),
            *(f"/api/v1/fixtures/{one.id}" for one in self.fixtures),
        ]

    def lists(self, words: Wording) -> dict[str, bytes]:
        """The list of fixtures, in one page whatever its length; a calendar of every league that plays, and of all."""
        now = self._loaded.clock.now()
        by_league: dict[str, list[FixtureItem]] = {}
        for one in self.fixtures:
            by_league.setdefault(one.league.id, []).append(one)
        found = {name: calendar(of[0].league.name, of, now, words) for name, of in by_league.items()}
        found["all"] = calendar("SabiScore", self.fixtures, now, words)
        calendars = {f"calendars/{name}.ics": body for name, body in found.items()}
        return {place_of("/api/v1/fixtures"): self._body, **calendars}


@asynccontextmanager
async def _asking(loaded: Loaded, language: Language, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this process."""

    def load(_: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:  # noqa: ARG001 - as it is called
        return loaded

    def no_cache(_: Settings, *, hook: CacheHook) -> Cache:  # noqa: ARG001 - as it is called
        return NoCache()

    app = create_app(Resources(settings, load, no_cache))
    async with (
        app.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(cast("Any", app)),
            base_url="http://sabiscore",
            headers={"accept-encoding": "identity", "accept-language": language},
        ) as client,
    ):
        yield client


async def _answers(client: httpx.AsyncClient, week: _Week, tell: Progress) -> dict[str, bytes]:
    """The body at each address that is there, by address.

    Raises:
        SabiScoreError: one cannot be answered.
    """
    wanted = deque(week.addresses())
    seen = set(wanted)
    found: dict[str, bytes] = {}
    while wanted:
        tell(STAGE, len(seen) - len(wanted), len(seen))
        address = wanted.popleft()
        asked = week.home if address == "/" else address
        answer = await client.get(asked, params=_spoken(client, address))
        if answer.status_code == httpx.codes.NOT_FOUND:
            continue
        if answer.is_error:
            raise SabiScoreError(f"{address} is answered with {answer.status_code}: {answer.text[:200]}")
        found[address] = answer.content
        led = _led(answer.text) - seen if _is_page(answer.content) else set()
        wanted.extend(sorted(led))
        seen |= led
    tell(STAGE, len(seen), len(seen))
    return found


def _spoken(client: httpx.AsyncClient, address: str) -> dict[str, str] | None:
    """The query by which JSON has its reasons in the language that pages are asked for in."""
    return {"lang": client.headers["accept-language"]} if address.startswith(REASONED) else None


def _led(page: str) -> set[str]:
    """Where a page leads, of what is exported for that in its language, and the JSON of it."""
    led = {each for each in addresses_in(page) if each.startswith(FOLLOWED) and "lang=" not in each}
    return led | {f"/api/v1{each}" for each in led if each.startswith(TEAMS)}


def _settled(answers: Mapping[str, bytes], words: Wording) -> dict[str, bytes]:
    """The files of these answers, by name."""
    there = {*answers, "/api/v1/fixtures", "/calendars/all.ics"}
    return {
        (place := place_of(address)): settled(body.decode(), place, there, words).encode()
        if _is_page(body)
        else body
        for address, body in answers.items()
    }


def _is_page(body: bytes) -> bool:
    return body[:15].lower() == b"<!doctype html>"
