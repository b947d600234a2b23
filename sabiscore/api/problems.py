"""Every error as RFC 9457 problem details: the kinds there are, and which error is which kind.

Not Litestar's ProblemDetailsPlugin, because a problem is also an item of a batch, and an answer before the framework.
``type`` is ``/problems/<name>``; it and the status of a kind never change.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from msgspec import Struct

from sabiscore import errors
from sabiscore.api import limits
from sabiscore.api.middleware import request_id
from sabiscore.api.responses import Header, Refused, Reply
from sabiscore.api.schemas import FieldError, Problem
from sabiscore.languages.wording import gettext_noop
from sabiscore.misfit import misfit

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Kind(Struct, frozen=True):
    """A kind of problem.

    ``detail`` is said where the error itself has nothing better to say, ``when`` is what users read of it.
    """

    name: str
    status: int
    title: str
    detail: str
    when: str

    @property
    def type(self) -> str:
        """The URI reference that names this kind."""
        return f"/problems/{self.name}"


BAD_REQUEST = Kind(
    "bad-request",
    400,
    "Bad request",
    "The request cannot be read.",
    "The request cannot be read as HTTP, or its query has what it may not have, or has something twice.",
)
MALFORMED_BODY = Kind(
    "malformed-body",
    400,
    "The body is not JSON",
    "JSON is malformed: trailing characters",
    "The body is not JSON, is nested too deep, has invalid UTF-8, or broke off.",
)
INVALID_REQUEST = Kind(
    "invalid-request",
    400,
    "The request does not fit the schema",
    "$.league: Expected `str`, got `int`",
    "Wrong types, unknown or missing fields, a time without an offset; `errors` says where.",
)
UNAUTHORIZED = Kind(
    "unauthorized",
    401,
    "A key is needed",
    "Send a key that is known here as X-API-Key, or as Authorization: Bearer.",
    "The service wants a key (`SABISCORE_API_KEYS`), and there is none, or one that it does not know.",
)
NOT_FOUND = Kind(
    "not-found",
    404,
    "Not found",
    "There is no such route; /schema/openapi.json lists them all.",
    "No such route, or no such league, club or fixture in its path; `closest` has the closest names.",
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    405,
    "Method not allowed",
    gettext_noop("The Allow header lists the methods of this route."),
    "The route has other methods: the `Allow` header lists them.",
)
SLOW_BODY = Kind(
    "slow-body",
    408,
    "The body came too slowly",
    f"The body was not complete after {limits.BODY_SECONDS} seconds.",
    f"The body was not complete after {limits.BODY_SECONDS} seconds.",
)
BODY_TOO_LARGE = Kind(
    "body-too-large",
    413,
    "The body is too large",
    f"The body is over {limits.ONE_LIMIT} bytes.",
    f"The body is over {limits.ONE_LIMIT // 1024} KiB, or over {limits.MANY_LIMIT // 1024} KiB for a batch.",
)
URI_TOO_LONG = Kind(
    "uri-too-long",
    414,
    "The URI is too long",
    f"The path and the query together are over {limits.LONGEST_URI} characters.",
    f"The path and the query together are over {limits.LONGEST_URI} characters.",
)
UNSUPPORTED_MEDIA_TYPE = Kind(
    "unsupported-media-type",
    415,
    "Unsupported media type",
    "The content-type must be application/json.",
    "The content type is not `application/json`.",
)
MISDIRECTED = Kind(
    "misdirected",
    421,
    "Another host",
    "This host is not answered for here.",
    "The `Host` is not one that the service answers for (`SABISCORE_ALLOWED_HOSTS`).",
)
RATE_LIMITED = Kind(
    "rate-limited",
    429,
    "Asked too often",
    "So many requests are not allowed; the Retry-After header says when to try again.",
    "More requests than `SABISCORE_RATE_LIMIT` allows a key or an address; `RateLimit` and `Retry-After` say more.",
)
INVALID_FIXTURE = Kind(
    "invalid-fixture",
    422,
    "The fixture cannot be predicted",
    "This fixture cannot be predicted.",
    "The fixture cannot be predicted for another reason.",
)
UNKNOWN_LEAGUE = Kind(
    "unknown-league",
    422,
    "Unknown league",
    "Unknown league 'Premier Legue'. Closest known: Premier League.",
    "The league is not known; `closest` has the closest that are.",
)
UNKNOWN_CLUB = Kind(
    "unknown-club",
    422,
    "Unknown club",
    "Unknown club 'Arsenol' in Premier League. Closest known: Arsenal.",
    "A club is not known in that league; `closest` has the closest that are.",
)
SAME_CLUB = Kind(
    "same-club",
    422,
    "A club cannot play itself",
    "Arsenal cannot play against itself.",
    "A club would play itself.",
)
KICKOFF_OUT_OF_RANGE = Kind(
    "kickoff-out-of-range",
    422,
    "The kick-off is out of range",
    "The kick-off is more than a year from now.",
    "The kick-off is before the data begin, or more than a year from now.",
)
INVALID_ODDS = Kind(
    "invalid-odds",
    422,
    "Invalid odds",
    "The odds on a home win are 0.9: decimal odds are above 1 and at most 1000.",
    "Odds at or below 1 or above 1000, no margin, or one above 30 %.",
)
INTERNAL_ERROR = Kind(
    "internal-error",
    500,
    "Internal error",
    gettext_noop("An unexpected error; the log has more under this request_id."),
    "Anything else; the traceback is in the log under the `request_id`, never in the answer.",
)
OVERLOADED = Kind(
    "overloaded",
    503,
    "Overloaded",
    gettext_noop("Too many requests are in progress; try again in a moment, as the Retry-After header says."),
    "This worker has as many fixtures in progress as it answers nearly as soon as ever, which it learns from how long "
    "they take. `Retry-After` says when to try again. Health and metrics are served all the same, and stored answers "
    "as far as there is time to look for them.",
)
TOO_LATE = Kind(
    "too-late",
    503,
    "Too late",
    f"The answer was not made within {limits.ANSWER_SECONDS} seconds.",
    f"The answer was not made within {limits.ANSWER_SECONDS} seconds.",
)
NOT_READY = Kind(
    "not-ready",
    503,
    "Not ready",
    gettext_noop("The service is starting or stopping; try again in a moment."),
    "The service is starting or stopping.",
)

OF_ERROR: Mapping[type[Exception], Kind] = {
    errors.UnknownLeagueError: UNKNOWN_LEAGUE,
    errors.UnknownClubError: UNKNOWN_CLUB,
    errors.SameClubError: SAME_CLUB,
    errors.KickoffOutOfRangeError: KICKOFF_OUT_OF_RANGE,
    errors.InvalidOddsError: INVALID_ODDS,
    errors.InvalidFixtureError: INVALID_FIXTURE,
}
OF_STATUS: Mapping[int, Kind] = {
    kind.status: kind for kind in (BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED, BODY_TOO_LARGE)
}

KINDS = tuple(each for each in tuple(globals().values()) if isinstance(each, Kind))
OF_FIXTURES = tuple(OF_ERROR.values())
OF_BODIES = (MALFORMED_BODY, SLOW_BODY, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)
OF_NO_ROUTE = (METHOD_NOT_ALLOWED,)
"""Answered where there is no operation, which is why none documents them."""
OF_PREDICTIONS = tuple(kind for kind in KINDS if kind not in (*OF_FIXTURES, *OF_NO_ROUTE, NOT_FOUND))
"""What any request for predictions may be answered with."""

LONGEST_MESSAGE = 200

OF_QUERIES = tuple(kind for kind in OF_PREDICTIONS if kind not in OF_BODIES)
"""What a GET for one may be answered with."""

OF_THE_GATE = (UNAUTHORIZED, MISDIRECTED, RATE_LIMITED)
"""What anything but health may be answered with, where settings ask for keys, hosts or rates."""

OF_ANY = (*OF_THE_GATE, URI_TOO_LONG)
"""What anything but health may be answered with, whatever it is asked with."""

OF_LISTS = (BAD_REQUEST, *OF_THE_GATE, INVALID_REQUEST, URI_TOO_LONG, INTERNAL_ERROR, NOT_READY)
"""What a GET of something else may be answered with."""

OF_WORK = (OVERLOADED,)
"""What takes some work may also be answered with."""


class ProblemError(Exception):
    """A problem of the request itself, and not of its fixture: how it was written, or when it came."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        headers: Sequence[Header] = (),
        **extension: Any,  # noqa: ANN401
    ) -> None:
        """``headers`` are further ones of the answer."""
        self.kind = kind
        self.headers = headers
        self.extension = extension
        super().__init__(detail or kind.detail)


