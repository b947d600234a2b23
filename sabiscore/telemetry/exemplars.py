"""Exemplars: of each bucket of a histogram the last traced request, so that a slow one can be looked at.

https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#exemplars. They are kept beside the
counts, in the memory that workers share, and only for series that had a traced request.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct
from opentelemetry.sdk.metrics import Exemplar as Sent
from prometheus_client import Metric as Shown
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar as Told
from prometheus_client.samples import Sample

from sabiscore.telemetry.memory import CELL, Cells

SLOT = struct.Struct("=16s8sdd")
"""Trace, span, value, Unix time; a time of 0 is that of none."""

WIDTH = SLOT.size // CELL
"""Cells of one."""

NANO = 1_000_000_000


class Exemplar(Struct, frozen=True, order=True):
    """A request of which there is a trace; the later the greater."""

    time: float
    value: float
    trace_id: int
    span_id: int

    def sent(self) -> Sent:
        """As OpenTelemetry has it."""
        return Sent({}, self.value, int(self.time * NANO), self.span_id, self.trace_id)

    def told(self) -> Told:
        """As OpenMetrics has it."""
        ids = {"trace_id": f"{self.trace_id:032x}", "span_id": f"{self.span_id:016x}"}
        return Told(ids, self.value, round(self.time, 3))


def keep(cells: Cells, bucket: int, exemplar: Exemplar) -> None:
    """Have it be that of a bucket; whoever reads meanwhile finds none."""
    view, start = cells.cast("B"), bucket * SLOT.size
    trace, span = exemplar.trace_id.to_bytes(16, "big"), exemplar.span_id.to_bytes(8, "big")
    SLOT.pack_into(view, start, trace, span, exemplar.value, 0.0)
    cells[(bucket + 1) * WIDTH - 1] = exemplar.time


def kept(cells: Cells) -> list[Exemplar | None]:
    """Those of all buckets."""
    return [
        Exemplar(time, value, int.from_bytes(trace, "big"), int.from_bytes(span, "big")) if time else None
        for trace, span, value, time in SLOT.iter_unpack(bytes(cells.cast("B")))
    ]


def latest(some: Sequence[Exemplar | None], others: Sequence[Exemplar | None]) -> list[Exemplar | None]:
    """Of each bucket the later one."""
    return [max(filter(None, pair), default=None) for pair in zip(some, others, strict=True)]


Found: TypeAlias = tuple[dict[str, str], Sequence[Exemplar | None]]
"""Labels of a series, and the exemplars of its buckets."""


class WithExemplars(Collector):
    """What another collector has, with exemplars at the buckets of histograms."""

    def __init__(self, collector: Collector, found: Callable[[str], Iterable[Found]]) -> None:
        """``found`` are those of a family, by its name as Prometheus has it."""
        self._collector = collector
        self._found = found

    def collect(self) -> Iterator[Shown]:
        """All families."""
        for family in self._collector.collect():
            if family.type == "histogram":
                family.samples = list(_told(family, self._found(family.name)))
            yield family


def _told(family: Shown, found: Iterable[Found]) -> Iterator[Sample]:
    left = {_key(labels): iter(exemplars) for labels, exemplars in found}
    for sample in family.samples:
        exemplar = None
        if sample.name.endswith("_bucket"):
            key = _key({name: value for name, value in sample.labels.items() if name != "le"})
            exemplar = next(left.get(key, iter(())), None)
        yield sample._replace(exemplar=exemplar.told()) if exemplar else sample


def _key(labels: dict[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())
