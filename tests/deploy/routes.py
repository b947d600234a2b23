"""What is served, as the application itself says."""

import inspect
import re
from functools import cache

from litestar.routes import HTTPRoute

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.cache.factory import open_cache
from sabiscore.cli import main
from sabiscore.server.worker import load_service
from sabiscore.settings import Settings

BESIDES = {"HEAD", "OPTIONS"}
"""Methods that come with the others."""

LITESTARS_OWN = {"/schema", "/schema/{path}"}
"""Other ways to the OpenAPI document, and to a 404."""


OPENAPI = "/schema/openapi.json"
OPENAPI_DOCUMENT = "The OpenAPI document, with an example of every answer and every problem."
"""Litestar's handler does not say."""


@cache
def described_routes() -> dict[str, list[str]]:
    """What handlers say they do, with the ``POST /api/v1/predict`` and so on that lead to each.

    Of an application whose lifespan has not begun.
    """
    app = create_app(Resources(Settings(), load_service, open_cache))
    found: dict[str, list[str]] = {}
    for route in app.routes:
        path = re.sub(r":\w+}", "}", route.path)
        if not isinstance(route, HTTPRoute) or path in LITESTARS_OWN:
            continue
        for handler in sorted(route.route_handlers, key=lambda each: each.fn.__code__.co_firstlineno):
            said = OPENAPI_DOCUMENT if path == OPENAPI else inspect.getdoc(handler.fn) or ""
            for method in sorted(handler.http_methods - BESIDES):
                found.setdefault(said, []).append(f"{method} {path}")
    return {said: sorted(several) for said, several in found.items()}


def routes() -> frozenset[str]:
    """``POST /api/v1/predict`` and so on."""
    return frozenset(each for several in described_routes().values() for each in several)


def port() -> int:
    """Where `serve` listens unless told otherwise."""
    found = {option.name: option.default for option in main.commands["serve"].params}["port"]
    assert isinstance(found, int)
    return found
