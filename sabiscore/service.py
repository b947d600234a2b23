"""Fixtures in, encoded predictions out: the one place that knows forecasts, advice and cache together."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from sabiscore.advice.answer import answer
from sabiscore.advice.facts import Consider
from sabiscore.advice.rules import check_odds
from sabiscore.cache.keys import fixture_key
from sabiscore.cache.protocol import Cache
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Confidence, Detail, Fixture, League, Odds
from sabiscore.errors import KickoffOutOfRangeError, SameClubError, UnknownLeagueError
from sabiscore.features.calendar import day_number
from sabiscore.forecaster import Forecaster

FURTHEST_AHEAD = timedelta(days=365)

_encode = msgspec.json.Encoder().encode


class Answer(Struct, frozen=True):
    """The JSON of a `Prediction`, and whether it came from the cache."""

    body: bytes
    cached: bool


class ModelHook(Protocol):
    """Told what the model did, so that the service knows no metrics library."""

    def model_called(self, *, rows: int, seconds: float) -> None:
        """One call predicted ``rows`` fixtures."""


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

    def resolve(
        self, *, home_team: str, away_team: str, league: str, kickoff_time: datetime, odds: Odds | None
    ) -> Fixture:
        """The fixture meant by these names; raises InvalidFixtureError."""

    async def answer(self, fixture: Fixture, detail: Detail = "summary") -> Answer:
        """The prediction of one fixture."""

    async def answer_many(self, fixtures: Sequence[Fixture], detail: Detail = "summary") -> list[Answer]:
        """The prediction of each fixture, in order; one model call for all that are not cached."""


def _now() -> datetime:
    return datetime.now(UTC)


class PredictionService:
    """Answers from one bundle, through a cache."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        forecaster: Forecaster,
        cache: Cache,
        hook: ModelHook | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        manifest = forecaster.manifest
        self.catalogue = catalogue
        self.version = forecaster.version
        self.data_through = manifest.data_through
        self._forecaster = forecaster
        self._cache = cache
        self._hook = hook
        self._clock = clock
        self._consider = Consider(forecaster.calibration, manifest.data_through)
        self._bounds = msgspec.convert(
            {level: known.at_least for level, known in forecaster.calibration.confidence.items()},
            dict[Confidence, float],
        )

    @property
    def card(self) -> dict[str, Any]:
        """What the bundle says of itself."""
        return self._forecaster.card

    def resolve(
        self, *, home_team: str, away_team: str, league: str, kickoff_time: datetime, odds: Odds | None
    ) -> Fixture:
        """The fixture meant by these names, as people write them; ``kickoff_time`` is aware.

        Raises:
            InvalidFixtureError: a name is unknown, a club would play itself, the kick-off is before the
                data or more than a year ahead, or the odds are no bookmaker's.
        """
        found = self._league(league)
        home, away = self.catalogue.club(home_team, found), self.catalogue.club(away_team, found)
        if home.key == away.key:
            raise SameClubError(f"{home.name} cannot play against itself.")
        if odds is not None:
            check_odds(odds)
        return Fixture(found, home, away, self._kickoff(kickoff_time, found), odds)

    def _league(self, name: str) -> League:
        found = self.catalogue.league(name)
        rows = self._forecaster.rows
        if not rows.has_league(found.code):
            known = [league.name for league in self.catalogue.leagues if rows.has_league(league.code)]
            raise UnknownLeagueError(name, known, " in this bundle")
        return found

    def _kickoff(self, kickoff: datetime, league: League) -> datetime:
        """The kick-off in UTC."""
        try:
            kickoff = kickoff.astimezone(UTC)
        except OverflowError as error:
            raise KickoffOutOfRangeError(f"Kick-off {kickoff.isoformat()} is no instant in UTC.") from error
        first = self._forecaster.rows.first_date(league.code)
        if kickoff.date() <= first:
            raise KickoffOutOfRangeError(
                f"Kick-off {kickoff:%Y-%m-%d} is not after {first}, where the data of {league.name} begin."
            )
        if kickoff > self._clock() + FURTHEST_AHEAD:
            raise KickoffOutOfRangeError(f"Kick-off {kickoff:%Y-%m-%d} is more than a year from today.")
        return kickoff

    async def answer(self, fixture: Fixture, detail: Detail = "summary") -> Answer:
        """The prediction of one fixture."""
        return (await self.answer_many([fixture], detail))[0]

    async def answer_many(self, fixtures: Sequence[Fixture], detail: Detail = "summary") -> list[Answer]:
        """The prediction of each fixture, in order; one model call for all that are not cached."""
        keys = [fixture_key(self.version, fixture, detail) for fixture in fixtures]
        found = dict(zip(keys, await self._cache.get(keys), strict=True))
        missing = {key: fixture for key, fixture in zip(keys, fixtures, strict=True) if found[key] is None}
        made = (
            dict(zip(missing, self._predict(list(missing.values()), detail), strict=True)) if missing else {}
        )
        if made:
            await self._cache.put(made)
        return [
            Answer(body, cached=True) if (body := found[key]) is not None else Answer(made[key], cached=False)
            for key in keys
        ]

    def _predict(self, fixtures: Sequence[Fixture], detail: Detail) -> list[bytes]:
        days = [day_number(fixture.kickoff.date()) for fixture in fixtures]
        started = time.perf_counter()
        forecast = self._forecaster.forecast(
            [(f.league.code, f.home.key, f.away.key, day) for f, day in zip(fixtures, days, strict=True)],
            [fixture.odds for fixture in fixtures],
        )
        if self._hook is not None:
            self._hook.model_called(rows=len(fixtures), seconds=time.perf_counter() - started)
        cases = (
            self._consider.case(fixture, day, forecast, number)
            for number, (fixture, day) in enumerate(zip(fixtures, days, strict=True))
        )
        return [_encode(answer(case, self.version, self._bounds, full=detail == "full")) for case in cases]
