"""What we set out to reach, and whether a run reached it."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from benchmarks.contenders import (
    ARTICLE,
    BEFORE,
    BENTOML,
    FASTAPI,
    LITSERVE,
    LOOKUP,
    ONE_WORKER,
    OURS,
    RAY,
    THREE_WORKERS,
    TWO_WORKERS,
)
from benchmarks.results import Measure, Run

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


def _times(workload: str, rival: str, figure: Callable[[Measure], float]) -> Figure:
    """How many times the rival's figure ours is."""

    def times(run: Run) -> float | None:
        ours, theirs = run.of(OURS, workload), run.beside(rival, workload)
        return None if ours is None or theirs is None else figure(ours) / figure(theirs)

    return times


def _second_worker(run: Run) -> float | None:
    two, one = run.of(TWO_WORKERS, "hot"), run.of(ONE_WORKER, "hot")
    return None if two is None or one is None else two.cpu / one.cpu


def _further_worker(run: Run) -> float | None:
    found = run.of(THREE_WORKERS, "cold")
    return None if found is None else found.private / MEGABYTE


def _faster(workload: str, *bounds: tuple[str, float], unit: str = "requests/s") -> list[Target]:
    """To answer so many times as much a second as each rival does."""
    return [
        Target(
            workload,
            f"{unit} against {rival}",
            _times(workload, rival, lambda one: one.rate),
            bound,
            at_least=True,
            form="{:.2f}x",
        )
        for rival, bound in bounds
    ]


def _most(workload: str, what: str, figure: Figure, bound: float, form: str) -> Target:
    return Target(workload, what, figure, bound, at_least=False, form=form)


PACED = "paced cold 1000"

TARGETS: Sequence[Target] = (
    *_faster("hot", (LOOKUP, 0.90), (ARTICLE, 4.3)),
    *_faster("hot get", (ARTICLE, 6.5)),
    *_faster("mix", (ARTICLE, 2.8)),
    *_faster("cold", (FASTAPI, 2.8), (LITSERVE, 5.5), (BENTOML, 8.0), (RAY, 18.0)),
    *_faster("batch", (BEFORE, 1.6), unit="fixtures/s"),
    _most(PACED, f"p99 against {BEFORE}'s", _times(PACED, BEFORE, lambda one: one.p99), 0.5, "{:.2f}x"),
    _most("", "start to ready", lambda run: run.start_seconds(OURS), 1.3, "{:.2f} s"),
    _most("cold", "private memory of each of three workers", _further_worker, 65.0, "{:.0f} MB"),
    _most("hot", "CPU a request of two workers against one's", _second_worker, 1.1, "{:.2f}x"),
)


def judged(run: Run) -> list[Outcome]:
    """All of them."""
    return [judge(run, target) for target in TARGETS]


def ratio(of: Measure | None, to: Measure | None) -> str:
    """Requests a second of one to those of another, in words."""
    return "" if of is None or to is None else f"{of.rate / to.rate:.2f}"
