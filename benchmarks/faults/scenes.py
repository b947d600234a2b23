"""Where faults happen: a Valkey alone, behind a proxy, in a cluster or under sentinels, and a service before it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Generic, NamedTuple, TypeVar

from benchmarks.faults.servers import Cluster, Proxy, Sentinels, Server
from benchmarks.serving import serving, started

Victim = TypeVar("Victim")

USER, PASSWORD = "sabi", "right"

EACH_ASKS = {"cache_entries": "0", "front": "0"}
"""Settings without which a request that was seen before would not ask Valkey."""


class Scene(NamedTuple, Generic[Victim]):
    """What can be harmed, all Valkeys that the service may use, and the service's port."""

    victim: Victim
    servers: Sequence[Server]
    port: int

    def connections(self) -> int:
        """The service's connections to the Valkey that has most of them."""
        return max(map(_connections, self.servers))


@asynccontextmanager
async def alone() -> AsyncIterator[Scene[Server]]:
    """One server that the service enters with a password."""
    async with _alone(**EACH_ASKS) as scene:
        yield scene


@asynccontextmanager
async def with_all_layers() -> AsyncIterator[Scene[Server]]:
    """The same, and the service keeps answers in its own process too, as it usually does."""
    async with _alone() as scene:
        yield scene


@asynccontextmanager
async def behind_a_proxy() -> AsyncIterator[Scene[Proxy]]:
    """One server, reached through a proxy."""
    server = Server()
    try:
        async with Proxy(server.port).running() as proxy, _before(proxy.url, EACH_ASKS) as port:
            yield Scene(proxy, [server], port)
    finally:
        server.kill()


@asynccontextmanager
async def in_a_cluster() -> AsyncIterator[Scene[Cluster]]:
    """Three masters that share the keys."""
    cluster = Cluster()
    try:
        async with _before(cluster.url, EACH_ASKS) as port:
            yield Scene(cluster, cluster.nodes, port)
    finally:
        cluster.kill()


@asynccontextmanager
async def under_sentinels() -> AsyncIterator[Scene[Sentinels]]:
    """A master, its replica, three sentinels."""
    sentinels = Sentinels()
    try:
        async with _before(sentinels.url, EACH_ASKS) as port:
            yield Scene(sentinels, [sentinels.master, sentinels.replica], port)
    finally:
        sentinels.kill()


@asynccontextmanager
async def _alone(**settings: str) -> AsyncIterator[Scene[Server]]:
    server = Server(user=f"{USER} on >{PASSWORD} ~* &* +@all")
    url = f"valkey://{USER}:{PASSWORD}@127.0.0.1:{server.port}"
    try:
        async with _before(url, settings) as port:
            yield Scene(server, [server], port)
    finally:
        server.kill()


@asynccontextmanager
async def _before(valkey_url: str, settings: Mapping[str, str]) -> AsyncIterator[int]:
    """The port of a service whose cache is there."""
    async with serving(started(settings={**settings, "valkey_url": valkey_url})) as service:
        yield service.port


def _connections(server: Server) -> int:
    return sum(client["name"] == "sabiscore" for client in server.ask("CLIENT LIST"))
