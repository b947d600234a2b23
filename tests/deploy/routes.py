"""What is served, as the application itself says."""

import re
from functools import cache

from litestar.routes import HTTPRoute

from sabiscore.api.app import create_app
from sabiscore.api.asgi import load_service
from sabiscore.api.resources import Resources
from sabiscore.cache.factory import open_cache
from sabiscore.cli import main
from sabiscore.settings import Settings

BESIDES = {"HEAD", "OPTIONS"}
"""Methods that come with the others."""

LITESTARS_OWN = {"/schema", "/schema/{path}"}
"""Other ways to the OpenAPI document, and to a 404."""


@cache
def routes() -> frozenset[str]:
    """``POST /api/v1/predict`` and so on, of an application whose lifespan has not begun."""
    app = create_app(Resources(Settings(), load_service, open_cache))
    paths = {
        re.sub(r":\w+}", "}", route.path): route.methods
        for route in app.routes
        if isinstance(route, HTTPRoute)
    }
    return frozenset(
        f"{method} {path}"
        for path, methods in paths.items()
        if path not in LITESTARS_OWN
        for method in methods - BESIDES
    )


def port() -> int:
    """Where `serve` listens unless told otherwise."""
    found = {option.name: option.default for option in main.commands["serve"].params}["port"]
    assert isinstance(found, int)
    return found
