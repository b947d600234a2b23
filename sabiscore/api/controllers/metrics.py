"""What was measured, for Prometheus."""

from typing import Any

from litestar import Controller, Request

from sabiscore.api.openapi import answers
from sabiscore.api.problems import OF_ANY
from sabiscore.api.responses import OK, Metrics, Replied, Reply, read

MEDIA_TYPE = "text/plain; version=0.0.4"

OPEN_METRICS = "application/openmetrics-text"
"""Whoever takes it is told exemplars, too, for which the older format has no place; Prometheus does."""

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
    async def metrics(self, request: Request[Any, Any, Any], telemetry: Metrics) -> Replied:
        """All measurements, of all workers, in Prometheus' text format, or in OpenMetrics where that is asked for."""
        is_open = OPEN_METRICS in request.headers.get("accept", "")
        media_type = f"{OPEN_METRICS}; version=1.0.0" if is_open else MEDIA_TYPE
        body = telemetry.scrape(with_exemplars=is_open)
        told = [("content-type", f"{media_type}; charset=utf-8"), ("content-length", str(len(body)))]
        return Replied(Reply(OK, [*told, ("vary", "accept")], body))