def unfit(error: msgspec.ValidationError, model: type[Any]) -> ProblemError:
    """The problem of a request that is not the ``model`` which it should be."""
    return invalid(*misfit(error, model))


def invalid(path: str, message: str) -> ProblemError:
    """The problem of a request that has something wrong at ``path``."""
    wrong = FieldError(path=path[:LONGEST_MESSAGE], message=message[:LONGEST_MESSAGE])
    return ProblemError(INVALID_REQUEST, f"{wrong.path}: {wrong.message}", errors=[wrong])


def problem_of(error: Exception, path: str, name: str, fragment: str = "") -> Problem:
    """The problem that ``error`` is, of a request for ``path`` with an id, its ``name``.

    ``fragment`` points at the part of the request that it is about.
    """
    kind = _kind(error)
    return Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=_detail(error, kind),
        instance=quote(path) + fragment,
        request_id=name,
        **_extension(error),
    )


def refusal(error: Exception, path: str, name: str, method: str = "POST") -> Reply:
    """The answer to a request that ended in ``error``; what nobody foresaw goes to the log, with its traceback."""
    problem = problem_of(error, path, name)
    if problem.status == INTERNAL_ERROR.status:
        log.error("request failed method=%s path=%r request_id=%s", method, path, name, exc_info=error)
    body = msgspec.json.encode(problem)
    headers = [("content-type", MEDIA_TYPE), ("content-length", str(len(body)))]
    if isinstance(error, ProblemError):
        headers += error.headers
    elif isinstance(error, HTTPException):
        headers += (error.headers or {}).items()
    return Reply(problem.status, headers, body)


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Refused:
    """Answer any error of any route."""
    return Refused(refusal(error, request.scope["path"], request_id(request.scope), request.method))


def _kind(error: Exception) -> Kind:
    if isinstance(error, ProblemError):
        return error.kind
    if isinstance(error, HTTPException):
        return OF_STATUS.get(error.status_code, INTERNAL_ERROR)
    return next((OF_ERROR[base] for base in type(error).__mro__ if base in OF_ERROR), INTERNAL_ERROR)


def _detail(error: Exception, kind: Kind) -> str:
    spoken = isinstance(error, ProblemError | errors.InvalidFixtureError)
    return str(error) if spoken else kind.detail


def _extension(error: Exception) -> dict[str, Any]:
    if isinstance(error, errors.UnknownNameError):
        return {"closest": list(error.closest)}
    return error.extension if isinstance(error, ProblemError) else {}
