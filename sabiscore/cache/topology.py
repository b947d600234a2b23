"""Which server has a key: asked of a cluster's nodes, or of sentinels, as often as it may have changed."""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from msgspec import Struct
from valkey.asyncio import Valkey
from valkey.crc import key_slot
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkey.exceptions import ValkeyError

from sabiscore.cache.clients import Clients
from sabiscore.cache.url import Address, Place

T = TypeVar("T")

SLOTS = 16384
"""Into which a cluster divides all keys."""


class Map(Struct, frozen=True):
    """Ranges of slots in order, each with its first slot, its last and the server that has it."""

    ranges: tuple[tuple[int, int, Address], ...]

    @property
    def servers(self) -> frozenset[Address]:
        """All that have anything."""
        return frozenset(server for _, _, server in self.ranges)

    def server(self, key: str) -> Address | None:
        """The one that has ``key``; None if none does."""
        slot = key_slot(key.encode())
        position = bisect_right(self.ranges, slot, key=lambda each: each[0]) - 1
        if position < 0 or slot > self.ranges[position][1]:
            return None
        return self.ranges[position][2]


class Guide(Protocol):
    """Knows whom to ask for the map."""

    async def __call__(self, known: Iterable[Address]) -> Map:
        """The map as it is now, given the servers of the last one; raises if nobody answers."""


class ClusterGuide:
    """Asks all nodes that are known, and those of the URL, and believes the first that answers."""

    def __init__(self, place: Place, clients: Clients) -> None:
        self._place = place
        self._clients = clients

    async def __call__(self, known: Iterable[Address]) -> Map:
        """The slots of the cluster."""
        return await _first(self._ask, {*self._place.hosts, *known})

    async def _ask(self, node: Address) -> Map:
        slots = await _answer(self._clients.at(node), "CLUSTER SLOTS")
        ranges = sorted((first, last, _node(owner, node)) for first, last, owner, *_ in slots)
        if not ranges:
            raise ValkeyConnectionError("a cluster without slots")
        return Map(tuple(ranges))


class SentinelGuide:
    """Asks all sentinels and believes the first that knows the master."""

    def __init__(self, place: Place, clients: Clients) -> None:
        self._place = place
        self._clients = clients

    async def __call__(self, known: Iterable[Address]) -> Map:  # noqa: ARG002 - sentinels know by themselves
        """The master, which has every key."""
        return await _first(self._ask, self._place.hosts)

    async def _ask(self, sentinel: Address) -> Map:
        client = self._clients.sentinel_at(sentinel)
        master = await _answer(client, "SENTINEL GET-MASTER-ADDR-BY-NAME", self._place.service)
        if master is None:
            raise ValkeyConnectionError("a master that no sentinel knows")
        host, port = master
        return Map(((0, SLOTS - 1, (_text(host), int(port))),))


async def _answer(client: Valkey, *command: str) -> Any:  # noqa: ANN401 - as the command has it
    """What a server says to one command over a connection of its own."""
    try:
        return await client.execute_command(*command)  # type: ignore[no-untyped-call]
    finally:
        # Cancelled, `aclose` would leave the connection open.
        await asyncio.shield(_close(client))


async def _close(client: Valkey) -> None:
    with suppress(ValkeyError, OSError):
        await client.aclose()


async def _first(ask: Callable[[Address], Awaitable[T]], servers: Iterable[Address]) -> T:
    """The first answer; the last error where there is none."""
    questions = [asyncio.ensure_future(ask(server)) for server in servers]
    error: Exception | None = None
    try:
        for answer in asyncio.as_completed(questions):
            try:
                return await answer
            except Exception as failed:  # noqa: BLE001 - the next one may know
                error = failed
        raise error or ValkeyConnectionError("nobody to ask")
    finally:
        for question in questions:
            question.cancel()
        await asyncio.shield(asyncio.gather(*questions, return_exceptions=True))


def _node(owner: list[Any], asked: Address) -> Address:
    """A node's address as CLUSTER SLOTS has it: without a host, it is the node that was asked."""
    host, port = owner[:2]
    return _text(host) or asked[0], int(port)


def _text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
