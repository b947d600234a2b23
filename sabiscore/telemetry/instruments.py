"""What a worker measures with: numbers in its block of memory, added to in place.

Not OpenTelemetry's own instruments: a record of one of these takes a tenth of a whole answer that is stored.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from math import nan
from threading import Lock
from typing import NamedTuple, get_args

import msgspec
from opentelemetry.trace import SpanContext

from sabiscore.cache.protocol import Layer
from sabiscore.clock import CLOCK
from sabiscore.stages import Batch, Stages
from sabiscore.telemetry import exemplars, families
from sabiscore.telemetry.exemplars import Exemplar
from sabiscore.telemetry.families import Family, RoomOf
from sabiscore.telemetry.memory import CELL, Block, Cells

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
"""Any other is ``_OTHER``, as OpenTelemetry has it."""


class Series:
    """A series of this worker; ``cells`` are its numbers, wherever they are kept."""

    __slots__ = ("_bounds", "cells", "family", "labels")

    def __init__(self, family: Family, labels: tuple[str, ...], block: Block) -> None:
        self.family = family
        self.labels = labels
        self._bounds = family.bounds
        self.cells: Cells = memoryview(bytearray(CELL * family.width)).cast("d")
        self.keep_in(block)

    def keep_in(self, block: Block) -> None:
        """Go on from what is there, but for what is true of a worker that lives only."""
        now, self.cells = self.cells, block.cells(self.family.name, self.labels, self.family.width)
        if self.family.kind in {"gauge", "info"}:
            self.cells[:] = now

    def add(self, n: float = 1) -> None:
        """Count."""
        self.cells[0] += n

    def set(self, value: float) -> None:
        """It is so much now."""
        self.cells[0] = value

    def record(self, value: float) -> None:
        """Count into a histogram."""
        cells = self.cells
        cells[bisect_left(self._bounds, value)] += 1
        cells[-1] += value

    def keep(self, block: Block, value: float, span: SpanContext) -> None:
        """Have a traced ``value`` be the exemplar of its bucket."""
        name, buckets = families.EXEMPLARS + self.family.name, len(self._bounds) + 1
        exemplar = Exemplar(CLOCK.unix(), value, span.trace_id, span.span_id)
        cells = block.cells(name, self.labels, buckets * exemplars.WIDTH)
        exemplars.keep(cells, bisect_left(self._bounds, value), exemplar)

    def tell(self, text: bytes) -> None:
        """What the labels of an info are."""
        self.cells.cast("B")[:] = text.ljust(CELL * self.family.width, b"\0")


class Admission(NamedTuple):
    """How much is admitted, and what was refused."""

    limit: Series
    refused: Series


class Instruments:
    """The instruments of one worker; structurally a cache's hook, too."""

    def __init__(self) -> None:
        self._block = Block()
        self._series: dict[tuple[str, ...], Series] = {}
        self._requests: dict[tuple[str, str, int], Series] = {}
        self.on_batch: Callable[[Sequence[Stages], Batch], None] | None = None
        self.active = 0
        self._sampled: list[tuple[Series, Callable[[], float]]] = []
        self.sampled(families.ACTIVE, lambda: self.active)
        self.admission: dict[RoomOf, Admission] = {
            room: Admission(self._of(families.ADMITTED, room), self._of(families.TURNED_AWAY, room))
            for room in get_args(RoomOf)
        }
        self.hits: dict[Layer, Series] = {}
        self.misses: dict[Layer, Series] = {}
        for layer in get_args(Layer):
            self.hits[layer] = self._of(families.LOOKUPS, layer, "hit")
            self.misses[layer] = self._of(families.LOOKUPS, layer, "miss")
        self._circuit = self._of(families.CIRCUIT)
        self._calls = Lock()
        self._model = self._of(families.MODEL_LATENCY)
        self._rows = self._of(families.MODEL_ROWS)
        self._sizes = self._of(families.BATCH_SIZE)
        self._queue = self._of(families.QUEUE)
        self._swaps = self._of(families.SWAPS)
        self._bundle = self._of(families.BUNDLE)
        self._through = self._of(families.DATA_THROUGH)
        self.cpu = self._of(families.CPU)

    @property
    def block(self) -> Block:
        """Where all is kept."""
        return self._block

    def keep_in(self, block: Block) -> None:
        """From now on keep all there, and go on from what a predecessor counted."""
        self._block = block
        for series in self._series.values():
            series.keep_in(block)

    def sampled(self, family: Family, value: Callable[[], float], *labels: str) -> None:
        """Have a gauge tell what ``value`` is whenever there is a `sample`: what changes all the time costs nothing."""
        self._sampled.append((self._of(family, *labels), value))

    def sample(self) -> None:
        """Tell what is sampled, for all who read the block."""
        for series, value in self._sampled:
            series.set(value())

    def request(
        self, route: str, method: str, status: int, seconds: float, span: SpanContext | None = None
    ) -> None:
        """A request was answered, and perhaps traced; ``route`` is a template, or empty where there is none."""
        series = self._requests.get((route, method, status)) or self._answered(route, method, status)
        series.record(seconds)
        if span is not None:
            series.keep(self._block, seconds, span)

    def model_called(self, *, rows: int, seconds: float) -> None:
        """The model predicted ``rows`` rows in one call, in whatever thread."""
        with self._calls:
            self._rows.add(rows)
            self._sizes.record(rows)
            self._model.record(seconds)

    def waiting(self, fixtures: int) -> None:
        """So many wait for the model beside those that it gets now."""
        self._queue.set(fixtures)

    def batched(self, requests: Sequence[Stages], batch: Batch) -> None:
        """A batch was made for requests that are watched."""
        if self.on_batch:
            self.on_batch(requests, batch)

    def bundle_loaded(self, *, version: str, data_through: date) -> None:
        """From now on this bundle answers; the one before is no longer shown."""
        self._bundle.tell(msgspec.json.encode({"version": version, "data_through": data_through}))
        self._through.set(datetime.combine(data_through, time(), UTC).timestamp())

    def record_loaded(self, *, sealed: float, settled: float, alarms: Mapping[str, float]) -> None:
        """What the record of the bundle says; ``alarms`` are how many have fired, by question.

        NaN is not shown: where there is no record.
        """
        self._of(families.SEALED).set(sealed)
        self._of(families.SETTLED).set(settled)
        for question, fired in alarms.items():
            self._of(families.ALARM, question).set(fired)

    def leagues_loaded(self, *, settled: Mapping[str, float], rps: Mapping[tuple[str, ...], float]) -> None:
        """What the record says of each league, and of each league and forecast; others are no longer shown."""
        self._set_all(families.LEAGUE_SETTLED, {(league,): number for league, number in settled.items()})
        self._set_all(families.LEAGUE_RPS, rps)

    def _set_all(self, family: Family, values: Mapping[tuple[str, ...], float]) -> None:
        """Have the series with these labels say so, and no other of the family say anything."""
        for record in self._block.of(family.name):
            record.cells[0] = values.get(record.labels, nan)
        for labels, number in values.items():
            self._of(family, *labels).set(number)

    def swapped(self) -> None:
        """A published bundle was taken up."""
        self._swaps.add()

    def looked_up(self, *, layer: Layer, hits: int, misses: int) -> None:
        """A layer of the cache was asked."""
        self.hits[layer].add(hits)
        self.misses[layer].add(misses)

    def failed(self, *, operation: str, reason: str) -> None:
        """The cache failed, and the request went on without it."""
        self._of(families.FAILURES, operation, reason).add()

    def circuit(self, *, is_open: bool) -> None:
        """Valkey is left alone from now on, or asked again."""
        self._circuit.set(is_open)

    def _answered(self, route: str, method: str, status: int) -> Series:
        series = self._of(families.REQUESTS, route, method if method in METHODS else "_OTHER", str(status))
        if method in METHODS:  # of others there is no end
            self._requests[route, method, status] = series
        return series

    def _of(self, family: Family, *labels: str) -> Series:
        key = family.name, *labels
        if key not in self._series:
            self._series[key] = Series(family, labels, self._block)
        return self._series[key]
