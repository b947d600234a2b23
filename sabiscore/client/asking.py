"""What becomes of a request: when it is asked again, and what its answer or its failure is.

SabiScoreError
+- ClientError                  there is no answer that can be used
+- ProblemAnswerError       the service answered with a problem
+- UnreachableError         nobody answered, or not in time
"""

import random
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeAlias, TypeVar

import httpx
import msgspec
from msgspec import Struct

from sabiscore.api.schemas import Problem
from sabiscore.client.calls import Call
from sabiscore.clock import CLOCK
from sabiscore.errors import SabiScoreError

T = TypeVar("T")

Found: TypeAlias = httpx.Response | httpx.TransportError
"""What a request ended with."""

PASSING = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may well be answered."""

FIRST_DELAY = 0.1
"""Seconds before a request is asked again the first time where nobody says when; each time twice as many."""

_PROBLEM = msgspec.json.Decoder(Problem)


class ClientError(SabiScoreError):
    """There is no answer that can be used."""


class ProblemAnswerError(ClientError):
    """The service answered with a ``problem``, whose ``type`` tells kinds apart: "/problems/unknown-club".

    What stands between may answer for it; the type of such a problem is "about:blank".
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.title}: {problem.detail}")


class UnreachableError(ClientError):
    """Nobody answered, or not in time."""


class Patience(Struct, frozen=True):
    """How often to ask again, and seconds to wait before that at most."""

    retries: int
    longest_wait: float

    def pause(self, attempt: int, found: Found) -> float | None:
        """Seconds to wait after so many attempts before the next; None: what was found is final."""
        if attempt > self.retries or not _passes(found):
            return None
        usual = FIRST_DELAY * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        wanted = max(usual, _retry_after(found))
        return wanted if wanted <= self.longest_wait else None


def answer(call: Call[T], found: Found) -> T:
    """The answer to a call.

    Raises:
        ProblemAnswerError: it was refused.
        UnreachableError: there is none.
        ClientError: it is not what this version of the client understands.
    """
    if isinstance(found, httpx.TransportError):
        raise UnreachableError(f"No answer: {str(found) or type(found).__name__}") from found
    if found.status_code != HTTPStatus.OK:
        raise ProblemAnswerError(_problem(found))
    try:
        return msgspec.json.decode(found.content, type=call.answer)
    except msgspec.DecodeError as error:
        raise ClientError(f"The answer of {found.url} is none that is understood: {error}") from error


def _passes(found: Found) -> bool:
    """Whether another attempt may be answered: who was too slow once is not asked for more work at once."""
    if isinstance(found, httpx.Response):
        return found.status_code in PASSING
    return isinstance(found, httpx.NetworkError | httpx.RemoteProtocolError | httpx.ConnectTimeout)


def _retry_after(found: Found) -> float:
    """Seconds, as RFC 9110, section 10.2.3, has them; 0 where nobody says."""
    said = found.headers.get("retry-after", "") if isinstance(found, httpx.Response) else ""
    if said.isdecimal():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(until.replace(tzinfo=until.tzinfo or UTC).timestamp() - CLOCK.unix(), 0.0)


def _problem(found: httpx.Response) -> Problem:
    try:
        return _PROBLEM.decode(found.content)
    except msgspec.DecodeError:
        return Problem(
            type="about:blank",
            title=found.reason_phrase or str(found.status_code),
            status=found.status_code,
            detail=f"{found.url} answered with {found.status_code}, and no more that is understood.",
            instance=found.url.path,
            request_id=found.headers.get("x-request-id", ""),
        )
