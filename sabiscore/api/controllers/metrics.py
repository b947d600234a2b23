"""What was measured, for Prometheus."""

from litestar import Controller

from sabiscore.api.openapi import answers
from sabiscore.api.problems import OF_ANY
from sabiscore.api.responses import Metrics, read

MEDIA_TYPE = "text/plain; version=0.0.4"
"""The charset is added by Litestar."""

EXAMPLE = """\
# HELP prediction_requests_total Requests for predictions
# TYPE prediction_requests_total counter
prediction_requests_total{result="ok",route="predict",worker="0"} 42.0
"""


class MetricsController(Controller):
    """Metrics."""

    path = "/metrics"
    tags = ("metrics",)

    @read(media_type=MEDIA_TYPE, responses=answers(str, *OF_ANY, example=EXAMPLE, media_type=MEDIA_TYPE))
    async def metrics(self, telemetry: Metrics) -> bytes:
        """All measurements, of all workers, in Prometheus' text format."""
        return telemetry.scrape()
