"""The clients: they send what `sabiscore.client.calls` describes."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from functools import update_wrapper
from importlib.metadata import version
from itertools import count
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx
import msgspec
from msgspec.structs import replace

from sabiscore.api.listing import FixtureItem, FixturesPage
from sabiscore.client import calls
from sabiscore.client.asking import Found, Patience, answer
from sabiscore.client.calls import Call

P = ParamSpec("P")
T = TypeVar("T")

HERE = "http://127.0.0.1:8000"
"""Where `sabiscore serve` listens."""

TIMEOUT, RETRIES, LONGEST_WAIT = 15.0, 3, 30.0


def _asked(describe: Callable[P, Call[T]]) -> Callable[Concatenate["Client", P], T]:
    """The method that sends this call."""

    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.ask(describe(*args, **kwargs))

    return update_wrapper(method, describe)


def _awaited(
    describe: Callable[P, Call[T]],
) -> Callable[Concatenate["AsyncClient", P], Coroutine[Any, Any, T]]:
    async def method(self: "AsyncClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.ask(describe(*args, **kwargs))

    return update_wrapper(method, describe)


def _iterated(
    describe: Callable[P, Call[FixturesPage]],
) -> Callable[Concatenate["Client", P], Iterator[FixtureItem]]:
    """The method that sends this call for one page after another."""

    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[FixtureItem]:
        call: Call[FixturesPage] | None = describe(*args, **kwargs)
        while call:
            page = self.ask(call)
            yield from page.fixtures
            call = _next(call, page)

    return update_wrapper(method, describe)


def _iterated_async(
    describe: Callable[P, Call[FixturesPage]],
) -> Callable[Concatenate["AsyncClient", P], AsyncIterator[FixtureItem]]:
    async def method(self: "AsyncClient", /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[FixtureItem]:
        call: Call[FixturesPage] | None = describe(*args, **kwargs)
        while call:
            page = await self.ask(call)
            for fixture in page.fixtures:
                yield fixture
            call = _next(call, page)

    return update_wrapper(method, describe)


def _next(call: Call[FixturesPage], page: FixturesPage) -> Call[FixturesPage] | None:
    """The call for the page after this one."""
    return replace(call, query=call.query | {"cursor": page.next_cursor}) if page.next_cursor else None


class Client:
    """A client; used in a ``with``, it closes its connections at the end. Any number of threads may share one.

    Each method raises ClientError, of which ProblemAnswerError has the problem.
    """

    def __init__(
        self,
        address: str = HERE,
        *,
        key: str = "",
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
        longest_wait: float = LONGEST_WAIT,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """``address`` is where the service is, with the path below which it is mounted, if it is.

        ``timeout`` is in seconds, for each attempt. What was refused for the moment, or lost its connection, is asked
        again up to ``retries`` times, when ``Retry-After`` says so; who is told to wait for more than ``longest_wait``
        seconds gets the problem at once. ``transport`` is one of httpx's: for a proxy, certificates, a test.
        """
        self._http = httpx.Client(
            base_url=address, headers=_headers(key), timeout=timeout, transport=transport
        )
        self._patience = Patience(retries, longest_wait)
        self._sleep = sleep

    def ask(self, call: Call[T]) -> T:
        """Send a call until there is an answer or patience ends; raises ClientError."""
        request = _request(self._http, call)
        for attempt in count(1):
            found: Found
            try:
                found = self._http.send(request)
            except httpx.TransportError as error:
                found = error
            if (pause := self._patience.pause(attempt, found)) is None:
                break
            self._sleep(pause)
        return answer(call, found)

    predict = _asked(calls.predict)
    predict_batch = _asked(calls.predict_batch)
    predict_in_play = _asked(calls.predict_in_play)
    fixtures = _iterated(calls.fixtures)
    fixture = _asked(calls.fixture)
    leagues = _asked(calls.leagues)
    teams = _asked(calls.teams)
    table = _asked(calls.table)
    ratings = _asked(calls.ratings)
    team = _asked(calls.team)
    head_to_head = _asked(calls.head_to_head)
    record = _asked(calls.record)
    model = _asked(calls.model)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


class AsyncClient:
    """The same for asyncio."""

    def __init__(
        self,
        address: str = HERE,
        *,
        key: str = "",
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
        longest_wait: float = LONGEST_WAIT,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """As `Client`."""
        self._http = httpx.AsyncClient(
            base_url=address, headers=_headers(key), timeout=timeout, transport=transport
        )
        self._patience = Patience(retries, longest_wait)
        self._sleep = sleep

    async def ask(self, call: Call[T]) -> T:
        """Send a call until there is an answer or patience ends; raises ClientError."""
        request = _request(self._http, call)
        for attempt in count(1):
            found: Found
            try:
                found = await self._http.send(request)
            except httpx.TransportError as error:
                found = error
            if (pause := self._patience.pause(attempt, found)) is None:
                break
            await self._sleep(pause)
        return answer(call, found)

    predict = _awaited(calls.predict)
    predict_batch = _awaited(calls.predict_batch)
    predict_in_play = _awaited(calls.predict_in_play)
    fixtures = _iterated_async(calls.fixtures)
    fixture = _awaited(calls.fixture)
    leagues = _awaited(calls.leagues)
    teams = _awaited(calls.teams)
    table = _awaited(calls.table)
    ratings = _awaited(calls.ratings)
    team = _awaited(calls.team)
    head_to_head = _awaited(calls.head_to_head)
    record = _awaited(calls.record)
    model = _awaited(calls.model)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()


def _request(http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
    content = None if call.body is None else msgspec.json.encode(call.body)
    told = {} if content is None else {"content-type": "application/json"}
    return http.build_request(call.method, call.path, params=call.query, content=content, headers=told)


def _headers(key: str) -> dict[str, str]:
    named = {"user-agent": f"sabiscore-client/{version('sabiscore')}", "accept": "application/json"}
    return named | {"x-api-key": key} if key else named
