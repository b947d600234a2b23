"""What we set out to reach, and whether a run reached it."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from benchmarks.contenders import (
    ARTICLE,
    BENTOML,
    FASTAPI,
    LITSERVE,
    LOOKUP,
    ONE_WORKER,
    OURS,
    RAY,
    TWO_WORKERS,
)
from benchmarks.results import Measure, Run
from benchmarks.workloads import BATCH

MEGABYTE = 1_000_000

Figure = Callable[[Run], float | None]


class Target(Struct, frozen=True):
    """A figure of a run that is to be ``bound`` at least, or at most. ``form`` is how it is written."""

    workload: str
    what: str
    figure: Figure
    bound: float
    at_least: bool
    form: str


class Outcome(Struct, frozen=True):
    """A target beside what was found, in words; ``reached`` is None where it was not measured.

    ``off`` is the distance between the two, as a share of the target.
    """

    workload: str
    what: str
    wanted: str
    found: str
    reached: bool | None
    off: float = 0.0

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.reached is None:
            return "not measured"
        return "reached" if self.reached else f"**missed** by {self.off:.0%}"


def judge(run: Run, target: Target) -> Outcome:
    """What came of a target."""
    found = target.figure(run)
    wanted = f"at {'least' if target.at_least else 'most'} {target.form.format(target.bound)}"
    if found is None:
        return Outcome(target.workload, target.what, wanted, "", reached=None)
    reached = found >= target.bound if target.at_least else found <= target.bound
    off = abs(found / target.bound - 1.0)
    return Outcome(target.workload, target.what, wanted, target.form.format(found), reached=reached, off=off)


def _times(workload: str, rival: str) -> Figure:
    """How many times the rival's requests a second ours are."""

    def figure(run: Run) -> float | None:
        ours, theirs = run.of(OURS, workload), run.of(rival, workload)
        return None if ours is None or theirs is None else ours.rate / theirs.rate

    return figure


def _batch(run: Run) -> float | None:
    batch, cold = run.of(OURS, "batch"), run.of(OURS, "cold")
    return None if batch is None or cold is None else BATCH * batch.rate / cold.rate


def _p99(workload: str) -> Figure:
    def figure(run: Run) -> float | None:
        ours = run.of(OURS, workload)
        return None if ours is None else ours.p99

    return figure


def _second_worker(workload: str) -> Figure:
    def figure(run: Run) -> float | None:
        two, one = run.of(TWO_WORKERS, workload), run.of(ONE_WORKER, workload)
        return None if two is None or one is None else two.cpu / one.cpu

    return figure


def _memory(run: Run) -> float | None:
    found = run.worker_memory(OURS)
    return None if found is None else found / MEGABYTE


def _rivals(workload: str, *bounds: tuple[str, float]) -> list[Target]:
    return [
        Target(
            workload,
            f"requests/s against {rival}",
            _times(workload, rival),
            bound,
            at_least=True,
            form="{:.2f}x",
        )
        for rival, bound in bounds
    ]


TARGETS: Sequence[Target] = (
    *_rivals("hot", (ARTICLE, 8.0), (LOOKUP, 0.70)),
    *_rivals("mix", (ARTICLE, 5.0)),
    *_rivals("cold", (FASTAPI, 2.5), (LITSERVE, 9.0), (BENTOML, 15.0), (RAY, 30.0)),
    Target("batch", "fixtures/s against our own cold requests/s", _batch, 8.0, at_least=True, form="{:.2f}x"),
    Target("paced hot", "p99", _p99("paced hot"), 2.0, at_least=False, form="{:.2f} ms"),
    Target("paced cold", "p99", _p99("paced cold"), 6.0, at_least=False, form="{:.2f} ms"),
    Target(
        "hot",
        "CPU a request of two workers against one's",
        _second_worker("hot"),
        1.1,
        at_least=False,
        form="{:.2f}x",
    ),
    Target(
        "cold",
        "CPU a request of two workers against one's",
        _second_worker("cold"),
        1.1,
        at_least=False,
        form="{:.2f}x",
    ),
    Target("", "start to ready", lambda run: run.start_seconds(OURS), 3.0, at_least=False, form="{:.2f} s"),
    Target("", "resident memory of a worker", _memory, 230.0, at_least=False, form="{:.0f} MB"),
)


def judged(run: Run) -> list[Outcome]:
    """All of them."""
    return [judge(run, target) for target in TARGETS]


def ratio(of: Measure | None, to: Measure | None) -> str:
    """Requests a second of one to those of another, in words."""
    return "" if of is None or to is None else f"{of.rate / to.rate:.2f}"
