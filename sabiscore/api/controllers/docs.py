"""The API's description as a page to be read and tried: Swagger UI, from files of our own.

Its two large files are kept compressed, as nearly everybody wants them. All it loads is beside it, wherever the
application is mounted.
"""

import gzip
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from litestar import Controller, Request
from litestar.params import PathParameter

from sabiscore.api.problems import NOT_FOUND, ProblemError
from sabiscore.api.responses import OK, Replied, Reply, read, tag_of
from sabiscore.api.web.routes import packs

FILES = {
    "index.html": "text/html; charset=utf-8",
    "begin.js": "text/javascript; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
CACHING = "public, max-age=3600"

_HERE = Path(__file__).parents[1] / "swagger"


class DocsController(Controller):
    """The description."""

    path = "/docs"
    include_in_schema = False

    @read("/")
    async def page(self, request: Request[Any, Any, Any]) -> Replied:
        """The API's description, to be read and tried."""
        return Replied(_reply("index.html", packed=packs(request)))

    @read("/{name:str}")
    async def file(self, request: Request[Any, Any, Any], name: Annotated[str, PathParameter()]) -> Replied:
        """A file that it loads."""
        if name not in FILES:
            raise ProblemError(NOT_FOUND, "There is no such file.")
        return Replied(_reply(name, packed=packs(request)))


@cache
def _reply(name: str, *, packed: bool) -> Reply:
    """A file, ``packed`` by gzip where it is kept so."""
    kept = _HERE / f"{name}.gz"
    body = (kept if kept.exists() else _HERE / name).read_bytes()
    told = [("content-encoding", "gzip")] if kept.exists() and packed else []
    if kept.exists() and not packed:
        body = gzip.decompress(body)
    headers = [
        ("content-type", FILES[name]),
        ("content-length", str(len(body))),
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", CACHING),
        ("vary", "accept-encoding"),
        ("etag", tag_of(body)),
    ]
    return Reply(OK, [*headers, *told], body)
