"""The model that answers."""

from typing import Any

from litestar import Controller

from sabiscore.api.lasting import Lasting
from sabiscore.api.openapi import answers
from sabiscore.api.problems import NOT_READY
from sabiscore.api.routing import Service, read


class ModelController(Controller):
    """The bundle's card."""

    path = "/api/v1/model"
    tags = ("model",)

    @read(responses=answers(dict[str, Any], NOT_READY, example={"version": "3f9c1d2ab047"}, lasting=True))
    async def card(self, service: Service) -> Lasting:
        """The bundle's card: data, training window, parameters, measured scores, the worth of each confidence level."""
        return Lasting(service.card)
