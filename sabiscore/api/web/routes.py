"""Pages for people, made on the server: they work without scripts, can be linked, and any cache may keep them."""

import asyncio
import gzip
import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypeAlias

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, SkipValidation
from msgspec import Struct

from sabiscore.api.loaded import Held, Loaded
from sabiscore.api.middleware import request_id
from sabiscore.api.problems import NOT_FOUND, ProblemError, answer_problem, problem_of, refusal
from sabiscore.api.query import query_of
from sabiscore.api.responses import CACHING, OK, Header, Refused, Replied, Reply, read, tag_of
from sabiscore.api.web import pages
from sabiscore.api.web.language import Choice, choice, keeping
from sabiscore.api.web.look import STATIC, look
from sabiscore.api.web.pages import Asked, Page, Sheet
from sabiscore.api.web.picture import png
from sabiscore.api.web.views import told
from sabiscore.api.work import work_of
from sabiscore.cache.lru import Lru
from sabiscore.clock import CLOCK
from sabiscore.data.ids import slug
from sabiscore.domain import Language
from sabiscore.errors import InvalidFixtureError, UnknownClubError, UnknownLeagueError
from sabiscore.languages.wording import Wording, gettext_noop, wording
from sabiscore.settings import Settings

HTML, SVG, PNG = "text/html; charset=utf-8", "image/svg+xml", "image/png"
FOR_EVER = "public, max-age=31536000, immutable"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
WORTH_PACKING = 1024
"""Bytes."""

PACKED = 3
"""How well: 6 takes twice as long for a week of fixtures, for an eighth less."""

MEANT = 3
"""Names that may have been meant."""

_COUNTS = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|msclkid|mc_[ce]id)=[^&]*")
"""What others add to a link that is shared, so as to count who follows it."""

KEPT, KEPT_BYTES = 512, 8 * 1024 * 1024
"""Pages as they were sent last, and bytes of them together."""

Asking: TypeAlias = Request[Any, Any, Any]
Key: TypeAlias = tuple[str, str, str, bool, Language]

ACCEPT_ENCODING, ACCEPT_LANGUAGE = "accept-encoding", "accept-language"


class Kept:
    """Pages of the present bundle as they were sent, of the present day."""

    def __init__(self) -> None:
        self._fresh = partial(Lru[Key, Reply], entries=KEPT, size=KEPT_BYTES)
        self.pages = self._fresh()

    def forget(self) -> None:
        """Begin anew: another bundle answers."""
        self.pages = self._fresh()


Keeping: TypeAlias = NamedDependency[SkipValidation[Kept]]
Chosen: TypeAlias = NamedDependency[SkipValidation[Settings]]


def answer_on_a_page(request: Asking, error: Exception) -> Refused:
    """Tell a reader what went wrong."""
    path, name = request.scope["path"], request_id(request.scope)
    problem, reply = problem_of(error, path, name), refusal(error, path, name, request.method)
    spoken = _spoken(request)
    words = wording(spoken.language)
    page = look(words.language).render(
        "problem.html",
        title=words.translated(problem.title),
        detail=_detail(error, problem.detail, words),
        status=problem.status,
        name=name,
        closest=_closest(error),
    )
    body = (keeping(page, words.language) if spoken.chosen else page).encode()
    kept = [header for header in reply.headers if not header[0].startswith("content-")]
    about = [*_about(HTML), ("content-length", str(len(body))), ("content-language", words.language)]
    return Refused(Reply(reply.status, [*about, *kept], body))


def answer_anywhere(request: Asking, error: Exception) -> Refused:
    """On a page where a browser asks for what no route has; else as a problem."""
    lost = isinstance(error, NotFoundException) and not request.scope["path"].startswith("/api/")
    reads = "text/html" in request.headers.get("accept", "")
    return answer_on_a_page(request, error) if lost and reads else answer_problem(request, error)


def _detail(error: Exception, detail: str, words: Wording) -> str:
    """What went wrong, in the words of a page."""
    cause = error.__cause__
    if isinstance(error, NotFoundException):
        return words.say("There is no such page.")
    return told(cause, words) if isinstance(cause, InvalidFixtureError) else words.translated(detail)


def _closest(error: Exception) -> list[tuple[str, str]]:
    """The names most like one that nobody has, each with its address."""
    match error.__cause__:
        case UnknownLeagueError(closest=closest):
            return [(name, f"/leagues/{slug(name)}") for name in closest[:MEANT]]
        case UnknownClubError(closest=closest):
            return [(name, f"/teams/{slug(name)}") for name in closest[:MEANT]]
    return []


def _spoken(request: Asking) -> Choice:
    """The language that a refused request can be answered in."""
    accepted = request.headers.get(ACCEPT_LANGUAGE, "")
    try:
        return choice(query_of(request.scope), accepted)
    except ProblemError:
        return choice("", accepted)


