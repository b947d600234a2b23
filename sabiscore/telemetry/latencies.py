"""Histograms of seconds, as OpenTelemetry exports them.

Counted here, because a record of an OpenTelemetry instrument takes a tenth of a whole answer that is stored; a reader
hands them over with what the instruments have.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from time import time_ns

from opentelemetry.sdk.metrics.export import AggregationTemporality, Histogram, HistogramDataPoint, Metric


class Latencies:
    """One series of a histogram: ``bounds`` are the upper ends of its buckets, in seconds."""

    def __init__(self, bounds: Sequence[float], **labels: str) -> None:
        self.labels = labels
        self._bounds = bounds
        self._buckets = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._began = time_ns()

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self._buckets)

    def add(self, seconds: float) -> None:
        """Something took so long."""
        self._buckets[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def point(self) -> HistogramDataPoint:
        """All of them until now; the shortest and the longest are not kept."""
        return HistogramDataPoint(
            attributes=self.labels,
            start_time_unix_nano=self._began,
            time_unix_nano=time_ns(),
            count=self.count,
            sum=self._sum,
            bucket_counts=tuple(self._buckets),
            explicit_bounds=self._bounds,
            min=math.nan,
            max=math.nan,
        )


def histogram(name: str, description: str, series: Iterable[Latencies]) -> Metric:
    """The histogram of those series in which there is anything."""
    points = [one.point() for one in series if one.count]
    return Metric(name, description, "s", Histogram(points, AggregationTemporality.CUMULATIVE))
