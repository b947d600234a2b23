"""What is measured: each family with its name, labels and meaning, which is what users read.

Names and labels are OpenTelemetry's, where it has a convention: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["counter", "gauge", "histogram", "info"]
"""Gauges and infos are of a worker that lives, counters and histograms outlive it."""

Route: TypeAlias = Literal["predict", "batch", "in_play"]
"""What was asked for: one prediction, those of many fixtures, or that of a match being played."""

Result: TypeAlias = Literal["ok", "invalid", "error"]
"""How a request for predictions ended: answered; refused as the caller's fault; failed as ours."""

RoomOf: TypeAlias = Literal["one", "batch", "read"]
"""What there is room for: single predictions, those of many fixtures, and what reads a season."""

ROUTES: Mapping[str, Route] = MappingProxyType(
    {
        "/api/v1/predict": "predict",
        "/api/v1/predict/batch": "batch",
        "/api/v1/predict/in-play": "in_play",
    }
)
"""The routes of predictions, by template."""

ASKING = frozenset({"GET", "HEAD", "POST"})
"""The methods that ask for a prediction."""

REQUEST_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds."""

MODEL_BOUNDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
"""Seconds; one row takes some 0.0001, a batch of 64 some 0.0005."""

SIZE_BOUNDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Fixtures; up to the largest batch there is."""

INFO_CELLS = 16
"""Room for the labels of an info, as JSON."""


class Family(Struct, frozen=True):
    """A metric; ``bounds`` are the upper ends of a histogram's buckets."""

    name: str
    kind: Kind
    description: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    bounds: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """How many numbers a series is: of a histogram its buckets, and the sum."""
        return {"histogram": len(self.bounds) + 2, "info": INFO_CELLS}.get(self.kind, 1)


REQUESTS = Family(
    "http.server.request.duration",
    "histogram",
    "From a request to its answer, by the template of its route (none where there is no such route); 0.5 ms to 1 s",
    ("http.route", "http.request.method", "http.response.status_code"),
    "s",
    REQUEST_BOUNDS,
)
ACTIVE = Family(
    "http.server.active_requests", "gauge", "Requests that are being answered, as of the last second"
)
ADMITTED = Family(
    "admission_limit",
    "gauge",
    "Work that is admitted at once: fixtures asked for one by one (one) or in batches (batch), and reading (read)",
    ("room",),
)
TAKEN = Family("admission_taken", "gauge", "Of it what is in work, as of the last second", ("room",))
TURNED_AWAY = Family("admission_refused", "counter", "Requests for which there was no room", ("room",))
PREDICTIONS = Family(
    "prediction_requests",
    "counter",
    "Requests for predictions; route is predict, batch or in_play, result is ok, invalid (400 to 499) or error",
    ("route", "result"),
)
LATENCY = Family(
    "prediction_latency",
    "histogram",
    "From a request for predictions to its answer; 0.5 ms to 1 s",
    ("route", "result"),
    "s",
    REQUEST_BOUNDS,
)
LOOKUPS = Family(
    "cache_lookups",
    "counter",
    "Answers looked for, hit or miss: by the bytes of the request (body), by key in the worker's memory, "
    "by key in valkey",
    ("layer", "result"),
)
FAILURES = Family(
    "cache_failures",
    "counter",
    "Failures of the cache, all survived; operation is get or put, reason is timeout, connection, auth, refused, "
    "corrupt, too_large, dropped, open (not tried, because the circuit is open) or other",
    ("operation", "reason"),
)
CIRCUIT = Family("cache_circuit_open", "gauge", "1 while Valkey is left alone because it does not answer")
MODEL_LATENCY = Family(
    "model_latency",
    "histogram",
    "One call of the model, whatever its number of rows; its count is the calls",
    unit="s",
    bounds=MODEL_BOUNDS,
)
MODEL_ROWS = Family("model_rows", "counter", "Fixtures predicted by the model")
BATCH_SIZE = Family("model_batch_size", "histogram", "Fixtures in one call of the model", bounds=SIZE_BOUNDS)
QUEUE = Family("model_queue", "gauge", "Fixtures that wait for the model when a batch of them goes to it")
SWAPS = Family(
    "bundle_swaps", "counter", "Published bundles that a worker took up beside the one that it had"
)
BUNDLE = Family("bundle_info", "info", "1 for the bundle that answers")
DATA_THROUGH = Family(
    "bundle_data_through_timestamp",
    "gauge",
    "Day of the last match that the bundle knows, in Unix time",
    unit="s",
)
SEALED = Family("record_sealed", "gauge", "Predictions sealed before kick-off, by the bundle's record")
SETTLED = Family("record_settled", "gauge", "Sealed predictions whose match was played")
LEAGUE_SETTLED = Family(
    "record_league_settled", "gauge", "Settled predictions of a league that has any", ("league",)
)
LEAGUE_RPS = Family(
    "record_league_rps",
    "gauge",
    "Ranked probability score in a league that has settled predictions, on those that had odds where there are any; "
    "forecast is ours, market or base_rates",
    ("league", "forecast"),
)
ALARM = Family(
    "record_alarm",
    "gauge",
    "Alarms that have fired, by question: calibration or market (leagues of which it has), or drift",
    ("question",),
)
EXEMPLARS = "exemplars of "
"""Before the name of a histogram: the last traced request of each of its buckets, kept beside it and no family."""

CPU = Family("process_cpu", "counter", "CPU time of a worker and of those before it in its place", unit="s")

OF_WORKERS = (
    REQUESTS,
    ACTIVE,
    ADMITTED,
    TAKEN,
    TURNED_AWAY,
    PREDICTIONS,
    LATENCY,
    LOOKUPS,
    FAILURES,
    CIRCUIT,
    MODEL_LATENCY,
    MODEL_ROWS,
    BATCH_SIZE,
    QUEUE,
    SWAPS,
    BUNDLE,
    DATA_THROUGH,
    SEALED,
    SETTLED,
    LEAGUE_SETTLED,
    LEAGUE_RPS,
    ALARM,
    CPU,
)

WANTED = Family("workers_wanted", "gauge", "Workers that there should be, with serve")
LOSSES = Family(
    "worker_losses",
    "counter",
    "Workers that had to be replaced: died, hung (did not react for SABISCORE_WORKER_TIMEOUT) "
    "or late (not ready in 2 minutes)",
    ("reason",),
)
RELOADS = Family(
    "reloads",
    "counter",
    "Reloads of the bundle: ok, refused (the bundle) or failed (a new worker)",
    ("result",),
)
RELOADED = Family(
    "last_reload_successful",
    "gauge",
    "0 while another bundle is served than the one last asked for",
)
REFUSED = Family(
    "bundle_refused",
    "counter",
    "Bundles that were refused, while another one is served; reason is missing, changed (not the bytes that were "
    "sealed), unsigned, format (of another version), older, crashed (what tried it) or contents; the log says more",
    ("reason",),
)
RESTARTS = Family("valkey_restarts", "counter", "Restarts of the embedded Valkey")

OF_THE_SERVICE = (WANTED, LOSSES, RELOADS, RELOADED, REFUSED, RESTARTS)

UP = Family("workers_up", "gauge", "Workers that are there, and measured here")
MISSING = Family("metrics_workers_missing", "gauge", "Workers that should be there and are not")
