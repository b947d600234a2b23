"""One file over HTTP, patiently: conditional, bounded in time and size, whole or not at all."""

import asyncio
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

import httpx
from msgspec import Struct

from sabiscore.errors import DownloadError, NoAnswerError

MOST_BYTES = 8 * 2**20
"""No season's file comes near a twentieth of this."""

_ABSENT = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.MULTIPLE_CHOICES}
"""300 is how a server that corrects spelling says it has other files of nearly that name."""


class Patience(Struct, frozen=True):
    """How often to ask, and the seconds to wait: between two attempts at first and at most, and for one."""

    attempts: int = 4
    first_delay: float = 0.5
    longest_delay: float = 30.0
    timeout: float = 20.0


PATIENCE = Patience()


class Validators(Struct, frozen=True):
    """What a server said that identifies the version we have; empty for nothing."""

    etag: str = ""
    last_modified: str = ""


class Answer(Struct, frozen=True):
    """What came: a ``body`` and its validators if ``new``."""

    status: Literal["new", "unchanged", "absent"]
    body: bytes = b""
    validators: Validators = Validators()


class _PassingError(Exception):
    """An attempt failed in a way that another may not; ``after`` is when the server wants it, in seconds."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


async def fetch(client: httpx.AsyncClient, url: str, *, known: Validators, patience: Patience) -> Answer:
    """What is at ``url`` now, compared with the version that ``known`` is of.

    Raises:
        NoAnswerError: every attempt failed.
        DownloadError: the answer is final and of no use.
    """
    for attempt in range(patience.attempts):
        try:
            return await _attempt(client, url, known, patience)
        except _PassingError as error:
            failure = error
        if attempt + 1 < patience.attempts:
            await asyncio.sleep(_delay(attempt, failure.after, patience))
    raise NoAnswerError(url, f"{failure}, asked {patience.attempts} times")


def _delay(attempt: int, after: float, patience: Patience) -> float:
    """Seconds before the next attempt: doubled each time, jittered, not before ``after``, bounded."""
    backoff = patience.first_delay * 2.0**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
    return min(max(backoff, after), patience.longest_delay)


async def _attempt(client: httpx.AsyncClient, url: str, known: Validators, patience: Patience) -> Answer:
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    try:
        async with (
            asyncio.timeout(patience.timeout),
            client.stream(
                "GET",
                url,
                headers={name: value for name, value in headers.items() if value},
                follow_redirects=True,
                timeout=patience.timeout,
            ) as response,
        ):
            return await _answer(response, url, known)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise NoAnswerError(url, f"no URL to download from: {error}") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise _PassingError(f"no whole answer in {patience.timeout:g} s") from error
    except httpx.TransportError as error:
        raise _PassingError(f"connection failed: {str(error) or type(error).__name__}") from error
    except httpx.HTTPError as error:
        raise DownloadError(url, f"unusable answer: {error}") from error


async def _answer(response: httpx.Response, url: str, known: Validators) -> Answer:
    status = response.status_code
    if status == HTTPStatus.NOT_MODIFIED and known != Validators():
        return Answer("unchanged")
    if status in _ABSENT:
        return Answer("absent")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _PassingError(f"HTTP {status}", _retry_after(response.headers.get("Retry-After", "")))
    if status != HTTPStatus.OK:
        raise DownloadError(url, f"HTTP {status}")
    validators = Validators(response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))
    return Answer("new", await _body(response, url), validators)


async def _body(response: httpx.Response, url: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise DownloadError(url, f"larger than {MOST_BYTES} bytes")
    declared = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    if not declared and body and not body.endswith(b"\n"):
        raise _PassingError("an answer of no declared length stopped within a line")
    return bytes(body)


def _retry_after(header: str) -> float:
    """Seconds from now that a Retry-After ``header`` (seconds or a date) asks for; 0 if it is neither."""
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        return (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0.0
