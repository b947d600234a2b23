"""Measurements find their way: service, collector, Prometheus."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, Struct

from tests.deploy.routes import port, routes
from tests.deploy.test_compose import SERVED

DEPLOY = Path(__file__).parents[2] / "deploy"

Seconds = Annotated[str, Meta(pattern=r"^\d+s$")]


class Targets(Struct, forbid_unknown_fields=True):
    targets: list[str]


class Scrape(Struct, forbid_unknown_fields=True):
    job_name: str
    static_configs: list[Targets]
    metrics_path: str = "/metrics"
    scrape_interval: Seconds = "60s"
    honor_labels: bool = False

    def targets(self) -> list[tuple[str, int]]:
        """Host and port of each."""
        parts = [target.partition(":") for config in self.static_configs for target in config.targets]
        return [(host, int(found)) for host, _, found in parts]


class Alerting(Struct, forbid_unknown_fields=True):
    alertmanagers: list[dict[str, list[Targets]]]


class Prometheus(Struct, forbid_unknown_fields=True):
    scrape_configs: list[Scrape]
    rule_files: list[str]
    alerting: Alerting
    global_: dict[str, Seconds] = msgspec.field(name="global")


class Receiver(Struct, forbid_unknown_fields=True):
    config: dict[str, list[Scrape]]


class Exporter(Struct, forbid_unknown_fields=True):
    endpoint: str
    without_scope_info: bool
    enable_open_metrics: bool


class Pipeline(Struct, forbid_unknown_fields=True):
    receivers: list[str]
    processors: list[str]
    exporters: list[str]


class Collector(Struct, forbid_unknown_fields=True):
    receivers: dict[str, Receiver]
    processors: dict[str, dict[str, str | int]]
    exporters: dict[str, Exporter]
    service: dict[str, dict[str, Pipeline]]


@pytest.fixture(scope="module")
def collector() -> Collector:
    return msgspec.yaml.decode((DEPLOY / "otel-collector.yaml").read_bytes(), type=Collector)


class TestTheCollector:
    def test_scrapes_the_service_where_it_serves_its_metrics(self, collector: Collector) -> None:
        [scrape] = collector.receivers["prometheus"].config["scrape_configs"]
        assert scrape.targets() == [(name, port()) for name in SERVED]
        assert f"GET {scrape.metrics_path}" in routes()

    def test_passes_on_what_it_scrapes_through_parts_it_has(self, collector: Collector) -> None:
        pipeline = collector.service["pipelines"]["metrics"]
        assert pipeline.receivers == list(collector.receivers)
        assert pipeline.processors == list(collector.processors)
        assert pipeline.exporters == list(collector.exporters)


class TestPrometheus:
    def test_reads_from_the_collector_and_keeps_its_labels(self, collector: Collector) -> None:
        config = msgspec.yaml.decode((DEPLOY / "prometheus.yml").read_bytes(), type=Prometheus)
        [scrape] = config.scrape_configs
        [(host, found)] = scrape.targets()
        assert host == "otel-collector"
        assert collector.exporters["prometheus"].endpoint == f"0.0.0.0:{found}"
        assert scrape.honor_labels
