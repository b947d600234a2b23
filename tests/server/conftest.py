"""The fixtures of an application, which the front stands before."""

from tests.api.conftest import app, client, fresh, load_service

__all__ = ["app", "client", "fresh", "load_service"]
