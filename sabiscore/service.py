"""Fixtures in, encoded predictions out: the one place that knows forecasts, advice and cache together."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol, Self, TypeAlias

from msgspec import Struct

from sabiscore.advice.rules import check_adjustment, check_odds
from sabiscore.batching import MAX_BATCH_SIZE, Batcher
from sabiscore.cache.entry import USUAL, Age, Entry, Lifetime
from sabiscore.cache.keys import fixture_key
from sabiscore.cache.protocol import Cache, NoCache
from sabiscore.clock import CLOCK, Clock
from sabiscore.data.catalogue import Catalogue, load
from sabiscore.domain import Club, Detail, Fixture, GoalAdjustment, InPlay, Language, League, Odds
from sabiscore.errors import InvalidFixtureError, KickoffOutOfRangeError, SameClubError, UnknownLeagueError
from sabiscore.forecaster import Forecaster
from sabiscore.making import Asked, Maker, ModelHook
from sabiscore.models.bundles import SHIPPED
from sabiscore.stages import CURRENT, found_in, stage

FURTHEST_AHEAD = timedelta(days=365)

Source: TypeAlias = Literal["fresh", "stale", "made"]
"""Where an answer comes from: the cache; the cache, while it is made anew; the model."""


log = logging.getLogger(__name__)


class Answer(Struct, frozen=True):
    """The JSON of a `Prediction` or `InPlayPrediction` with its times, and where it comes from."""

    entry: Entry
    source: Source

    @property
    def body(self) -> bytes:
        """The JSON."""
        return self.entry.body

    @property
    def cached(self) -> bool:
        """Whether it was there already."""
        return self.source != "made"


class Predicting(Protocol):
    """What the API needs of the service."""

    @property
    def version(self) -> str:
        """The bundle's short digest."""

    @property
    def data_through(self) -> date:
        """The date of the last match the bundle knows."""

    @property
    def catalogue(self) -> Catalogue:
        """The leagues and clubs there are."""

    @property
    def card(self) -> dict[str, Any]:
        """What the bundle says of itself."""

    @property
    def leagues(self) -> list[League]:
        """The leagues of the catalogue that the bundle knows."""

    def league(self, name: str) -> League:
        """The league meant by a name; raises UnknownLeagueError."""

    def resolve(
        self,
        *,
        home_team: str,
        away_team: str,
        league: str,
        kickoff_time: datetime,
        odds: Odds | None,
        neutral: bool = False,
        adjust: GoalAdjustment | None = None,
    ) -> Fixture:
        """The fixture meant by these names; raises InvalidFixtureError."""

    def holds(self, asked: Asked) -> bool:
        """Whether the answer is at hand and fresh, so that it costs hardly anything."""

    async def answer(
        self,
        fixture: Fixture,
        detail: Detail = "summary",
        in_play: InPlay | None = None,
        language: Language = "en",
    ) -> Answer:
        """The prediction of one fixture, before kick-off or as it stands ``in_play``."""

    async def answer_many(
        self, fixtures: Sequence[Fixture], detail: Detail = "summary", language: Language = "en"
    ) -> list[Answer]:
        """The prediction of each fixture, in order; one model call for all that are not cached."""

    def made(self, fixtures: Sequence[Fixture]) -> dict[str, bytes]:
        """The JSON about each fixture, in order, by the key that it is to be kept under."""

    async def keep(self, made: Mapping[str, bytes]) -> None:
        """Keep what was `made`, as if it were now."""


