"""What is measured, each with its name, labels and meaning.

Only latencies go through an OpenTelemetry instrument on the request's way (some 10 us each). Counts are
plain integers that observable instruments read when somebody scrapes.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Literal, TypeAlias

from opentelemetry.metrics import CallbackOptions, Meter, Observation

Route: TypeAlias = Literal["predict", "batch"]
"""What was asked for: one prediction, or those of many fixtures."""

Result: TypeAlias = Literal["ok", "invalid", "error"]
"""How a request for predictions ended: answered; refused as the caller's fault; failed as ours."""

REQUEST_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds."""

MODEL_BOUNDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
"""Seconds; one row takes some 0.0001, a batch of 256 some 0.001."""

Labels: TypeAlias = tuple[str, ...]


class Instruments:
    """The instruments of one worker; structurally a cache's hook, too.

    - ``prediction_requests_total{route, result}``: requests for predictions, see `Route` and `Result`.
    - ``prediction_latency_seconds{route, result}``: histogram, from the request to its answer.
    - ``cache_lookups_total{result}``: keys looked up, ``hit`` or ``miss``.
    - ``cache_failures_total{operation, reason}``: failures of the cache, all survived.
    - ``model_latency_seconds``: histogram, one call of the model.
    - ``model_rows_total``: rows predicted (the calls are the histogram's count).
    - ``bundle_info{version, data_through}``: 1 for the bundle that answers.
    - ``bundle_data_through_timestamp_seconds``: the last match day it knows, in Unix time.
    """

    def __init__(self, meter: Meter) -> None:
        self._latency = meter.create_histogram(
            "prediction_latency",
            unit="s",
            description="From a request for predictions to its answer",
            explicit_bucket_boundaries_advisory=REQUEST_BOUNDS,
        )
        self._model_latency = meter.create_histogram(
            "model_latency",
            unit="s",
            description="One call of the model, whatever its number of rows",
            explicit_bucket_boundaries_advisory=MODEL_BOUNDS,
        )
        self._requests = _counts(
            meter, "prediction_requests", "Requests for predictions", ("route", "result")
        )
        self._lookups = _counts(meter, "cache_lookups", "Keys looked up in the cache", ("result",))
        self._lookups.update({("hit",): 0, ("miss",): 0})
        self._failures = _counts(
            meter, "cache_failures", "Failures of the cache, all survived", ("operation", "reason")
        )
        self._rows = _counts(meter, "model_rows", "Rows predicted by the model", ())
        self._rows[()] = 0
        self._bundle: tuple[str, date] | None = None
        self._observe_bundle(meter)

    def request(self, *, route: Route, result: Result, seconds: float) -> None:
        """A request for predictions was answered."""
        self._requests[route, result] += 1
        self._latency.record(seconds, {"route": route, "result": result})

    def model_called(self, *, rows: int, seconds: float) -> None:
        """The model predicted ``rows`` rows in one call."""
        self._rows[()] += rows
        self._model_latency.record(seconds)

    def bundle_loaded(self, *, version: str, data_through: date) -> None:
        """From now on this bundle answers; the one before is no longer shown."""
        self._bundle = (version, data_through)

    def looked_up(self, *, hits: int, misses: int) -> None:
        """The cache answered a look-up."""
        self._lookups["hit",] += hits
        self._lookups["miss",] += misses

    def failed(self, *, operation: str, reason: str) -> None:
        """The cache failed, and the request went on without it."""
        self._failures[operation, reason] += 1

    def _observe_bundle(self, meter: Meter) -> None:
        def info(_: CallbackOptions) -> Iterable[Observation]:
            if self._bundle:
                version, data_through = self._bundle
                yield Observation(1, {"version": version, "data_through": data_through.isoformat()})

        def watermark(_: CallbackOptions) -> Iterable[Observation]:
            if self._bundle:
                yield Observation(datetime.combine(self._bundle[1], time(), UTC).timestamp())

        meter.create_observable_gauge("bundle_info", [info], description="The bundle that answers")
        meter.create_observable_gauge(
            "bundle_data_through_timestamp",
            [watermark],
            unit="s",
            description="Day of the last match that the bundle knows",
        )


def _counts(meter: Meter, name: str, description: str, labels: Labels) -> Counter[Labels]:
    """A counter to add to by label values, read at each scrape."""
    counts: Counter[Labels] = Counter()

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(n, dict(zip(labels, values, strict=True))) for values, n in counts.items()]

    meter.create_observable_counter(name, [observe], description=description)
    return counts
