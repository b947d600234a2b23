"""Is it alive, is it ready."""

from typing import TypeAlias

from litestar import Controller
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from sabiscore.api.leaving import Leaving
from sabiscore.api.openapi import answers
from sabiscore.api.problems import NOT_READY, URI_TOO_LONG, ProblemError
from sabiscore.api.responses import Service, read
from sabiscore.api.schemas import Health

End: TypeAlias = NamedDependency[SkipValidation[Leaving]]


class HealthController(Controller):
    """For probes and load balancers."""

    path = "/health"
    tags = ("health",)

    @read(responses=answers(Health, URI_TOO_LONG, example=Health()))
    async def health(self) -> Health:
        """200 while the process runs."""
        return Health()

    @read("/live", responses=answers(Health, URI_TOO_LONG, example=Health()))
    async def live(self) -> Health:
        """200 while the process runs."""
        return Health()

    @read("/ready", responses=answers(Health, NOT_READY, URI_TOO_LONG, example=Health()))
    async def ready(self, service: Service, leaving: End) -> Health:  # noqa: ARG002
        """200 once a model is loaded and predictions can be answered, 503 before and from the signal to stop on."""
        if leaving.service_ends:
            raise ProblemError(NOT_READY)
        return Health()
