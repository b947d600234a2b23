"""What was measured, raw and in medians."""

import statistics
from collections.abc import Iterable, Sequence

from msgspec import Struct

from benchmarks import workloads


class Measure(Struct, frozen=True, kw_only=True):
    """A contender in a workload, in one round.

    ``rate`` is requests a second; percentiles are milliseconds; ``cpu`` is microseconds of user and system
    time of all its processes, a request; ``memory`` is bytes resident, ``private`` what one of its workers alone
    has of them; ``driver_busy`` is the share of the driver's core that was used, ``hit_rate`` the share of fixtures
    answered without the model.
    """

    contender: str
    workload: str
    round: int
    requests: int
    rate: float
    p50: float
    p95: float
    p99: float
    cpu: float
    memory: int
    private: int
    driver_busy: float
    looked_at: int
    hit_rate: float | None = None


class Start(Struct, frozen=True):
    """Seconds from the start of a process until it was ready."""

    contender: str
    round: int
    seconds: float


class Missing(Struct, frozen=True):
    """A contender that could not take part, and why."""

    contender: str
    reason: str


class Run(Struct, frozen=True):
    """All of a run. ``machine`` and ``versions`` are names and what they are."""

    date: str
    seconds: float
    rounds: int
    whole: bool
    machine: dict[str, str]
    versions: dict[str, str]
    measures: list[Measure]
    starts: list[Start]
    missing: list[Missing]

    def of(self, contender: str, workload: str) -> Measure | None:
        """The medians over the rounds."""
        found = [m for m in self.measures if (m.contender, m.workload) == (contender, workload)]
        return _medians(found) if found else None

    def beside(self, contender: str, workload: str) -> Measure | None:
        """Its medians in a workload, or in the twin of one that it cannot do."""
        return self.of(contender, workload) or self.of(contender, workloads.BY_NAME[workload].twin)

    def contenders(self, workload: str) -> list[str]:
        """Who was measured in a workload, in order of appearance."""
        return _unique(m.contender for m in self.measures if m.workload == workload)

    def workloads(self) -> list[str]:
        """What was measured, in order of appearance."""
        return _unique(m.workload for m in self.measures)

    def start_seconds(self, contender: str) -> float | None:
        """The median start."""
        found = [start.seconds for start in self.starts if start.contender == contender]
        return statistics.median(found) if found else None


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _medians(rounds: Sequence[Measure]) -> Measure:
    def median(field: str) -> float:
        found: float = statistics.median(getattr(each, field) for each in rounds)
        return found

    first = rounds[0]
    return Measure(
        contender=first.contender,
        workload=first.workload,
        round=0,
        requests=sum(each.requests for each in rounds),
        rate=median("rate"),
        p50=median("p50"),
        p95=median("p95"),
        p99=median("p99"),
        cpu=median("cpu"),
        memory=round(median("memory")),
        private=round(median("private")),
        driver_busy=median("driver_busy"),
        looked_at=sum(each.looked_at for each in rounds),
        hit_rate=None if first.hit_rate is None else median("hit_rate"),
    )
