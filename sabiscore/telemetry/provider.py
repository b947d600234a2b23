"""OpenTelemetry of one worker: what all workers counted, as Prometheus text.

Any worker reads the memory of all, so whichever is scraped tells the same. Series are labelled by worker and never
summed.
"""

import asyncio
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from math import isnan
from threading import Thread
from typing import Any, TypeAlias

import msgspec
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricReader,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client import Metric as Shown
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from sabiscore.errors import SettingsError
from sabiscore.telemetry import exemplars, families, otlp
from sabiscore.telemetry.exemplars import Exemplar, Found, WithExemplars
from sabiscore.telemetry.families import ASKING, ROUTES, Family, Result, Route
from sabiscore.telemetry.instruments import Instruments
from sabiscore.telemetry.memory import SERVICE, Block, Memory
from sabiscore.telemetry.watching import Watcher

NAME = "sabiscore"

TELL_EVERY = 1.0
"""Seconds between two times that a worker tells its CPU time, of which so much is lost with it, and what is sampled."""

PATIENCE = 2.0
"""Seconds that are waited for what is still to be sent, in the end."""

Labels: TypeAlias = dict[str, str]
Numbers: TypeAlias = Sequence[float]


class Telemetry:
    """The metrics of a service, as one of its workers has them.

    A worker is forked with it, then opens it. Until then what it counts is its own. Not to be made at import: it reads
    OTEL_RESOURCE_ATTRIBUTES.
    """

    def __init__(self, memory: Memory | None = None) -> None:
        """``memory`` is what the workers share; by default there are no others."""
        self.instruments = Instruments()
        self._memory = memory or Memory.inherited()
        self._began = time.time_ns()
        self._resource = Resource.create({"service.name": NAME, "service.version": version(NAME)})
        self.watcher: Watcher | None = None
        self._wanted: tuple[int, bool] = 0, False
        self._tracers: TracerProvider | None = None
        self._registry: CollectorRegistry | None = None
        self._provider: MeterProvider | None = None
        self._cpu_before = 0.0
        self._telling: asyncio.TimerHandle | None = None

    def watch(self, *, a_second: int, timing: bool) -> None:
        """Watch requests, once it is open: log so many of them within a second, and tell clients their timing."""
        self._wanted = a_second, timing

    async def open(self) -> None:
        """Claim a place among the workers and go on from what was counted there.

        Raises:
            SettingsError: there is none.
        """
        try:
            self.instruments.keep_in(self._memory.claim())
        except OSError as error:
            raise SettingsError(f"SABISCORE_RUN_DIR: workers cannot meet there: {error}") from error
        self._cpu_before = self.instruments.cpu.cells[0]
        self._tell_each_time()
        self._tracers = otlp.tracer_provider(self._resource)
        if otlp.is_wanted("metrics"):
            self._registry = self._build()
        a_second, timing = self._wanted
        if a_second or timing or self._tracers:
            tracer = self._tracers.get_tracer(NAME) if self._tracers else None
            self.watcher = Watcher(a_second=a_second, timing=timing, tracer=tracer)
            self.instruments.on_batch = self.watcher.batched

    def scrape(self, *, with_exemplars: bool = False) -> bytes:
        """The metrics of all workers, Prometheus text 0.0.4 or, with exemplars, OpenMetrics 1.0; one thread only.

        The reader keeps what it collects in a queue that overlapping scrapes would share, each with
        samples of the other. Called from the event loop, scrapes can't overlap.
        """
        if self._registry is None:
            self._registry = self._build()
        self._tell()
        if with_exemplars:
            shown = WithExemplars(self._registry, self._exemplars_told)
            return bytes(openmetrics.generate_latest(shown))  # type: ignore[no-untyped-call]
        return generate_latest(self._registry)

    def close(self) -> None:
        """Give the place back; what was counted stays, and is shown by the other workers."""
        if self._telling:
            self._telling.cancel()
        providers = [each for each in (self._provider, self._tracers) if each]
        if providers:
            ending = Thread(target=lambda: [each.shutdown() for each in providers], daemon=True)
            ending.start()
            ending.join(PATIENCE)  # a collector that is away must not hold us up
        self._memory.release()

    def _tell_each_time(self) -> None:
        self._tell()
        self._telling = asyncio.get_running_loop().call_later(TELL_EVERY, self._tell_each_time)

    def _tell(self) -> None:
        self.instruments.cpu.set(self._cpu_before + time.process_time())
        self.instruments.sample()

    def _build(self) -> CollectorRegistry:
        """What is read by, made where it is first needed."""
        registry = CollectorRegistry()
        registry.register(_Processes(self))
        sending = otlp.metric_reader(partial(with_histograms, telemetry=self), self._memory.leads)
        readers: list[MetricReader] = [_Reader(self, registry), *([sending] if sending else [])]
        self._provider = MeterProvider(readers, resource=self._resource, shutdown_on_exit=False)
        meter = self._provider.get_meter(NAME)
        for family in (*families.OF_WORKERS, *families.OF_THE_SERVICE, families.UP, families.MISSING):
            if family.kind != "histogram":
                make = (
                    meter.create_observable_counter
                    if family.kind == "counter"
                    else meter.create_observable_gauge
                )
                make(family.name, [partial(self._observe, family)], family.unit, family.description)
        return registry

    def workers(self) -> list[tuple[int, Block, bool]]:
        """All there are and were: number, block, and whether it lives; alone, this one."""
        if self._memory.number is None:
            return [(0, self.instruments.block, True)]
        return list(self._memory.workers())

    def histograms(self) -> list[Metric]:
        """What no observable instrument has."""
        return [self._histogram(each) for each in families.OF_WORKERS if each.kind == "histogram"]

    def _exemplars_told(self, name: str) -> list[Found]:
        """Those of a histogram, by the name that Prometheus gives it and its labels."""
        [family] = [each for each in families.OF_WORKERS if told(each) == name]
        return [
            ({label.replace(".", "_"): each for label, each in labels.items()}, found)
            for labels, found in self._exemplars(family)
        ]

    def _exemplars(self, family: Family) -> Iterator[Found]:
        for number, block, _ in self.workers():
            for labels, found in exemplars_of(block, family):
                yield {"worker": str(number)} | labels, found

    def _histogram(self, family: Family) -> Metric:
        now = time.time_ns()
        kept = {frozenset(labels.items()): found for labels, found in self._exemplars(family)}
        points = [
            HistogramDataPoint(
                attributes=labels,
                start_time_unix_nano=self._began,
                time_unix_nano=now,
                count=int(sum(numbers[:-1])),
                sum=numbers[-1],
                bucket_counts=[int(n) for n in numbers[:-1]],
                explicit_bounds=family.bounds,
                min=0.0,
                max=0.0,
                exemplars=[each.sent() for each in kept.get(frozenset(labels.items()), ()) if each],
            )
            for labels, numbers in self._series(family)
        ]
        return Metric(
            family.name, family.description, family.unit, Histogram(points, AggregationTemporality.CUMULATIVE)
        )

    def _observe(self, family: Family, _: CallbackOptions) -> Iterable[Observation]:
        if family in (families.UP, families.MISSING):
            return self._counted(family)
        return [Observation(numbers[0], labels) for labels, numbers in self._series(family)]

    def _counted(self, family: Family) -> list[Observation]:
        up = sum(lives for *_, lives in self.workers())
        wanted = self._memory.block(SERVICE).of(families.WANTED.name)
        missing = max(0, int(wanted[0].cells[0]) - up) if wanted else 0
        return [Observation(up if family is families.UP else missing)]

    def _series(self, family: Family) -> Iterator[tuple[Labels, Numbers]]:
        if family in families.OF_THE_SERVICE:
            for record in self._memory.block(SERVICE).of(family.name):
                yield dict(zip(family.labels, record.labels, strict=True)), record.cells
            return
        for number, block, lives in self.workers():
            if lives or family.kind in {"counter", "histogram"}:
                for labels, numbers in of_family(block, family):
                    yield {"worker": str(number)} | labels, numbers


