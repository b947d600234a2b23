import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults.servers import Server
from sabiscore.cache.clients import CONNECTIONS, Clients
from sabiscore.cache.factory import connect
from sabiscore.cache.url import Place, Tls, read
from sabiscore.errors import SettingsError

from .conftest import DEADLINE
from .entries import LIFETIME, bodies, fresh
from .hooks import RecordingHook
from .tls import Certificates, TlsProxy


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


async def failure(url: str, hook: RecordingHook) -> dict[tuple[str, str], int]:
    """What the hook hears when the cache at ``url`` is asked."""
    cache = connect(url, lifetime=LIFETIME, timeout=DEADLINE, hook=hook)
    assert await cache.get(["a"]) == [None]
    await cache.close()
    return dict(hook.failures)


class TestAConnection:
    async def test_is_given_up_by_the_kernel_when_its_peer_is_silent(self, server: Server) -> None:
        client = Clients(read(server.url), timeout=0.05).at(("127.0.0.1", server.port))
        connection = await client.connection_pool.get_connection("PING")  # type: ignore[no-untyped-call]
        raw = connection._writer.get_extra_info("socket")
        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1000
        assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
        await client.connection_pool.release(connection)
        await client.aclose()

    async def test_says_whose_it_is(self, server: Server) -> None:
        client = Clients(read(server.url), timeout=DEADLINE).at(("127.0.0.1", server.port))
        assert await client.client_getname() == "sabiscore"
        await client.aclose()


class TestTls:
    async def test_reaches_a_server_whose_certificate_is_good(
        self, server: Server, certificates: Certificates, hook: RecordingHook
    ) -> None:
        async with TlsProxy(server.port, certificates).running() as front:
            url = f"valkeys://localhost:{front.port}?ssl_ca_certs={certificates.authority}"
            cache = connect(url, lifetime=LIFETIME, timeout=DEADLINE, hook=hook)
            await cache.put({"over TLS": fresh(b"A")})
            assert await bodies(cache, ["over TLS"]) == [b"A"]
            await cache.close()
        assert hook.failures == {}

    async def test_refuses_another_host_name(
        self, server: Server, certificates: Certificates, hook: RecordingHook
    ) -> None:
        async with TlsProxy(server.port, certificates).running() as front:
            url = f"valkeys://127.0.0.1:{front.port}?ssl_ca_certs={certificates.authority}"
            assert await failure(url, hook) == {("get", "connection"): 1}

    async def test_refuses_an_unknown_authority(
        self, server: Server, certificates: Certificates, hook: RecordingHook
    ) -> None:
        async with TlsProxy(server.port, certificates).running() as front:
            assert await failure(f"valkeys://localhost:{front.port}", hook) == {("get", "connection"): 1}

    async def test_shows_our_own_certificate(
        self, server: Server, certificates: Certificates, hook: RecordingHook
    ) -> None:
        async with TlsProxy(server.port, certificates, wants_certificate=True).running() as front:
            url = f"valkeys://localhost:{front.port}?ssl_ca_certs={certificates.authority}"
            assert await failure(url, hook) == {("get", "connection"): 1}
            ours = f"&ssl_certfile={certificates.certificate}&ssl_keyfile={certificates.key}"
            cache = connect(url + ours, lifetime=LIFETIME, timeout=DEADLINE, hook=hook)
            await cache.put({"over TLS": fresh(b"A")})
            assert await bodies(cache, ["over TLS"]) == [b"A"]
            await cache.close()

    async def test_reads_certificates_once_for_all_connections(
        self, server: Server, certificates: Certificates
    ) -> None:
        place = Place(kind="server", hosts=(("localhost", 0),), tls=Tls(ca_certs=str(certificates.authority)))
        async with TlsProxy(server.port, certificates).running() as front:
            client = Clients(place, timeout=DEADLINE).at(("localhost", front.port))
            pool = client.connection_pool

            async def connect_one() -> Any:  # noqa: ANN401 - valkey-py's own
                return await pool.get_connection("PING")  # type: ignore[no-untyped-call]

            async with asyncio.TaskGroup() as tasks:
                opened = [tasks.create_task(connect_one()) for _ in range(CONNECTIONS)]
            contexts = {id(task.result().ssl_context.get()) for task in opened}
            for task in opened:
                await pool.release(task.result())
            await client.aclose()
        assert len(contexts) == 1

    @pytest.mark.parametrize("argument", ["ssl_ca_certs", "ssl_certfile"])
    def test_needs_files_that_can_be_read(self, argument: str, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="a certificate can't be read"):
            Clients(read(f"valkeys://cache?{argument}={tmp_path / 'none'}"), timeout=DEADLINE)
        (tmp_path / "empty").touch()
        with pytest.raises(SettingsError, match="a certificate can't be read"):
            Clients(read(f"valkeys://cache?{argument}={tmp_path / 'empty'}"), timeout=DEADLINE)
