"""OpenTelemetry of one worker: from meters to Prometheus text."""

from importlib.metadata import version

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from sabiscore.telemetry.instruments import Instruments


class Telemetry:
    """The metrics of this process: a provider, its instruments, and a registry of its own.

    Build it where the worker starts, not at import: it reads OTEL_RESOURCE_ATTRIBUTES, and a fork would
    share its locks.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        # Scope labels would put three constants on every series.
        reader = PrometheusMetricReader(scope_info_enabled=False, registry=self._registry)
        resource = Resource.create({"service.name": "sabiscore", "service.version": version("sabiscore")})
        self._provider = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        ProcessCollector(registry=self._registry)
        self.instruments = Instruments(self._provider.get_meter("sabiscore"))

    def scrape(self) -> bytes:
        """This worker's metrics, Prometheus text 0.0.4 in UTF-8; one thread only.

        The reader keeps what it collects in a queue that overlapping scrapes would share, each with
        samples of the other. Called from the event loop, scrapes can't overlap.
        """
        self.instruments.drain()
        return generate_latest(self._registry)

    def close(self) -> None:
        """Stop the provider; later scrapes have the process's own metrics only."""
        self._provider.shutdown()
