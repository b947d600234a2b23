"""The application: routes, error handling and everything they are given, put together."""

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from sabiscore.api import agents, openapi
from sabiscore.api.absent import absent
from sabiscore.api.controllers import CONTROLLERS
from sabiscore.api.edge import Edge
from sabiscore.api.lifespan import Resources
from sabiscore.api.middleware import send_request_id
from sabiscore.api.problems import answer_problem
from sabiscore.api.web.routes import Kept, answer_anywhere, pages_router

UNUSED = ("pydantic", "attr")
"""Libraries whose classes Litestar takes, if it can import them: 70 ms of a start, and none of ours is one."""


def create_app(resources: Resources, *, below: str = "") -> Litestar:
    """The ASGI application; its lifespan opens the resources and closes them.

    ``below`` is the path below which another application has mounted it: it has no pages then.
    """
    origins, kept = resources.origins, Kept()
    resources.on_replaced.append(kept.forget)
    plugins = agents.plugins(resources)
    with absent(*UNUSED):
        app = Litestar(
            route_handlers=[*CONTROLLERS, *([] if below else [pages_router()])],
            lifespan=[resources.lifespan],
            dependencies={
                "service": Provide(resources.service, sync_to_thread=False),
                "loaded": Provide(resources.loaded, sync_to_thread=False),
                "one": Provide(lambda: resources.predict, sync_to_thread=False),
                "telemetry": Provide(lambda: resources.telemetry, sync_to_thread=False),
                "kept": Provide(lambda: kept, sync_to_thread=False),
                "leaving": Provide(lambda: resources.leaving, sync_to_thread=False),
                "settings": Provide(lambda: resources.settings, sync_to_thread=False),
            },
            exception_handlers={Exception: answer_problem if below else answer_anywhere},
            before_send=[send_request_id, *([origins.tell] if origins.config else [])],
            cors_config=origins.config,
            plugins=plugins,
            state=State({"work": resources.work}, deep_copy=False),
            openapi_config=openapi.config(below),
            logging_config=None,
            debug=False,
        )
    app.asgi_handler = Edge(app.asgi_handler, resources)
    return app
