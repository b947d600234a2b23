"""The routes, grouped by noun."""

from sabiscore.api.controllers.health import HealthController
from sabiscore.api.controllers.leagues import LeaguesController
from sabiscore.api.controllers.metrics import MetricsController
from sabiscore.api.controllers.model import ModelController
from sabiscore.api.controllers.predictions import PredictionsController

OTHERS = (LeaguesController, ModelController, HealthController, MetricsController)
"""Those whose requests are not measured as predictions."""

__all__ = ["OTHERS", "PredictionsController"]
