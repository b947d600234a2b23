"""The routes, grouped by noun."""

from sabiscore.api.controllers.docs import DocsController
from sabiscore.api.controllers.fixtures import FixturesController
from sabiscore.api.controllers.health import HealthController
from sabiscore.api.controllers.leagues import LeaguesController
from sabiscore.api.controllers.llms import LlmsController
from sabiscore.api.controllers.metrics import MetricsController
from sabiscore.api.controllers.model import ModelController
from sabiscore.api.controllers.predictions import PredictionsController
from sabiscore.api.controllers.record import RecordController
from sabiscore.api.controllers.teams import TeamsController

CONTROLLERS = (
    PredictionsController,
    FixturesController,
    LeaguesController,
    ModelController,
    TeamsController,
    RecordController,
    HealthController,
    MetricsController,
    DocsController,
    LlmsController,
)

__all__ = ["CONTROLLERS"]
