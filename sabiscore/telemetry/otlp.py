"""Sending traces and metrics by OTLP over HTTP, where OpenTelemetry's own variables want it.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/: OTEL_EXPORTER_OTLP_ENDPOINT and those
beside it, OTEL_TRACES_SAMPLER, OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER, OTEL_METRIC_EXPORT_INTERVAL,
OTEL_SDK_DISABLED.
"""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricExportResult,
    MetricReader,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

Signal: TypeAlias = Literal["traces", "metrics"]

Alter: TypeAlias = Callable[[MetricsData], MetricsData]

log = logging.getLogger(__name__)


def is_wanted(signal: Signal, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether there is an endpoint for it, and nobody has it switched off."""
    upper = signal.upper()
    there = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environ.get(f"OTEL_EXPORTER_OTLP_{upper}_ENDPOINT")
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return bool(there) and not off and environ.get(f"OTEL_{upper}_EXPORTER", "otlp") != "none"


def tracer_provider(resource: Resource) -> TracerProvider | None:
    """What traces are sent by; None where nobody wants them. It has a thread: not for a process that forks."""
    if not is_wanted("traces"):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    except ImportError:
        _tell_what_lacks("traces")
        return None
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def metric_reader(alter: Alter, leads: Callable[[], bool]) -> MetricReader | None:
    """What metrics are sent by, as ``alter`` makes them, while this process ``leads``; None where nobody wants them."""
    if not is_wanted("metrics"):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    except ImportError:
        _tell_what_lacks("metrics")
        return None
    return PeriodicExportingMetricReader(_Leading(OTLPMetricExporter(), alter, leads))


class _Leading(MetricExporter):
    """Exports what all workers counted, once: in the process that leads."""

    def __init__(self, exporter: MetricExporter, alter: Alter, leads: Callable[[], bool]) -> None:
        super().__init__()
        self._exporter = exporter
        self._alter = alter
        self._leads = leads

    def export(self, metrics_data: MetricsData, *args: Any, **kwargs: Any) -> MetricExportResult:  # noqa: ANN401
        """Export, or leave it to who leads."""
        if not self._leads():
            return MetricExportResult.SUCCESS
        return self._exporter.export(self._alter(metrics_data), *args, **kwargs)

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Nothing waits here."""
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:  # noqa: ANN401
        """End it."""
        self._exporter.shutdown(timeout_millis, **kwargs)


def _tell_what_lacks(signal: Signal) -> None:
    log.warning(
        "no %s are sent by OTLP: install sabiscore[otlp], or unset OTEL_EXPORTER_OTLP_ENDPOINT", signal
    )
