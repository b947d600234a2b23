"""The backtest's pictures, drawn by matplotlib as SVG that goes into a page and takes its colours."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from sabiscore.evaluation.backtest import ALL, Backtest
from sabiscore.evaluation.betting import Curve
from sabiscore.evaluation.optional import need
from sabiscore.evaluation.parts import Part
from sabiscore.evaluation.rivals import BASE_RATES, DIXON_COLES, MARKET, MARKET_CLOSING
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.evaluation.tables import FEWEST
from sabiscore.scoring.bootstrap import LEVEL
from sabiscore.scoring.reliability import Bin, calibration_error

INK, RULE = "#010101", "#010102"
COLOURS = {
    OURS: "#010103",
    WITH_ODDS: "#010104",
    MARKET: "#010105",
    DIXON_COLES: "#010106",
    BASE_RATES: "#010107",
    MARKET_CLOSING: "#010105",
}
"""Stand-ins: the page has a variable for each, so that one picture reads in light and in dark."""

VARIABLES = {
    INK: "ink",
    RULE: "rule",
    COLOURS[OURS]: "ours",
    COLOURS[WITH_ODDS]: "with-odds",
    COLOURS[MARKET]: "market",
    COLOURS[DIXON_COLES]: "dixon-coles",
    COLOURS[BASE_RATES]: "base-rates",
}

MARKERS = {OURS: "o", WITH_ODDS: "D", MARKET: "s", DIXON_COLES: "^", BASE_RATES: "x", MARKET_CLOSING: "s"}
"""Colour is not all that tells the lines apart."""

SQUARE, WIDE = (3.6, 3.6), (4.6, 3.0)
"""Inches; on the page a picture is as wide as its place."""

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sabiscore",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}

Draw = Callable[[Any], None]
"""Draws on a matplotlib Axes."""


class Figure(Struct, frozen=True):
    """A picture: ``alt`` says in words what it shows, ``svg`` has no identifier that another picture has."""

    title: str
    alt: str
    svg: str
    wide: bool


def figures(found: Backtest) -> list[Figure]:
    """All pictures of a backtest.

    Raises:
        SabiScoreError: matplotlib is not installed.
    """
    return [
        *(_outcome(found, outcome) for outcome in found.outcome_reliability[OURS]),
        *(_market(found, market) for market in found.market_reliability),
        _months(found),
        _leagues(found),
        _confidence(found),
        *(_profit(found, name) for name in (OURS, WITH_ODDS)),
    ]


def _outcome(found: Backtest, outcome: str) -> Figure:
    lines = {name: bins[outcome] for name, bins in found.outcome_reliability.items() if name != DIXON_COLES}
    return _reliability(f"{outcome.capitalize()}: said and happened", lines)


def _market(found: Backtest, market: str) -> Figure:
    lines = {
        name: bins
        for name, bins in found.market_reliability[market].items()
        if name in (OURS, MARKET, DIXON_COLES)
    }
    return _reliability(f"{market.capitalize()}: said and happened", lines)


def _reliability(title: str, lines: Mapping[str, Sequence[Bin]]) -> Figure:
    drawn = {name: [each for each in bins if each.n >= FEWEST] for name, bins in lines.items()}
    ends = [max(each.said, each.happened) for bins in drawn.values() for each in bins]

    def draw(axes: Any) -> None:  # noqa: ANN401 - matplotlib's Axes
        axes.plot((0, 1), (0, 1), color=INK, linewidth=0.8, linestyle=(0, (3, 3)))
        for name, bins in drawn.items():
            axes.plot([each.said for each in bins], [each.happened for each in bins], **_look(name))
        limits = (0.0, min(1.0, 1.05 * max(ends, default=1.0)))
        axes.set(xlim=limits, ylim=limits, xlabel="probability said", ylabel="how often it happened")
        axes.set_box_aspect(1)
        axes.legend(loc="upper left")

    off = ", ".join(f"{name} {100 * calibration_error(bins):.1f} points" for name, bins in lines.items())
    alt = f"{title}. On the diagonal what is said happens as often as said; mean distance from it: {off}."
    return Figure(title, alt, _svg(title, SQUARE, draw), wide=False)


def _months(found: Backtest) -> Figure:
    title, shown = "RPS by month", (DIXON_COLES, OURS, MARKET)
    months = [part for part in found.months if part.n >= FEWEST]

    def draw(axes: Any) -> None:  # noqa: ANN401 - matplotlib's Axes
        places = range(len(months))
        for name in shown:
            axes.plot(places, [part.rps.get(name, float("nan")) for part in months], **_look(name))
        step = 1 + len(months) // 12
        axes.set_xticks(places[::step], [part.name for part in months][::step], rotation=45, ha="right")
        axes.set(ylabel="RPS (lower is better)")
        axes.legend(loc="best")

    return Figure(title, f"{title}. {_closest(months, 'months')}", _svg(title, WIDE, draw), wide=True)


def _closest(parts: Sequence[Part], what: str) -> str:
    ahead = sum(part.rps[OURS] <= part.rps[DIXON_COLES] for part in parts if DIXON_COLES in part.rps)
    beaten = sum(part.rps[OURS] <= part.rps[MARKET] for part in parts)
    return f"Ours is at least as good as Dixon-Coles in {ahead} and as the market in {beaten} of {len(parts)} {what}."


def _leagues(found: Backtest) -> Figure:
    title, shown = "RPS by league", (BASE_RATES, DIXON_COLES, OURS, MARKET, WITH_ODDS)
    parts = [part for part in found.parts["league"] if part.name in found.pooled]

    def draw(axes: Any) -> None:  # noqa: ANN401 - matplotlib's Axes
        for name in shown:
            values = [part.rps.get(name, float("nan")) for part in parts]
            axes.plot(values, range(len(parts)), **_look(name) | {"linestyle": "none", "markersize": 6})
        axes.set_yticks(range(len(parts)), [part.name for part in parts])
        axes.set(xlabel="RPS (lower is better)", ylim=(len(parts) - 0.5, -0.5))
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)

    return Figure(title, f"{title}. {_closest(parts, 'leagues')}", _svg(title, WIDE, draw), wide=True)


def _confidence(found: Backtest) -> Figure:
    title, levels = "Hit rate by confidence", found.confidence[ALL]

    def draw(axes: Any) -> None:  # noqa: ANN401 - matplotlib's Axes
        bars = axes.bar(
            list(levels), [100 * each.hit_rate for each in levels.values()], color=COLOURS[OURS], width=0.6
        )
        axes.bar_label(
            bars,
            [f"{100 * w.hit_rate:.1f} %\nof {w.n:,} matches" for w in levels.values()],
            padding=3,
            color=INK,
        )
        axes.set(ylabel="likeliest outcome happened (%)", ylim=(0, 100))
        axes.grid(visible=False, axis="x")

    told = "; ".join(
        f"{name}: {100 * w.hit_rate:.1f} % of {w.n} matches, {100 * w.share:.1f} % of all"
        for name, w in levels.items()
    )
    return Figure(title, f"{title}. {told}.", _svg(title, WIDE, draw), wide=True)


def _profit(found: Backtest, name: str) -> Figure:
    title = f"Bets by {name}, were every league licensed"
    best, average = (
        next(curve for curve in found.profit if (curve.forecast, curve.prices) == (name, prices))
        for prices in ("best", "average")
    )

    def draw(axes: Any) -> None:  # noqa: ANN401 - matplotlib's Axes
        colour = COLOURS[name]
        axes.fill_between(
            best.weeks,
            best.low,
            best.high,
            color=colour,
            alpha=0.18,
            linewidth=0,
            label=f"{LEVEL:.0%} at best prices",
        )
        axes.plot(best.weeks, best.profit, color=colour, label="best prices")
        axes.plot(average.weeks, average.profit, color=colour, linestyle=(0, (4, 2)), label="average prices")
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xticks(*_ticks(best.weeks), rotation=45, ha="right")
        axes.set(ylabel="profit in bankrolls")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)

    return Figure(title, f"{title}. {_ends(best)} {_ends(average)}", _svg(title, WIDE, draw), wide=True)


def _ends(curve: Curve) -> str:
    low, high = curve.low[-1], curve.high[-1]
    ends = f"{curve.profit[-1]:+.2f} bankrolls ({LEVEL:.0%} interval {low:+.2f} to {high:+.2f})"
    return f"At {curve.prices} prices it ends at {ends}."


def _ticks(weeks: Sequence[date]) -> tuple[list[date], list[str]]:
    """The first week of every month or, where there are many, of every few."""
    first = {f"{week:%Y-%m}": week for week in reversed(weeks)}
    chosen = sorted(first)[:: 1 + len(first) // 12]
    return [first[month] for month in chosen], chosen


def _look(name: str) -> dict[str, Any]:
    return {"color": COLOURS[name], "marker": MARKERS[name], "label": name}


def _svg(title: str, size: tuple[float, float], draw: Draw) -> str:
    drawing = need("matplotlib.figure")
    with need("matplotlib").rc_context(_STYLE):
        figure = drawing.Figure(figsize=size)
        draw(figure.add_subplot())
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _for_page(text.getvalue(), re.sub(r"\W+", "-", title.lower()))


def _for_page(svg: str, name: str) -> str:
    """Without prologue and fixed size; colours are the page's; identifiers are kept where used and made unique."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r'(<svg[^>]*?) width="[^"]*"',
        r"\1",
        re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1),
        count=1,
    )
    used = set(re.findall(r'#([\w-]+)[")]', svg))
    svg = re.sub(r' id="([^"]*)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{name}-", svg)
    for stand_in, variable in VARIABLES.items():
        svg = svg.replace(stand_in, f"var(--{variable})")
    return svg
