"""What a worker holds from its start to its stop: opened in order, closed in reverse."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from math import nan
from typing import Protocol, get_args

from litestar import Litestar

from sabiscore.api.cors import Origins
from sabiscore.api.gate import Gate
from sabiscore.api.leaving import Leaving
from sabiscore.api.loaded import Loaded
from sabiscore.api.predict import Predict
from sabiscore.api.problems import NOT_READY, ProblemError
from sabiscore.api.work import Work
from sabiscore.cache.protocol import Cache, CacheHook, NoCache
from sabiscore.errors import SabiScoreError
from sabiscore.ledger.schemas import Forecast, Question, Record
from sabiscore.making import ModelHook
from sabiscore.service import Predicting
from sabiscore.settings import Settings
from sabiscore.telemetry import families
from sabiscore.telemetry.provider import Telemetry

COLLECT_AFTER = (5_000, 20, 20)
"""New objects until a collection, such collections until an older generation is looked at, and so on."""

DRIFT = "drift"
"""The alarm beside those of each league."""

SHOWN: tuple[Forecast, ...] = ("ours", "market", "base_rates")
"""Whose scores are measured by league."""

log = logging.getLogger(__name__)


class LoadService(Protocol):
    """Loads the bundle, and all that answers from it."""

    def __call__(self, settings: Settings, /, *, cache: Cache, hook: ModelHook) -> Loaded:
        """What answers; raises BundleError."""


class OpenCache(Protocol):
    """Opens the cache."""

    def __call__(self, settings: Settings, /, *, hook: CacheHook) -> Cache:
        """The cache, which need not be reachable; raises SettingsError."""


class Resources:
    """The parts of one worker: telemetry at once, the service from the lifespan's start to its end."""

    def __init__(
        self,
        settings: Settings,
        load_service: LoadService,
        open_cache: OpenCache,
        telemetry: Telemetry | None = None,
        *,
        is_guest: bool = False,
    ) -> None:
        """``is_guest`` where the process is another application's, whose garbage collection is its own."""
        self.settings = settings
        self._load_service = load_service
        self._open_cache = open_cache
        self._is_guest = is_guest
        self.telemetry = telemetry or Telemetry()
        self.telemetry.watch(a_second=settings.log_requests, timing=settings.server_timing)
        self._loaded: Loaded | None = None
        self._cache: Cache = NoCache()
        self.on_replaced: list[Callable[[], None]] = []
        self.work = Work(self.telemetry.instruments.admission)
        for name, room in self.work.rooms.items():
            self.telemetry.instruments.sampled(families.TAKEN, partial(getattr, room, "taken"), name)
        self.leaving = Leaving()
        self.gate = Gate.of(settings)
        self.predict = Predict(self.service, self.work)
        self.origins = Origins(settings.frontend_origin)
        self.instruments = self.telemetry.instruments

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        """Open everything, wait, close everything."""
        async with AsyncExitStack() as stack:
            stack.callback(self.telemetry.close)
            try:
                await self._open(stack)
            except SabiScoreError as error:
                log.critical("cannot start: %s", error)
                raise
            yield

    def service(self) -> Predicting:
        """The service.

        Raises:
            ProblemError: it isn't there yet, or no more.
        """
        return self.loaded().service

    def loaded(self) -> Loaded:
        """All that answers from the present bundle.

        Raises:
            ProblemError: it isn't there yet, or no more.
        """
        if self._loaded is None:
            raise ProblemError(NOT_READY)
        return self._loaded

    async def replace(self, load_service: LoadService) -> None:
        """Answer from another bundle from now on; it is loaded beside the one there is, off the event loop.

        Its coming fixtures are answered, and these answers kept, before anybody is answered from it.

        Raises:
            BundleError: it must not be served; nothing is changed.
        """
        loaded = await asyncio.to_thread(
            load_service, self.settings, cache=self._cache, hook=self.instruments
        )
        await loaded.keep()
        self._tell(loaded)
        self._announce(loaded.service)
        self._loaded = loaded
        self.instruments.swapped()
        for told in self.on_replaced:
            told()

    async def _open(self, stack: AsyncExitStack) -> None:
        self._cache = self._open_cache(self.settings, hook=self.instruments)
        stack.push_async_callback(self._cache.close)
        if self.gate:
            stack.push_async_callback(self.gate.close)
        loaded = self._load_service(self.settings, cache=self._cache, hook=self.instruments)
        await loaded.keep()
        if not self._is_guest:
            settle()
        self._tell(loaded)
        await self.telemetry.open()
        self._loaded = loaded
        stack.callback(self._retire)
        self._announce(loaded.service)

    def _tell(self, loaded: Loaded) -> None:
        service, record = loaded.service, loaded.record
        self.instruments.bundle_loaded(version=service.version, data_through=service.data_through)
        if record is None:  # nor is that of the bundle before shown any more
            unknown = dict.fromkeys((*get_args(Question), DRIFT), nan)
            self.instruments.record_loaded(sealed=nan, settled=nan, alarms=unknown)
            self.instruments.leagues_loaded(settled={}, rps={})
            return
        fired = Counter(each.question for each in record.alarms if each.fired)
        alarms = {question: fired[question] for question in get_args(Question)}
        alarms[DRIFT] = int(record.drift is not None and record.drift.fired)
        self.instruments.record_loaded(sealed=record.sealed, settled=record.settled, alarms=alarms)
        settled = {league: part.matches.n for league, part in record.leagues.items()}
        self.instruments.leagues_loaded(settled=settled, rps=_scores(record))

    def _announce(self, service: Predicting) -> None:
        log.info("ready: bundle=%s data_through=%s", service.version, service.data_through)

    def _retire(self) -> None:
        self._loaded = None
        log.info("stopping")


def _scores(record: Record) -> dict[tuple[str, ...], float]:
    """The RPS of each league and forecast that is measured."""
    return {
        (league, who): forecasts[who].rps.value
        for league, part in record.leagues.items()
        for forecasts in ((part.priced or part.matches).forecasts,)
        for who in SHOWN
        if who in forecasts
    }


def settle() -> None:
    """Keep the garbage collector from looking at what stays, and from looking all the time at what goes by itself.

    A fifth of the CPU of an answer that is made, and half of its 99th percentile, were the collector's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
