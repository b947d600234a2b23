"""The chart: requests a second of every contender, a panel a workload."""

from pathlib import Path
from typing import Any

from benchmarks.contenders import BEFORE_THREE, BY_NAME, ONE_WORKER, OURS, THREE_WORKERS, TWO_WORKERS
from benchmarks.results import Run

PANELS = ("hot", "mix", "cold")

LEFT_OUT = (ONE_WORKER, TWO_WORKERS, THREE_WORKERS, BEFORE_THREE)
"""They share a core with the driver, and are there for their CPU a request and their memory."""

OURS_COLOUR, COLOUR = "#1b6e53", "#9aa5ab"
ROW, WIDTH = 0.3, 8.0
"""Inches."""

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sabiscore",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.bottom": False,
    "figure.facecolor": "white",
}


def draw(run: Run, path: Path) -> None:
    """Write it as SVG; the same run gives the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415 - a second to import, and no server here needs it
    from matplotlib.figure import Figure  # noqa: PLC0415

    panels = {name: _bars(run, name) for name in PANELS if name in run.workloads()}
    heights = [len(bars) + 1 for bars in panels.values()]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, ROW * sum(heights) + 0.4), layout="constrained")
        rows = figure.subplots(len(panels), height_ratios=heights, squeeze=False)[:, 0]
        for axes, (name, found) in zip(rows, panels.items(), strict=True):
            colours = [OURS_COLOUR if who == OURS else COLOUR for _, who in found]
            bars = axes.barh([_label(who) for _, who in found], [rate for rate, _ in found], color=colours)
            axes.bar_label(bars, [f"{rate:,.0f}" for rate, _ in found], padding=3)
            axes.set_title(f"{name}: requests a second", loc="left")
            axes.xaxis.set_visible(False)
            axes.tick_params(left=False)
            axes.margins(x=0.12)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _bars(run: Run, workload: str) -> list[tuple[float, str]]:
    """Requests a second and whose, the fewest first."""
    names = [name for name in run.contenders(workload) if name not in LEFT_OUT]
    return sorted((found.rate, name) for name in names if (found := run.of(name, workload)))


def _label(contender: str) -> str:
    return f"{contender} (both cores)" if BY_NAME[contender].both_cores else contender
