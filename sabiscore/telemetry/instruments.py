"""What is measured, each with its name, labels and meaning.

Counts are plain integers that observable instruments read when somebody scrapes; latencies are counted by bucket.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Literal, TypeAlias, get_args

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.metrics.export import Metric

from sabiscore.cache.protocol import Layer
from sabiscore.telemetry.latencies import Latencies, histogram

Route: TypeAlias = Literal["predict", "batch", "in_play"]
"""What was asked for: one prediction, those of many fixtures, or that of a match being played."""

Result: TypeAlias = Literal["ok", "invalid", "error"]
"""How a request for predictions ended: answered; refused as the caller's fault; failed as ours."""

REQUEST_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds."""

MODEL_BOUNDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
"""Seconds; one row takes some 0.0001, a batch of 256 some 0.001."""

REQUEST_LATENCY = "From a request for predictions to its answer; 0.5 ms to 1 s"
MODEL_LATENCY = "One call of the model, whatever its number of rows; its count is the calls"
REQUESTS = "Requests for predictions; route is predict, batch or in_play, result is ok, invalid (400 to 499) or error"
LOOKUPS = (
    "Answers looked for, hit or miss: by the bytes of the request (body), by key in the worker's memory, "
    "by key in valkey"
)
FAILURES = (
    "Failures of the cache, all survived; operation is get or put, reason is timeout, connection, auth, refused, "
    "corrupt, too_large, dropped, open (not tried, because the circuit is open) or other"
)

Labels: TypeAlias = tuple[str, ...]


class Lookups:
    """How often a layer of the cache was asked for something, and had it or not."""

    __slots__ = ("hits", "misses")

    def __init__(self) -> None:
        self.hits = self.misses = 0


class Instruments:
    """The instruments of one worker; structurally a cache's hook, too. Descriptions are what users read."""

    def __init__(self, meter: Meter) -> None:
        self._model_latencies = Latencies(MODEL_BOUNDS)
        self._request_latencies: dict[tuple[Route, Result], Latencies] = {}
        self._observe_requests(meter)
        self.lookups: dict[Layer, Lookups] = {layer: Lookups() for layer in get_args(Layer)}
        self._observe_lookups(meter)
        self._failures = _counts(meter, "cache_failures", FAILURES, ("operation", "reason"))
        self._rows = _counts(meter, "model_rows", "Fixtures predicted by the model", ())
        self._rows[()] = 0
        self._circuit_open = False
        meter.create_observable_gauge(
            "cache_circuit_open",
            [lambda _: [Observation(int(self._circuit_open))]],
            description="1 while Valkey is left alone because it does not answer",
        )
        self._bundle: tuple[str, date] | None = None
        self._observe_bundle(meter)

    def request(self, *, route: Route, result: Result, seconds: float) -> None:
        """A request for predictions was answered."""
        latencies = self._request_latencies.get((route, result))
        if latencies is None:
            latencies = Latencies(REQUEST_BOUNDS, route=route, result=result)
            self._request_latencies[route, result] = latencies
        latencies.add(seconds)

    def model_called(self, *, rows: int, seconds: float) -> None:
        """The model predicted ``rows`` rows in one call."""
        self._rows[()] += rows
        self._model_latencies.add(seconds)

    def bundle_loaded(self, *, version: str, data_through: date) -> None:
        """From now on this bundle answers; the one before is no longer shown."""
        self._bundle = (version, data_through)

    def looked_up(self, *, layer: Layer, hits: int, misses: int) -> None:
        """A layer of the cache was asked."""
        found = self.lookups[layer]
        found.hits += hits
        found.misses += misses

    def failed(self, *, operation: str, reason: str) -> None:
        """The cache failed, and the request went on without it."""
        self._failures[operation, reason] += 1

    def circuit(self, *, is_open: bool) -> None:
        """Valkey is left alone from now on, or asked again."""
        self._circuit_open = is_open

    def histograms(self) -> list[Metric]:
        """What no instrument has: latencies, where there are any."""
        both = (
            histogram("prediction_latency", REQUEST_LATENCY, self._request_latencies.values()),
            histogram("model_latency", MODEL_LATENCY, [self._model_latencies]),
        )
        return [each for each in both if each.data.data_points]

    def _observe_requests(self, meter: Meter) -> None:
        def requests(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(each.count, each.labels) for each in self._request_latencies.values()]

        meter.create_observable_counter("prediction_requests", [requests], description=REQUESTS)

    def _observe_lookups(self, meter: Meter) -> None:
        def lookups(_: CallbackOptions) -> Iterable[Observation]:
            for layer, found in self.lookups.items():
                yield Observation(found.hits, {"layer": layer, "result": "hit"})
                yield Observation(found.misses, {"layer": layer, "result": "miss"})

        meter.create_observable_counter("cache_lookups", [lookups], description=LOOKUPS)

    def _observe_bundle(self, meter: Meter) -> None:
        def info(_: CallbackOptions) -> Iterable[Observation]:
            if self._bundle:
                version, data_through = self._bundle
                yield Observation(1, {"version": version, "data_through": data_through.isoformat()})

        def watermark(_: CallbackOptions) -> Iterable[Observation]:
            if self._bundle:
                yield Observation(datetime.combine(self._bundle[1], time(), UTC).timestamp())

        meter.create_observable_gauge("bundle_info", [info], description="1 for the bundle that answers")
        meter.create_observable_gauge(
            "bundle_data_through_timestamp",
            [watermark],
            unit="s",
            description="Day of the last match that the bundle knows, in Unix time",
        )


def _counts(meter: Meter, name: str, description: str, labels: Labels) -> Counter[Labels]:
    """A counter to add to by label values, read at each scrape."""
    counts: Counter[Labels] = Counter()

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(n, dict(zip(labels, values, strict=True))) for values, n in counts.items()]

    meter.create_observable_counter(name, [observe], description=description)
    return counts
