"""One file over HTTP, patiently: conditional, bounded in time and size, whole or not at all."""

import asyncio
import random
import re
import zlib
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

import httpx
from msgspec import Struct

from sabiscore.clock import CLOCK
from sabiscore.errors import DownloadError, NoAnswerError

MOST_BYTES = 8 * 2**20
"""No season's file comes near a twentieth of this, decoded."""

MOST_REDIRECTS = 3
ENCODINGS = {"": -1, "identity": -1, "gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS}
"""What a body may be encoded as, once, and how zlib calls it; -1 is not at all."""

LONGEST_HEADER = 256
LONGEST_QUOTE = 40

_ABSENT = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.MULTIPLE_CHOICES}
"""300 is how a server that corrects spelling says it has other files of nearly that name."""

_SENT_BACK = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""What may be sent back as a header: printable ASCII."""


class Patience(Struct, frozen=True):
    """How often to ask; seconds to wait between two attempts, at first and at most, and for one; how much to take."""

    attempts: int = 4
    first_delay: float = 0.5
    longest_delay: float = 30.0
    timeout: float = 20.0
    most_bytes: int = MOST_BYTES


PATIENCE = Patience()


class Validators(Struct, frozen=True):
    """What a server said that identifies the version we have; empty for nothing."""

    etag: str = ""
    last_modified: str = ""

    @property
    def usable(self) -> "Validators":
        """Those of them that can be sent back."""
        return Validators(*map(_usable, (self.etag, self.last_modified)))


def _usable(header: str) -> str:
    return header if len(header) <= LONGEST_HEADER and _SENT_BACK.fullmatch(header) else ""


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
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    headers = {name: value for name, value in asked.items() if value} | {"Accept-Encoding": "gzip"}
    try:
        request = client.build_request("GET", url, headers=headers, timeout=patience.timeout)
        async with asyncio.timeout(patience.timeout):
            return await _ask(client, request, url, known, patience.most_bytes)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise NoAnswerError(url, f"no URL to download from: {error}") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise _PassingError(f"no whole answer in {patience.timeout:g} s") from error
    except httpx.TransportError as error:
        raise _PassingError(f"connection failed: {str(error) or type(error).__name__}") from error
    except (httpx.HTTPError, zlib.error, UnicodeError) as error:
        raise DownloadError(url, f"unusable answer: {error}") from error


async def _ask(
    client: httpx.AsyncClient, request: httpx.Request, url: str, known: Validators, most: int
) -> Answer:
    """The answer, perhaps after a few redirections within the site."""
    for _ in range(1 + MOST_REDIRECTS):
        response = await client.send(request, stream=True, follow_redirects=False)
        try:
            if response.next_request is None:
                return await _answer(response, url, known, most)
        finally:
            await response.aclose()
        if not _same_site(request.url, response.next_request.url):
            raise DownloadError(
                url, f"unusable answer: sent away to {_quoted(str(response.next_request.url))}"
            )
        request = response.next_request
    raise DownloadError(url, f"unusable answer: more than {MOST_REDIRECTS} redirections")


def _same_site(ours: httpx.URL, theirs: httpx.URL) -> bool:
    """Whether it is the same server, or HTTPS on the same host where we asked by HTTP."""
    if ours.raw_host != theirs.raw_host:
        return False
    safer = (ours.scheme, theirs.scheme, theirs.port) == ("http", "https", None)
    return safer or (ours.scheme, ours.port) == (theirs.scheme, theirs.port)


async def _answer(response: httpx.Response, url: str, known: Validators, most: int) -> Answer:
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
    return Answer("new", await _body(response, url, most), validators.usable)


async def _body(response: httpx.Response, url: str, most: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise DownloadError(url, f"unusable answer: encoded as {_quoted(encoding)}")
    body = await _decoded(response, url, ENCODINGS[encoding], most)
    declared = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    if not declared and body and not body.endswith(b"\n"):
        raise _PassingError("an answer of no declared length stopped within a line")
    return body


async def _decoded(response: httpx.Response, url: str, wbits: int, most: int) -> bytes:
    """The body, never held beyond ``most`` bytes whatever its encoding would make of it."""
    unpacker = zlib.decompressobj(wbits) if wbits > 0 else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += unpacker.decompress(chunk, most + 1 - len(body)) if unpacker else chunk
        if len(body) > most:
            raise DownloadError(url, f"larger than {most} bytes")
        if unpacker and unpacker.unused_data:
            raise DownloadError(url, "unusable answer: something follows the end of the gzip stream")
    if unpacker and not unpacker.eof:
        raise _PassingError("the gzip stream stopped before its end")
    return bytes(body)


def _retry_after(header: str) -> float:
    """Seconds from now that a Retry-After ``header`` (seconds or a date) asks for; 0 if it is neither."""
    if len(header) > LONGEST_HEADER:
        return 0.0
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        return (parsedate_to_datetime(header) - CLOCK.now()).total_seconds()
    except (TypeError, ValueError, OverflowError, IndexError):
        return 0.0


def _quoted(text: str) -> str:
    return repr(text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…")
