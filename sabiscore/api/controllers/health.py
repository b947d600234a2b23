"""Is it alive, is it ready."""

from litestar import Controller

from sabiscore.api.openapi import answers
from sabiscore.api.problems import NOT_READY
from sabiscore.api.responses import Service, read
from sabiscore.api.schemas import Health


class HealthController(Controller):
    """For probes and load balancers."""

    path = "/health"
    tags = ("health",)

    @read(["/", "/live"], responses=answers(Health, example=Health()))
    async def live(self) -> Health:
        """200 while the process runs."""
        return Health()

    @read("/ready", responses=answers(Health, NOT_READY, example=Health()))
    async def ready(self, service: Service) -> Health:  # noqa: ARG002
        """200 once a model is loaded and predictions can be answered, 503 before and after."""
        return Health()
