"""The model that answers."""

from typing import Any

from litestar import Controller

from sabiscore.api.openapi import answers
from sabiscore.api.problems import NOT_READY, OF_ANY
from sabiscore.api.responses import Replied, Service, of_bundle, read


class ModelController(Controller):
    """The bundle's card."""

    path = "/api/v1/model"
    tags = ("model",)

    @read(
        responses=answers(
            dict[str, Any], *OF_ANY, NOT_READY, example={"version": "3f9c1d2ab047"}, cacheable=True
        )
    )
    async def card(self, service: Service) -> Replied:
        """The bundle's card: data, training window, parameters, measured scores, the worth of each confidence level."""
        return of_bundle(service.card)