class PredictionService:
    """Answers from one bundle, through a cache."""

    def __init__(
        self,
        forecaster: Forecaster,
        *,
        catalogue: Catalogue | None = None,
        cache: Cache | None = None,
        lifetime: Lifetime = USUAL,
        hook: ModelHook | None = None,
        clock: Clock = CLOCK,
    ) -> None:
        """A service.

        Args:
            forecaster: the bundle at work.
            catalogue: the names that are understood, by default those of the package.
            cache: where answers are kept, by default nowhere.
            lifetime: how long they may be used.
            hook: told of calls of the model.
            clock: its seconds are those by which answers age, as the cache has them; its time of day bounds kick-offs.
        """
        self.catalogue = load() if catalogue is None else catalogue
        self.version = forecaster.version
        self.data_through = forecaster.manifest.data_through
        self._forecaster = forecaster
        self._cache = NoCache() if cache is None else cache
        self._lifetime = lifetime
        self._clock = clock
        self._batcher = Batcher(
            Maker(forecaster, lifetime, hook, clock).make, self._cache.put, hook.waiting if hook else None
        )

    @property
    def card(self) -> dict[str, Any]:
        """What the bundle says of itself."""
        return self._forecaster.card

    @property
    def leagues(self) -> list[League]:
        """The leagues of the catalogue that the bundle knows."""
        rows = self._forecaster.rows
        return [league for league in self.catalogue.leagues if rows.has_league(league.code)]

    @classmethod
    def load(cls, bundle: Path = SHIPPED) -> Self:
        """A service of a bundle and without a cache, as a program of one's own needs it.

        Raises:
            BundleError: the bundle is incomplete, changed, or of another version.
        """
        return cls(Forecaster.load(bundle))

    def resolve(
        self,
        *,
        home_team: str,
        away_team: str,
        league: str,
        kickoff_time: datetime,
        odds: Odds | None,
        neutral: bool = False,
        adjust: GoalAdjustment | None = None,
    ) -> Fixture:
        """The fixture meant by these names, as people write them; ``kickoff_time`` is aware.

        Raises:
            InvalidFixtureError: a name is unknown, a club would play itself, the kick-off is before the data or more
                than a year ahead, the odds are no bookmaker's, or goals are adjusted by more than anything is worth.
        """
        found = self.league(league)
        home, away = self.catalogue.club(home_team, found), self.catalogue.club(away_team, found)
        if home.key == away.key:
            raise SameClubError(home.name)
        if odds is not None:
            check_odds(odds)
        if adjust is not None:
            check_adjustment(adjust)
            adjust = (
                GoalAdjustment(float(adjust.home), float(adjust.away)) if adjust.home or adjust.away else None
            )
        return Fixture(found, home, away, self._kickoff(kickoff_time, found), odds, neutral, adjust)

    def league(self, name: str) -> League:
        """The league meant by a name, as people write it.

        Raises:
            UnknownLeagueError: nobody knows it, or the bundle does not.
        """
        found = self.catalogue.league(name)
        if not self._forecaster.rows.has_league(found.code):
            known = [league.name for league in self.leagues]
            raise UnknownLeagueError(name, known, " in this bundle")
        return found

    def league_of(self, home_team: str, away_team: str) -> League:
        """The league in which both clubs played last, wherever that is.

        Raises:
            InvalidFixtureError: a name is unknown, or the clubs do not play in one league, and in one only.
        """
        named = {name: self.catalogue.clubs_called(name) for name in (home_team, away_team)}
        countries = {country for clubs in named.values() for country in clubs}
        for name, clubs in named.items():
            if not clubs:
                raise self.catalogue.unknown_anywhere(name, countries)
        shared = countries.intersection(*named.values())
        possible = [
            self._last_leagues(country, [clubs[country] for clubs in named.values()]) for country in shared
        ]
        sure = [leagues for leagues in possible if len(leagues) == 1]
        found = [league for leagues in sure or possible for league in leagues]
        if len(found) == 1:
            return found[0]
        if not found:
            raise InvalidFixtureError(
                "{home} and {away} do not play in one country that is known.", home=home_team, away=away_team
            )
        choices = " or ".join(league.name for league in sorted(found, key=self.catalogue.leagues.index))
        raise InvalidFixtureError(
            "{home} and {away}: say in which league, {choices}.",
            home=home_team,
            away=away_team,
            choices=choices,
        )

    def _last_leagues(self, country: str, clubs: Sequence[Club]) -> list[League]:
        """The leagues in which these clubs of a country played last, of those that the bundle knows."""
        codes = {self._forecaster.rows.last_league(country, club.key) for club in clubs}
        return [league for league in self.leagues if league.code in codes]

    def _kickoff(self, kickoff: datetime, league: League) -> datetime:
        """The kick-off in UTC."""
        try:
            kickoff = kickoff.astimezone(UTC)
        except OverflowError as error:
            raise KickoffOutOfRangeError(
                "Kick-off {kickoff} is no instant in UTC.", kickoff=kickoff.isoformat()
            ) from error
        first = self._forecaster.rows.first_date(league.code)
        if kickoff.date() <= first:
            raise KickoffOutOfRangeError(
                "Kick-off {day} is not after {first}, where the data of {league} begin.",
                day=kickoff.date(),
                first=first,
                league=league.name,
            )
        if kickoff > self._clock.now() + FURTHEST_AHEAD:
            raise KickoffOutOfRangeError("Kick-off {day} is more than a year from today.", day=kickoff.date())
        return kickoff

    def holds(self, asked: Asked) -> bool:
        """Whether the answer is at hand and fresh, so that it costs hardly anything."""
        return self._cache.holds(asked.key(self.version))

    async def answer(
        self,
        fixture: Fixture,
        detail: Detail = "summary",
        in_play: InPlay | None = None,
        language: Language = "en",
    ) -> Answer:
        """The prediction of one fixture, before kick-off or as it stands ``in_play``."""
        return (
            await self._answers([Asked(fixture, detail, in_play, CURRENT.get(), language)], patient=False)
        )[0]

    async def answer_many(
        self, fixtures: Sequence[Fixture], detail: Detail = "summary", language: Language = "en"
    ) -> list[Answer]:
        """The prediction of each fixture, in order; what is not cached is made together, beside single ones.

        An answer that is no longer fresh is given all the same, and made anew behind it.
        """
        stages = CURRENT.get()
        return await self._answers(
            [Asked(fixture, detail, None, stages, language) for fixture in fixtures], patient=True
        )

    def made(self, fixtures: Sequence[Fixture]) -> dict[str, bytes]:
        """The JSON about each fixture, in order, by the key that it is to be kept under; all are different.

        For another thread or process, before anybody is answered; metrics do not have it.
        """
        maker = Maker(self._forecaster, self._lifetime, None, self._clock)
        made: list[Entry] = []
        for at in range(0, len(fixtures), MAX_BATCH_SIZE):
            made += maker.make([Asked(fixture) for fixture in fixtures[at : at + MAX_BATCH_SIZE]])
        keys = [fixture_key(self.version, fixture) for fixture in fixtures]
        return {key: entry.body for key, entry in zip(keys, made, strict=True)}

    async def keep(self, made: Mapping[str, bytes]) -> None:
        """Keep what was `made`, as if it were now."""
        now = self._clock.seconds()
        await self._cache.put({key: self._lifetime.entry(body, now) for key, body in made.items()})

    async def _answers(self, asked: Sequence[Asked], *, patient: bool) -> list[Answer]:
        keys = [each.key(self.version) for each in asked]
        with stage("cache"):
            found = [self._aged(entry) for entry in await self._cache.get(keys)]
        made: dict[str, asyncio.Future[Entry]] = {}
        for key, each, cached in zip(keys, asked, found, strict=True):
            if cached is None:
                made[key] = self._batcher.submit(key, each, patient=patient)
            elif cached.source == "stale":
                self._refresh(key, each)
        if made:
            with stage("wait"):
                await self._made(made)
            found_in("model")
        return [cached or Answer(made[key].result(), "made") for key, cached in zip(keys, found, strict=True)]

    async def _made(self, results: Mapping[str, asyncio.Future[Entry]]) -> None:
        """Wait for them; who is cancelled meanwhile wants none any more, and waits for those that have begun."""
        try:
            await asyncio.wait(results.values())
        except asyncio.CancelledError:
            for key in results:
                self._batcher.give_up(key)
            if begun := [result for result in results.values() if not result.done()]:
                await asyncio.wait(begun)
            raise

    def _aged(self, entry: Entry | None) -> Answer | None:
        """The answer that an entry still is."""
        if entry is None:
            return None
        match self._lifetime.age(entry, self._clock.seconds()):
            case Age.FRESH:
                return Answer(entry, "fresh")
            case Age.STALE:
                return Answer(entry, "stale")
        return None

    def _refresh(self, key: str, asked: Asked) -> None:
        if key not in self._batcher:
            self._batcher.submit(key, asked, patient=True).add_done_callback(_tell_if_failed)


def _tell_if_failed(refresh: asyncio.Future[Entry]) -> None:
    if not refresh.cancelled() and (error := refresh.exception()):
        log.error("a stale answer could not be made anew", exc_info=error)
