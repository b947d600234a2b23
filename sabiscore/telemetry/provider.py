"""OpenTelemetry of one worker: from meters to Prometheus text."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Metric, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from sabiscore.telemetry.instruments import Instruments

NAME = "sabiscore"


class Telemetry:
    """The metrics of this process: a provider, its instruments, and a registry of its own.

    Build it where a server starts, not at import: it reads OTEL_RESOURCE_ATTRIBUTES. A fork goes on with its own.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        reader = _Reader(self._registry)
        resource = Resource.create({"service.name": NAME, "service.version": version(NAME)})
        self._provider = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        ProcessCollector(registry=self._registry)
        self.instruments = Instruments(self._provider.get_meter(NAME))
        reader.histograms = self.instruments.histograms

    def scrape(self) -> bytes:
        """This worker's metrics, Prometheus text 0.0.4 in UTF-8; one thread only.

        The reader keeps what it collects in a queue that overlapping scrapes would share, each with
        samples of the other. Called from the event loop, scrapes can't overlap.
        """
        return generate_latest(self._registry)

    def close(self) -> None:
        """Stop the provider; later scrapes have the process's own metrics only."""
        self._provider.shutdown()


class _Reader(PrometheusMetricReader):
    """Reads what the instruments have, and the histograms beside them."""

    histograms: Callable[[], Sequence[Metric]]

    def __init__(self, registry: CollectorRegistry) -> None:
        # Scope labels would put three constants on every series.
        super().__init__(scope_info_enabled=False, registry=registry)

    def _receive_metrics(self, metrics_data: MetricsData, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        ours = ScopeMetrics(InstrumentationScope(NAME), self.histograms(), schema_url="")
        found = [
            ResourceMetrics(each.resource, [ours, *each.scope_metrics], each.schema_url)
            for each in metrics_data.resource_metrics
        ]
        super()._receive_metrics(MetricsData(found), *args, **kwargs)
