"""The application: routes, error handling and everything they are given, put together."""

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.di import Provide

from sabiscore.api import openapi, request_id
from sabiscore.api.controllers import OTHERS, PredictionsController
from sabiscore.api.measure import measured
from sabiscore.api.problems import answer_problem
from sabiscore.api.resources import Resources


def create_app(resources: Resources) -> Litestar:
    """The ASGI application; its lifespan opens the resources and closes them."""
    predictions = Router(
        "/", route_handlers=[PredictionsController], middleware=[measured(resources.instruments)]
    )
    return Litestar(
        route_handlers=[predictions, *OTHERS],
        lifespan=[resources.lifespan],
        dependencies={
            "service": Provide(resources.service, sync_to_thread=False),
            "exposition": Provide(lambda: resources.exposition, sync_to_thread=False),
        },
        exception_handlers={Exception: answer_problem},
        before_send=[request_id.send_request_id],
        cors_config=_cors(resources.settings.frontend_origin),
        openapi_config=openapi.config(),
        logging_config=None,
        debug=False,
    )


def _cors(origins: str) -> CORSConfig | None:
    allowed = [origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()]
    if not allowed:
        return None
    return CORSConfig(
        allow_origins=allowed,
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        allow_headers=["content-type", "if-none-match", request_id.NAME],
        expose_headers=[request_id.NAME, "age", "cache-status", "etag"],
    )