class _Reader(PrometheusMetricReader):
    """Reads what the instruments have, and the histograms beside them."""

    def __init__(self, telemetry: Telemetry, registry: CollectorRegistry) -> None:
        # Scope labels would put three constants on every series.
        super().__init__(scope_info_enabled=False, registry=registry)
        self._telemetry = telemetry

    def _receive_metrics(self, metrics_data: MetricsData, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super()._receive_metrics(with_histograms(metrics_data, self._telemetry), *args, **kwargs)


class _Processes(Collector):
    """Memory, files and start of each worker that lives; its CPU time is counted, for it outlives it."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def collect(self) -> Iterable[Shown]:
        """Each family once, with the samples of all."""
        merged: dict[str, Shown] = {}
        for number, block, lives in self._telemetry.workers():
            if lives:
                pid = block.pid or os.getpid()
                for family in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                    if family.name != "process_cpu_seconds":
                        shown = merged.setdefault(
                            family.name, Shown(family.name, family.documentation, family.type)
                        )
                        shown.add_sample(family.name, {"worker": str(number)}, family.samples[0].value)
        return merged.values()


def with_histograms(data: MetricsData, telemetry: Telemetry) -> MetricsData:
    """What was read of the instruments, with the histograms beside it in the same scope: all of ours is in one."""
    found = [
        ResourceMetrics(
            each.resource,
            [
                ScopeMetrics(scope.scope, [*telemetry.histograms(), *scope.metrics], scope.schema_url)
                for scope in each.scope_metrics
                if scope.scope.name == NAME
            ],
            each.schema_url,
        )
        for each in data.resource_metrics
    ]
    return MetricsData(found)


def of_family(block: Block, family: Family) -> Iterator[tuple[Labels, Numbers]]:
    """The series of a family in the block of a worker: labels, and numbers."""
    if family in (families.PREDICTIONS, families.LATENCY):
        for route, result, numbers in _predictions(block):
            counted = [sum(numbers[:-1])] if family is families.PREDICTIONS else numbers
            yield {"route": route, "result": result}, counted
        return
    for record in block.of(family.name):
        if len(record.cells) != family.width:
            continue  # a file of another version
        if family.kind == "info":
            if told := bytes(record.cells.cast("B")).rstrip(b"\0"):
                yield msgspec.json.decode(told, type=dict[str, str]), [1.0]
        elif not (isnan(record.cells[0]) or (family is families.DATA_THROUGH and not record.cells[0])):
            yield dict(zip(family.labels, record.labels, strict=True)), record.cells


def exemplars_of(block: Block, family: Family) -> Iterator[Found]:
    """The exemplars of a histogram in the block of a worker, with the labels of their series."""
    if family is families.LATENCY:
        yield from _exemplars_of_predictions(block)
        return
    for record in block.of(families.EXEMPLARS + family.name):
        yield dict(zip(family.labels, record.labels, strict=True)), exemplars.kept(record.cells)


def told(family: Family) -> str:
    """A family's name as Prometheus has it, without what its samples end with."""
    return "_".join([family.name.replace(".", "_"), *(["seconds"] if family.unit else [])])


def result_of(status: int) -> Result:
    """How a request with an answer of this status ended."""
    if status < 400:  # noqa: PLR2004
        return "ok"
    return "invalid" if status < 500 else "error"  # noqa: PLR2004


def _exemplars_of_predictions(block: Block) -> Iterator[Found]:
    found: dict[tuple[str, str], Sequence[Exemplar | None]] = {}
    for labels, those in exemplars_of(block, families.REQUESTS):
        if key := _asked(*labels.values()):
            found[key] = exemplars.latest(found[key], those) if key in found else those
    for (route, result), those in found.items():
        yield {"route": route, "result": result}, those


def _asked(template: str, method: str, status: str) -> tuple[Route, Result] | None:
    """Route and result of a request for predictions; None of another."""
    if template in ROUTES and method in ASKING:
        return ROUTES[template], result_of(int(status))
    return None


def _predictions(block: Block) -> Iterator[tuple[str, str, list[float]]]:
    """Requests for predictions by route and result: sums of those by method and status."""
    found: dict[tuple[str, str], list[float]] = {}
    for record in block.of(families.REQUESTS.name):
        if key := _asked(*record.labels):
            sums = found.setdefault(key, [0.0] * families.LATENCY.width)
            found[key] = [a + b for a, b in zip(sums, record.cells, strict=True)]
    for (route, result), numbers in found.items():
        yield route, result, numbers
