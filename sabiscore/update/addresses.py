"""Where a packed bundle may be beside this machine's files: at an ``https://`` address, or an object of an S3 store."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import httpx

from sabiscore.data.download import Answer, Patience, Validators, fetch
from sabiscore.errors import DownloadError, SettingsError
from sabiscore.models.bundles import LARGEST_PACKED
from sabiscore.update.objects import CONTENT_TYPE, Object

PATIENCE = Patience(attempts=3, first_delay=0.5, longest_delay=5.0, timeout=60.0, most_bytes=LARGEST_PACKED)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Address(Protocol):
    """Where a bundle is fetched from and published to; ``shown`` is what may be told of it."""

    shown: str

    def get(self, known: Validators) -> Answer:
        """What is there, compared with the version that ``known`` is of; raises DownloadError."""

    def put(self, content: bytes) -> None:
        """Put it there, whole or not at all; raises DownloadError."""


def address(text: str) -> Address:
    """The address that this is.

    Raises:
        SettingsError: it is none, or what speaks to such an address is not installed.
    """
    if text.startswith("s3://"):
        return Object(text)
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise SettingsError(f"a bundle has no such address: {error}") from error
    if url.scheme == "https" and url.host:
        return _Page(url)
    if url.scheme == "http" and url.host in LOOPBACK:
        return _Page(url)
    raise SettingsError(
        f"{_shown(url)}: bundles are at https:// or s3:// (at http:// only on this machine itself)"
    )


class _Page:
    """At a web server: GET with ETag or Last-Modified, and PUT."""

    def __init__(self, url: httpx.URL) -> None:
        self._url = url
        self.shown = _shown(url)

    def get(self, known: Validators) -> Answer:
        try:
            with ThreadPoolExecutor(1) as aside:  # who asks may be on an event loop
                return aside.submit(asyncio.run, self._get(known)).result()
        except DownloadError as error:
            raise DownloadError(self.shown, error.reason) from error

    async def _get(self, known: Validators) -> Answer:
        async with httpx.AsyncClient(headers={"User-Agent": "sabiscore"}) as client:
            return await fetch(client, str(self._url), known=known, patience=PATIENCE)

    def put(self, content: bytes) -> None:
        headers = {"Content-Type": CONTENT_TYPE, "User-Agent": "sabiscore"}
        try:
            answer = httpx.put(self._url, content=content, headers=headers, timeout=PATIENCE.timeout)
        except httpx.HTTPError as error:
            raise DownloadError(self.shown, f"cannot be published to: {error}") from error
        if not answer.is_success:
            raise DownloadError(self.shown, f"cannot be published to: HTTP {answer.status_code}")


def _shown(url: httpx.URL) -> str:
    """Without a password, and without what may be one."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))
