"""What pages draw, in units of their SVG."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt

from msgspec import Struct

from sabiscore.domain import OUTCOMES, Outcome
from sabiscore.ledger.schemas import Point
from sabiscore.season.schemas import RatingPoint

WIDTH, HEIGHT = 640, 240
LEFT, TOP, BOTTOM = 64, 10, 28
MOST_SEASONS_NAMED = 4
STEPS = (0.1, 0.2, 0.25, 0.5, 1.0)
MOST_RULES = 6
KINDS = ("hl", "al")
SEASON_BEGINS = 7
"""The month in which a season's mark stands."""


class Mark(Struct, frozen=True):
    """A rule along the chart, and its text."""

    at: float
    text: str


class Rule(Struct, frozen=True):
    """A rule across the chart, and what it stands for."""

    at: float
    value: float


class Line(Struct, frozen=True):
    """Points "x,y x,y ..." of a line of a kind."""

    kind: str
    points: str


class Chart(Struct, frozen=True):
    """Lines over time."""

    lines: list[Line]
    along: list[Mark]
    across: list[Rule]
    left: int = LEFT
    width: int = WIDTH
    height: int = HEIGHT


def over_time(series: Sequence[Sequence[RatingPoint]]) -> Chart:
    """The strength of one club or two, with a mark at each season's start and rules at round numbers."""
    points = [point for each in series for point in each]
    if not points:
        return Chart([], [], [])
    first, last = min(point.date for point in points), max(point.date for point in points)
    low, high = min(point.strength for point in points), max(point.strength for point in points)
    rules = _rules(low, high)
    low, high = min(low, rules[0]), max(high, rules[-1])

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - 4) * (day - first).days / max((last - first).days, 1), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / ((high - low) or 1.0), 1)

    return Chart(
        lines=[
            Line(kind, " ".join(f"{x(point.date)},{y(point.strength)}" for point in each))
            for kind, each in zip(KINDS, series, strict=False)
        ],
        along=[Mark(x(when), text) for when, text in _seasons(first, last)],
        across=[Rule(y(value), value) for value in rules],
    )


def _rules(low: float, high: float) -> list[float]:
    """Round numbers from about ``low`` to about ``high``, few enough to read."""
    step = next((one for one in STEPS if (high - low) / one <= MOST_RULES - 1), STEPS[-1])
    start, stop = int(low // step), int(-(-high // step))
    return [round(step * number, 2) for number in range(start, stop + 1)]


def _seasons(first: date, last: date) -> list[tuple[date, str]]:
    """The summers between two days; of many, each of a few years."""
    years = [
        year for year in range(first.year, last.year + 1) if first <= date(year, SEASON_BEGINS, 1) <= last
    ]
    every = -(-len(years) // MOST_SEASONS_NAMED) if years else 1
    return [
        (date(year, SEASON_BEGINS, 1), f"{year}/{(year + 1) % 100:02}" if not place % every else "")
        for place, year in enumerate(years)
    ]


class Dot(Struct, frozen=True):
    """A point of a reliability diagram, and from where to where the true share may lie."""

    kind: str
    x: float
    y: float
    low: float
    high: float
    size: float


EDGE, SIDE = 36, 272
"""Of the square of a reliability diagram: where it begins, and how long it is."""

Z = 1.96

LEAST = 10
"""Forecasts of a dot: fewer say nothing, and are not drawn."""


def reliability(points: Mapping[Outcome, Sequence[Point]]) -> list[Dot]:
    """What was said across, what happened upwards; Wilson's 95 % interval of each share."""
    kinds = dict(zip(OUTCOMES, ("h", "d", "a"), strict=True))
    return [
        _dot(kinds[outcome], point)
        for outcome, of_outcome in points.items()
        for point in of_outcome
        if point.n >= LEAST
    ]


def _dot(kind: str, point: Point) -> Dot:
    n, share = point.n, point.happened
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    reach = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    low, high, y = (round(12 + SIDE * (1 - value), 1) for value in (middle - reach, middle + reach, share))
    return Dot(kind, round(EDGE + SIDE * point.said, 1), y, low, high, round(2 + min(n, 900) ** 0.5 / 6, 1))
