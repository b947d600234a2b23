"""Dynamic batching with single flight: one call for all that wait, one result for all who wait for the same."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MAX_BATCH_SIZE = 64
"""Whoever asks for one waits for no more than these."""


class Queue(Generic[T]):
    """Items that wait, by key, and the task that empties it."""

    __slots__ = ("items", "task")

    def __init__(self) -> None:
        self.items: dict[str, T] = {}
        self.task: asyncio.Task[None] | None = None

    def take(self, most: int) -> dict[str, T]:
        """The first ``most`` of them, which wait no longer."""
        taken = dict(islice(self.items.items(), most))
        for key in taken:
            del self.items[key]
        return taken


class Batcher(Generic[T, R]):
    """Makes results by key; items that are submitted in the same turn of the event loop go into the same batch.

    There is no timer: an idle process adds no delay, and a busy one fills its batches. Single flight: whoever submits
    a key whose result is being made waits for that result. Patient items are made in a thread, so that the event loop
    has its turn before a batch of them is done.
    """

    def __init__(
        self,
        make: Callable[[Sequence[T]], Sequence[R]],
        store: Callable[[Mapping[str, R]], Awaitable[None]],
        waiting: Callable[[int], None] | None = None,
        *,
        max_batch_size: int = MAX_BATCH_SIZE,
    ) -> None:
        """A batcher.

        Args:
            make: makes the result of each item, also in a thread; where it raises, each is tried alone.
            store: given what was made, before those who wait are.
            waiting: told how many items a batch leaves waiting.
            max_batch_size: how many items `make` gets at most.
        """
        self._make = make
        self._store = store
        self._waiting = waiting
        self._max_batch_size = max_batch_size
        self._urgent = Queue[T]()
        self._patient = Queue[T]()
        self._results: dict[str, asyncio.Future[R]] = {}
        self._wanted: Counter[str] = Counter()

    def __contains__(self, key: str) -> bool:
        """Whether the result of ``key`` is being made."""
        return key in self._results

    def submit(self, key: str, item: T, *, patient: bool = False) -> asyncio.Future[R]:
        """The result of ``item`` to come, shared by all who submit ``key``: not to be cancelled, but to be given up.

        ``patient`` items leave the event loop to all others while they are made.
        """
        self._wanted[key] += 1
        result = self._results.get(key)
        if result is None:
            result = self._results[key] = asyncio.get_running_loop().create_future()
            self._add(self._patient if patient else self._urgent, key, item)
        elif not patient and key in self._patient.items:
            self._add(self._urgent, key, self._patient.items.pop(key))
        return result

    def give_up(self, key: str) -> None:
        """Whoever submitted ``key`` no longer wants it; what nobody wants is not made, if that has not begun."""
        self._wanted[key] -= 1
        if self._wanted[key] > 0:
            return
        del self._wanted[key]
        waits = key in self._urgent.items or key in self._patient.items
        self._urgent.items.pop(key, None)
        self._patient.items.pop(key, None)
        if waits:
            self._results.pop(key).cancel()

    def _add(self, queue: Queue[T], key: str, item: T) -> None:
        queue.items[key] = item
        if queue.task is None:
            queue.task = asyncio.create_task(self._run(queue))
            queue.task.add_done_callback(partial(self._ended, queue))

    async def _run(self, queue: Queue[T]) -> None:
        while queue.items:
            batch = queue.take(self._max_batch_size)
            if self._waiting:
                self._waiting(len(self._urgent.items) + len(self._patient.items))
            items = list(batch.values())
            if queue is self._patient:
                made = await asyncio.to_thread(self._make_each, items)
            else:
                made = self._make_each(items)
            results = dict(zip(batch, made, strict=True))
            await self._store({key: one for key, one in results.items() if not isinstance(one, Exception)})
            self._deliver(results)
            await asyncio.sleep(0)
        queue.task = None

    def _ended(self, queue: Queue[T], task: asyncio.Task[None]) -> None:
        """Nothing is left, but where the event loop ended before its time."""
        if queue.task is not task:
            return
        queue.task = None
        for each in (self._urgent, self._patient):
            each.items.clear()
        for result in self._results.values():
            result.cancel()
        self._results.clear()
        self._wanted.clear()

    def _make_each(self, items: Sequence[T]) -> Sequence[R | Exception]:
        try:
            return self._make(items)
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked
            return [error] if len(items) == 1 else [self._make_each([item])[0] for item in items]

    def _deliver(self, results: Mapping[str, R | Exception]) -> None:
        for key, result in results.items():
            waiting = self._results.pop(key)
            self._wanted.pop(key, None)
            if isinstance(result, Exception):
                waiting.set_exception(result)
                waiting.exception()  # looked at: where nobody waits any more, asyncio would warn of it
            else:
                waiting.set_result(result)
