"""SabiScore inside another Litestar application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, asgi
from litestar.config.app import AppConfig
from litestar.plugins import InitPlugin
from litestar.types import Receive, Scope, Send

from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.cache.factory import open_cache
from sabiscore.server.worker import application, load_service
from sabiscore.settings import Settings, load


class SabiScorePlugin(InitPlugin):
    """Mounts the whole API, its description and its metrics below ``path``, without the pages for people.

        app = Litestar([...], plugins=[SabiScorePlugin("/football")])

    It opens its bundle and its cache when the application starts, takes up what is published, and closes them when
    that stops. Nothing else is shared: dependencies, exception handlers and names of routes are each one's own;
    middleware and guards of the application are before it.
    """

    def __init__(
        self,
        path: str = "/sabiscore",
        settings: Settings | None = None,
        *,
        load_service: LoadService = load_service,
    ) -> None:
        """``settings`` are by default those of the SABISCORE_* variables.

        Raises:
            SettingsError: a variable makes no sense.
        """
        self._path = f"/{path.strip('/')}"
        resources = Resources(settings or load(), load_service, open_cache, is_guest=True)
        self._inner = application(resources, below=self._path)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add the routes and the lifespan."""
        app_config.route_handlers.append(asgi(self._path, is_mount=True, copy_scope=True)(self._answer))
        app_config.lifespan.append(self._lifespan)
        return app_config

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._inner(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _: Litestar) -> AsyncIterator[None]:
        async with self._inner.lifespan():
            yield
