"""The OpenAPI document as a service writes it, without one."""

import msgspec
from litestar.serialization import encode_json

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import Resources
from sabiscore.cache.factory import open_cache
from sabiscore.server.worker import load_service
from sabiscore.settings import Settings


def document() -> str:
    """As `openapi.DOCUMENT` has it."""
    app = create_app(Resources(Settings(), load_service, open_cache))
    written = encode_json(app.openapi_schema.to_schema())
    return msgspec.json.format(written, indent=1).decode() + "\n"