class Address(Struct, frozen=True):
    """Where a page is, what makes it, what it is, and whether others may have it in a frame of theirs."""

    path: str
    page: Page
    media: str = HTML
    framed: bool = False


ADDRESSES = (
    Address("/", pages.fixtures),
    Address("/fixtures/{fixture_id:str}", pages.match),
    Address("/fixtures/{fixture_id:str}/card.svg", pages.card, media=SVG),
    Address("/fixtures/{fixture_id:str}/card.png", pages.picture, media=PNG),
    Address("/embed/{fixture_id:str}", pages.embed, framed=True),
    Address("/predict", pages.predict),
    Address("/leagues", pages.leagues),
    Address("/leagues/{league:str}", pages.table),
    Address("/ratings", pages.ratings),
    Address("/teams/{team:str}", pages.team),
    Address("/record", pages.record),
    Address("/about", pages.about),
)


def _handler(address: Address) -> HTTPRouteHandler:
    async def page(request: Asking, loaded: Held, kept: Keeping, settings: Chosen) -> Replied:
        return await _sent(address, request, loaded, kept, settings.public_url)

    page.__doc__ = address.page.__doc__
    return read(address.path)(page)


@read("/static/{version:str}/{name:str}")
async def _static(
    request: Asking, version: Annotated[str, PathParameter()], name: Annotated[str, PathParameter()]
) -> Replied:
    """A file that pages load."""
    if name not in STATIC or look("en").asset(name) != f"/static/{version}/{name}":
        raise ProblemError(NOT_FOUND, gettext_noop("There is no such file."))
    return Replied(
        _reply(look("en").files[name], _about(STATIC[name]), packed=packs(request), caching=FOR_EVER)
    )


def pages_router() -> Router:
    """The routes of all pages, and of the files that they load."""
    return Router(
        "/",
        route_handlers=[*map(_handler, ADDRESSES), _static],
        include_in_schema=False,
        exception_handlers={Exception: answer_on_a_page},
    )


async def _sent(address: Address, request: Asking, loaded: Loaded, kept: Kept, site: str) -> Replied:
    """A page as it was sent before, else made now."""
    path, query, packed, held = request.scope["path"], _query(request), packs(request), kept.pages
    spoken = choice(query, request.headers.get(ACCEPT_LANGUAGE, ""))
    key = (path, query, str(CLOCK.now().date()), packed, spoken.language)
    reply = held.find(key)
    if reply is None:
        asked = Asked(path, request.path_params, spoken.query, wording(spoken.language), site)
        async with work_of(request.scope).reading():
            sheet = await address.page(loaded, asked)
            reply = await asyncio.to_thread(_drawn, address, sheet, chosen=spoken.chosen, packed=packed)
        held.keep(key, reply, len(reply.body) + len(path) + len(query))
    return Replied(reply)


def _query(request: Asking) -> str:
    """What the address asks for."""
    return _COUNTS.sub("", query_of(request.scope)).lstrip("&")


def _drawn(address: Address, sheet: Sheet, *, chosen: bool, packed: bool) -> Reply:
    """A page rendered, in a language that its own address chose or not, and packed."""
    page = keeping(sheet.render(), sheet.language) if chosen else sheet.render()
    about = [*_about(address.media, framed=address.framed), ("content-language", sheet.language)]
    varies = ACCEPT_ENCODING if chosen else f"{ACCEPT_ENCODING}, {ACCEPT_LANGUAGE}"
    if address.media == PNG:
        return _reply(png(page), about, packed=False, varies=varies)
    return _reply(page.encode(), about, packed=packed, varies=varies)


def packs(request: Asking) -> bool:
    """Whether the reader unpacks gzip."""
    given = [each.strip().replace(" ", "") for each in request.headers.get(ACCEPT_ENCODING, "").split(",")]
    return any(
        each == "gzip" or (each.startswith("gzip;") and not each.startswith("gzip;q=0")) for each in given
    )


def _reply(
    body: bytes,
    about: Sequence[Header],
    *,
    packed: bool,
    caching: str = CACHING,
    varies: str = ACCEPT_ENCODING,
) -> Reply:
    told: list[Header] = [("cache-control", caching), ("vary", varies)]
    if packed and len(body) >= WORTH_PACKING:
        body = gzip.compress(body, PACKED, mtime=0)
        told.append(("content-encoding", "gzip"))
    return Reply(OK, [*about, ("content-length", str(len(body))), ("etag", tag_of(body)), *told], body)


def _about(media: str, *, framed: bool = False) -> list[Header]:
    """What is said of a page whatever is in it."""
    return [
        ("content-type", media),
        ("content-security-policy", POLICY.format("*" if framed else "'none'")),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
    ]
