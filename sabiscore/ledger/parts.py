"""What the record says of some matches: scores with intervals, bets, reliability."""

from collections.abc import Callable, Sequence

import numpy as np

from sabiscore.arrays import Floats
from sabiscore.domain import OUTCOMES, Outcome
from sabiscore.ledger.schemas import Bets, Compared, Figure, Forecast, Measured, Part, Point
from sabiscore.ledger.settled import NO_BET, Chosen, Matches
from sabiscore.models.calibration import complete
from sabiscore.scoring.bootstrap import Bootstrap, weeks
from sabiscore.scoring.reliability import reliability
from sabiscore.scoring.scores import Outcomes, brier, ece, happened, log_loss, rps

RESAMPLES = 500
FEWEST_WEEKS = 10
"""Weeks of leagues below which an interval would say more than is known."""

EVERYWHERE: tuple[Forecast, ...] = ("ours", "base_rates")
PRICED: tuple[Forecast, ...] = ("ours", "ours_with_odds", "market", "base_rates")
CLOSED: tuple[Forecast, ...] = ("ours", "ours_with_odds", "market", "closing", "base_rates")
"""Who is compared on all matches, on those with odds, and on those with closing odds, too."""


def _accuracy(said: Floats, truth: Outcomes) -> Floats:
    hit: Floats = (said.argmax(axis=1) == truth).astype(np.float64)
    return hit


_MEASURES: tuple[Callable[[Floats, Outcomes], Floats], ...] = (rps, log_loss, brier, _accuracy)
"""In the order of the fields of `Measured`."""


def part(matches: Matches) -> Part:
    """What is to be said of at least one match."""
    days, means = matches.where["date"], _Means(matches)
    groups = _groups(matches)
    places = {name: means.ask(_losses(matches, who), among) for name, (who, among) in groups.items()}
    bets = _bets(matches, means)
    found = means.found()
    compared = {
        name: _compared(matches, who, among, found[places[name]]) for name, (who, among) in groups.items()
    }
    return Part(
        since=days[0],
        through=days[-1],
        matches=compared["matches"],
        priced=compared.get("priced"),
        closed=compared.get("closed"),
        bets=bets(found),
        reliability=_reliability(matches),
    )


def _groups(matches: Matches) -> dict[str, tuple[tuple[Forecast, ...], Chosen]]:
    """Who is compared on which matches, by name; of those with odds and closing odds if there are any."""
    known = {name: complete(said) for name, said in matches.said.items()}
    priced = known["market"] & known["ours_with_odds"]
    closed = priced & known["closing"]
    found = {"matches": (EVERYWHERE, known["ours"]), "priced": (PRICED, priced), "closed": (CLOSED, closed)}
    return {name: group for name, group in found.items() if group[1].any()}


class _Means:
    """Means over matches with their intervals: all of the same weeks drawn again, and all at once."""

    def __init__(self, matches: Matches) -> None:
        self._blocks = weeks(matches.where)
        self._columns: list[Floats] = []
        self._sure: list[bool] = []

    def ask(self, columns: Sequence[Floats], among: Chosen) -> slice:
        """For each of the columns ``[n]``, over the matches ``among``, at least one; returns where to find them."""
        self._columns += [np.where(among, column, np.nan) for column in columns]
        self._sure += [len(np.unique(self._blocks[among])) >= FEWEST_WEEKS] * len(columns)
        return slice(len(self._columns) - len(columns), len(self._columns))

    def found(self) -> list[Figure]:
        """All that was asked for."""
        means = Bootstrap(self._blocks, resamples=RESAMPLES).means(np.column_stack(self._columns))
        return [
            Figure(one.value, one.low, one.high) if sure else Figure(one.value)
            for one, sure in zip(means, self._sure, strict=True)
            if one is not None
        ]


def _losses(matches: Matches, names: Sequence[Forecast]) -> list[Floats]:
    """Each measure of each forecast, then by how much the RPS of the first is behind that of each other."""
    truth = matches.outcomes
    lost = [measure(matches.said[name], truth) for name in names for measure in _MEASURES]
    scores = [rps(matches.said[name], truth) for name in names]
    return [*lost, *(scores[0] - each for each in scores[1:])]


def _compared(
    matches: Matches, names: Sequence[Forecast], among: Chosen, figures: Sequence[Figure]
) -> Compared:
    """What the means of `_losses` say."""
    left = iter(figures)
    measured = {
        name: Measured(
            rps=next(left),
            log_loss=next(left),
            brier=next(left),
            accuracy=next(left),
            ece=ece(matches.said[name][among], matches.outcomes[among]),
        )
        for name in names
    }
    return Compared(n=int(among.sum()), forecasts=measured, behind=dict(zip(names[1:], left, strict=True)))


def _bets(matches: Matches, means: _Means) -> Callable[[Sequence[Figure]], Bets | None]:
    """What was recommended at the odds of that time and what became of it, once the means are found."""
    placed = matches.bet != NO_BET
    rows = np.arange(len(matches))
    prices = matches.odds[rows, matches.bet]
    value = prices * matches.said["closing"][rows, matches.bet] - 1.0
    closed = placed & ~np.isnan(value)
    brought = np.where(matches.bet == matches.outcomes, prices, 0.0) - 1.0
    profit = means.ask([brought], placed) if placed.any() else None
    at_close = means.ask([value], closed) if closed.any() else None

    def bets(found: Sequence[Figure]) -> Bets | None:
        if profit is None:
            return None
        return Bets(
            n=int(placed.sum()),
            closed=int(closed.sum()),
            closing_line_value=None if at_close is None else found[at_close][0],
            profit=found[profit][0],
        )

    return bets


def _reliability(matches: Matches) -> dict[Outcome, list[Point]]:
    truth, said = happened(matches.outcomes), matches.said["ours"]
    return {
        outcome: [Point(one.said, one.happened, one.n) for one in reliability(said[:, k], truth[:, k])]
        for k, outcome in enumerate(OUTCOMES)
    }
