"""One call for all that waits, and one flight for all that wait for the same."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import chain, islice
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

SEATS = 32
"""How many go together at most: the event loop has its turn between two departures."""


class Flights(Generic[T, R]):
    """Makes results by key; what is asked for in the same turn of the event loop is made together.

    There is no timer: an idle process adds no delay, and a busy one fills its flights. Whoever asks for a key that
    is being made waits for the same result.
    """

    def __init__(
        self,
        make: Callable[[Sequence[T]], Sequence[R]],
        landed: Callable[[Mapping[str, R]], Awaitable[None]],
        *,
        seats: int = SEATS,
    ) -> None:
        """A flight.

        Args:
            make: makes the result of each item; where it raises, each is tried alone.
            landed: told of what was made, before those who wait are.
            seats: how many items `make` gets at most.
        """
        self._make = make
        self._landed = landed
        self._seats = seats
        self._waiting: dict[str, T] = {}
        self._patient: dict[str, T] = {}
        self._results: dict[str, asyncio.Future[R]] = {}
        self._departing: asyncio.Task[None] | None = None

    def __contains__(self, key: str) -> bool:
        """Whether the result of ``key`` is being made."""
        return key in self._results

    def board(self, key: str, item: T, *, patient: bool = False) -> asyncio.Future[R]:
        """The result of ``item`` to come, shared by all who ask for ``key``: not to be cancelled.

        ``patient`` ones leave after all others, or on seats that those leave free.
        """
        result = self._results.get(key)
        if result is not None and not patient and key in self._patient:
            self._waiting[key] = self._patient.pop(key)
        if result is None:
            result = self._results[key] = asyncio.get_running_loop().create_future()
            result.add_done_callback(_look_at_error)
            (self._patient if patient else self._waiting)[key] = item
            if self._departing is None:
                self._departing = asyncio.create_task(self._depart())
                self._departing.add_done_callback(self._ended)
        return result

    async def _depart(self) -> None:
        while self._waiting or self._patient:
            boarded = dict(islice(chain(self._waiting.items(), self._patient.items()), self._seats))
            for key in boarded:
                self._waiting.pop(key, None)
                self._patient.pop(key, None)
            made = self._make_each(list(boarded.values()))
            results = dict(zip(boarded, made, strict=True))
            await self._landed({key: one for key, one in results.items() if not isinstance(one, Exception)})
            self._arrive(results)
            await asyncio.sleep(0)
        self._departing = None

    def _ended(self, departing: asyncio.Task[None]) -> None:
        """Nobody is left, but where the event loop ended before its time."""
        if self._departing is not departing:
            return
        self._departing = None
        self._waiting.clear()
        self._patient.clear()
        for result in self._results.values():
            result.cancel()
        self._results.clear()

    def _make_each(self, items: Sequence[T]) -> Sequence[R | Exception]:
        try:
            return self._make(items)
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked
            return [error] if len(items) == 1 else [self._make_each([item])[0] for item in items]

    def _arrive(self, results: Mapping[str, R | Exception]) -> None:
        for key, result in results.items():
            waiting = self._results.pop(key)
            if isinstance(result, Exception):
                waiting.set_exception(result)
            else:
                waiting.set_result(result)


def _look_at_error(result: asyncio.Future[R]) -> None:
    """So that asyncio does not warn of an error for which nobody waits any more."""
    if not result.cancelled():
        result.exception()
