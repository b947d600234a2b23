"""Pages for people, made on the server: they work without scripts, can be linked, and any cache may keep them."""

import gzip
from functools import partial
from typing import Annotated, Any, TypeAlias

from litestar import Controller, Request
from litestar.di import NamedDependency
from litestar.params import PathParameter, SkipValidation

from sabiscore.api.loaded import Held, Loaded
from sabiscore.api.middleware import request_id
from sabiscore.api.problems import NOT_FOUND, ProblemError, problem_of, refusal
from sabiscore.api.query import query_of
from sabiscore.api.responses import CACHING, OK, Header, Refused, Replied, Reply, read, tag_of
from sabiscore.api.web import pages
from sabiscore.api.web.look import STATIC
from sabiscore.api.web.pages import Asked, Page, look
from sabiscore.api.work import work_of
from sabiscore.cache.lru import Lru
from sabiscore.clock import CLOCK

HTML, SVG = "text/html; charset=utf-8", "image/svg+xml"
FOR_EVER = "public, max-age=31536000, immutable"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
WORTH_PACKING = 1024
"""Bytes."""

KEPT, KEPT_BYTES = 512, 8 * 1024 * 1024
"""Pages as they were sent last, and bytes of them together."""

Asking: TypeAlias = Request[Any, Any, Any]
Key: TypeAlias = tuple[str, str, str, bool]


class Kept:
    """Pages of the present bundle as they were sent, of the present day."""

    def __init__(self) -> None:
        self._fresh = partial(Lru[Key, Reply], entries=KEPT, size=KEPT_BYTES)
        self.pages = self._fresh()

    def forget(self) -> None:
        """Begin anew: another bundle answers."""
        self.pages = self._fresh()


Keeping: TypeAlias = NamedDependency[SkipValidation[Kept]]


def answer_on_a_page(request: Asking, error: Exception) -> Refused:
    """Tell a reader what went wrong."""
    path, name = request.scope["path"], request_id(request.scope)
    told, reply = problem_of(error, path, name), refusal(error, path, name, request.method)
    body = look().render("problem.html", title=told.title, detail=told.detail, status=told.status, name=name)
    kept = [header for header in reply.headers if not header[0].startswith("content-")]
    return Refused(Reply(reply.status, [*_headers(body, HTML), *kept], body))


class PagesController(Controller):
    """Pages."""

    path = "/"
    include_in_schema = False
    exception_handlers = {Exception: answer_on_a_page}  # noqa: RUF012 - as Litestar has it

    @read("/")
    async def fixtures(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """The fixtures of a week."""
        return await _sent(request, loaded, kept, pages.fixtures)

    @read("/fixtures/{fixture_id:str}")
    async def match(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """One match."""
        return await _sent(request, loaded, kept, pages.match)

    @read("/fixtures/{fixture_id:str}/card.svg")
    async def card(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """A picture of what is said of a match."""
        return await _sent(request, loaded, kept, pages.card, media=SVG)

    @read("/embed/{fixture_id:str}")
    async def embed(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """What is said of a match, for a frame in another site's page."""
        return await _sent(request, loaded, kept, pages.embed, framed=True)

    @read("/predict")
    async def predict(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """A form for any match, and the answer."""
        return await _sent(request, loaded, kept, pages.predict)

    @read("/leagues")
    async def leagues(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """The leagues there are."""
        return await _sent(request, loaded, kept, pages.leagues)

    @read("/leagues/{league:str}")
    async def table(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """A league's table, and what may become of it."""
        return await _sent(request, loaded, kept, pages.table)

    @read("/ratings")
    async def ratings(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """How good the clubs of a league are."""
        return await _sent(request, loaded, kept, pages.ratings)

    @read("/teams/{team:str}")
    async def team(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """A club."""
        return await _sent(request, loaded, kept, pages.team)

    @read("/record")
    async def record(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """How good it is."""
        return await _sent(request, loaded, kept, pages.record)

    @read("/about")
    async def about(self, request: Asking, loaded: Held, kept: Keeping) -> Replied:
        """What it knows and does not."""
        return await _sent(request, loaded, kept, pages.about)

    @read("/static/{version:str}/{name:str}")
    async def static(
        self, request: Asking, version: Annotated[str, PathParameter()], name: Annotated[str, PathParameter()]
    ) -> Replied:
        """A file that pages load."""
        if name not in STATIC or look().asset(name) != f"/static/{version}/{name}":
            raise ProblemError(NOT_FOUND, "There is no such file.")
        return Replied(_reply(look().files[name], STATIC[name], packed=_packs(request), caching=FOR_EVER))


async def _sent(
    request: Asking, loaded: Loaded, kept: Kept, page: Page, *, media: str = HTML, framed: bool = False
) -> Replied:
    """A page as it was sent before, else made now; only one that is ``framed`` stands in pages of others."""
    asked = Asked(request.scope["path"], request.path_params, query_of(request.scope))
    key, held = (asked.path, asked.query, str(CLOCK.now().date()), _packs(request)), kept.pages
    reply = held.find(key)
    if reply is None:
        with work_of(request.scope).one.place():
            made = await page(loaded, asked)
        reply = _reply(made, media, framed=framed, packed=key[-1])
        held.keep(key, reply, len(reply.body) + len(asked.path) + len(asked.query))
    return Replied(reply)


def _packs(request: Asking) -> bool:
    """Whether the reader unpacks gzip."""
    given = [each.strip().replace(" ", "") for each in request.headers.get("accept-encoding", "").split(",")]
    return any(
        each == "gzip" or (each.startswith("gzip;") and not each.startswith("gzip;q=0")) for each in given
    )


def _reply(body: bytes, media: str, *, packed: bool, framed: bool = False, caching: str = CACHING) -> Reply:
    told: list[Header] = [("cache-control", caching), ("vary", "accept-encoding")]
    if packed and len(body) >= WORTH_PACKING:
        body = gzip.compress(body, mtime=0)
        told.append(("content-encoding", "gzip"))
    return Reply(OK, [*_headers(body, media, framed=framed), ("etag", tag_of(body)), *told], body)


def _headers(body: bytes, media: str, *, framed: bool = False) -> list[Header]:
    return [
        ("content-type", media),
        ("content-length", str(len(body))),
        ("content-security-policy", POLICY.format("*" if framed else "'none'")),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
    ]
