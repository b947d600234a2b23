"""The fixtures of an application, which the front stands before, and of its cache."""

from tests.api.conftest import app, client, fresh, load_service, season
from tests.cache.conftest import hook

__all__ = ["app", "client", "fresh", "hook", "load_service", "season"]
