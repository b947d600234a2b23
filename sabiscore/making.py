"""Answers that nobody has: forecasts, and the JSON that is said of them."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from sabiscore.advice.answer import answers
from sabiscore.advice.case import Case
from sabiscore.advice.facts import CaseBuilder
from sabiscore.advice.in_play import in_play_answers
from sabiscore.cache.entry import Entry, Lifetime
from sabiscore.cache.keys import fixture_key
from sabiscore.clock import Clock
from sabiscore.domain import Detail, Fixture, InPlay, Language
from sabiscore.features.calendar import day_number
from sabiscore.forecaster import Forecaster
from sabiscore.stages import Batch, Stages


class Asked(Struct, frozen=True):
    """A fixture in the ``detail`` that is wanted, before kick-off or as it stands ``in_play``."""

    fixture: Fixture
    detail: Detail = "summary"
    in_play: InPlay | None = None
    stages: Stages | None = None
    """Those of the request, where anybody wants to know them."""
    language: Language = "en"

    @property
    def kind(self) -> tuple[Detail, bool, Language]:
        """What is answered in one go: of one detail, before kick-off or in play, in one language."""
        return self.detail, self.in_play is not None, self.language

    def key(self, version: str) -> str:
        """The name under which the cache has the answer of the bundle of this version."""
        return fixture_key(version, self.fixture, self.detail, self.in_play, self.language)


class ModelHook(Protocol):
    """Told what the model did, in whatever thread that was, so that the service knows no metrics library."""

    def model_called(self, *, rows: int, seconds: float) -> None:
        """One call predicted ``rows`` fixtures."""

    def waiting(self, fixtures: int) -> None:
        """So many wait beside those that the next call gets."""

    def batched(self, requests: Sequence[Stages], batch: Batch) -> None:
        """These requests, of which somebody wants to know more, have their answers from a batch."""


class Maker:
    """Makes answers from one bundle; no part of the service, or that and its batcher would keep each other for ever."""

    def __init__(
        self, forecaster: Forecaster, lifetime: Lifetime, hook: ModelHook | None, clock: Clock
    ) -> None:
        manifest = forecaster.manifest
        self._forecaster = forecaster
        self._lifetime = lifetime
        self._hook = hook
        self._clock = clock
        self._cases = CaseBuilder(forecaster.calibration, manifest.data_through, manifest.last_season)

    def make(self, asked: Sequence[Asked]) -> list[Entry]:
        """The answer to each, in order; also in a thread."""
        began = self._clock.seconds()
        bodies, called = self._predict(asked)
        made = [self._lifetime.entry(body, began) for body in bodies]
        watched = [each.stages for each in asked if each.stages is not None]
        if watched and self._hook is not None:
            self._hook.batched(watched, Batch(began, *called, self._clock.seconds(), len(asked)))
        return made

    def _predict(self, asked: Sequence[Asked]) -> tuple[list[bytes], tuple[float, float]]:
        """The JSON of each, and when the model was called and had answered."""
        fixtures = [each.fixture for each in asked]
        days = [day_number(fixture.kickoff.date()) for fixture in fixtures]
        started = self._clock.seconds()
        forecast = self._forecaster.forecast(
            [(f.league.code, f.home.key, f.away.key, day) for f, day in zip(fixtures, days, strict=True)],
            [fixture.odds for fixture in fixtures],
            neutral=[fixture.neutral for fixture in fixtures],
            adjust=[fixture.adjust for fixture in fixtures],
        )
        called = started, self._clock.seconds()
        if self._hook is not None:
            self._hook.model_called(rows=len(fixtures), seconds=called[1] - started)
        return self._encoded(self._cases.build(fixtures, days, forecast), asked), called

    def _encoded(self, cases: Sequence[Case], asked: Sequence[Asked]) -> list[bytes]:
        """The JSON of each case, as it was asked for."""
        kinds = [each.kind for each in asked]
        made = {}
        for kind in set(kinds):
            places = [k for k, each in enumerate(kinds) if each == kind]
            made[kind] = iter(self._said([cases[k] for k in places], [asked[k] for k in places]))
        return [next(made[kind]) for kind in kinds]

    def _said(self, cases: Sequence[Case], asked: Sequence[Asked]) -> list[bytes]:
        """The answers to what is asked, all of one kind."""
        full = asked[0].detail == "full"
        states = [each.in_play for each in asked if each.in_play is not None]
        if states:
            return in_play_answers(
                cases, states, self._forecaster.version, full=full, language=asked[0].language
            )
        return answers(
            cases, self._forecaster.version, self._forecaster.bounds, full=full, language=asked[0].language
        )
