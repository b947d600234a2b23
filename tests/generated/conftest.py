"""The service that generated clients ask."""

from tests.client.conftest import address, load_service, resources, season

__all__ = ["address", "load_service", "resources", "season"]
