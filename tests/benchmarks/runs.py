"""A run that nobody had to wait for."""

from benchmarks import contenders
from benchmarks.results import Measure, Missing, Run, Start


def measured(
    contender: str,
    workload: str,
    *,
    number: int = 1,
    rate: float = 1000.0,
    cpu: float = 100.0,
    p99: float = 1.9,
    private: int = 60_000_000,
) -> Measure:
    return Measure(
        contender=contender,
        workload=workload,
        round=number,
        requests=1000,
        rate=rate,
        p50=1.0,
        p95=1.5,
        p99=p99,
        cpu=cpu,
        memory=200_000_000,
        private=private,
        driver_busy=0.3,
        looked_at=20,
    )


def invented(*measures: Measure, missing: dict[str, str] | None = None) -> Run:
    """A run of these measures, or else of every contender in all its workloads, all alike."""
    everyone = [
        measured(each.name, workload, number=number)
        for number in (1, 2, 3)
        for each in contenders.ALL
        for workload in each.workloads
    ]
    return Run(
        date="2026-01-01",
        seconds=4,
        rounds=3,
        whole=True,
        machine={"processor": "one"},
        versions={"granian": "2"},
        measures=list(measures) or everyone,
        starts=[Start("ours", number, 2.0 + number / 10) for number in (1, 2, 3)],
        missing=[Missing(name, why) for name, why in (missing or {}).items()],
    )
