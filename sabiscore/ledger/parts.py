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

RESAMPLES = 1_000
FEWEST_WEEKS = 10
"""Weeks of leagues below which an interval would say more than is known."""

EVERYWHERE: tuple[Forecast, ...] = ("ours", "base_rates")
PRICED: tuple[Forecast, ...] = ("ours", "ours_with_odds", "market", "base_rates")
CLOSED: tuple[Forecast, ...] = ("ours", "ours_with_odds", "market", "closing", "base_rates")
"""Who is compared on all matches, on those with odds, and on those with closing odds, too."""


def _accuracy(said: Floats, truth: Outcomes) -> Floats:
    hit: Floats = (said.argmax(axis=1) == truth).astype(np.float64)
    return hit


_MEASURES: dict[str, Callable[[Floats, Outcomes], Floats]] = {
    "rps": rps,
    "log_loss": log_loss,
    "brier": brier,
    "accuracy": _accuracy,
}


def part(matches: Matches) -> Part:
    """What is to be said of at least one match."""
    means, days = _Means(matches), matches.where["date"]
    known = {name: complete(said) for name, said in matches.said.items()}
    everywhere = known["ours"] & known["base_rates"]
    priced = everywhere & known["market"] & known["ours_with_odds"]
    closed = priced & known["closing"]
    return Part(
        since=days[0],
        through=days[-1],
        matches=_compared(matches, EVERYWHERE, everywhere, means),
        priced=_compared(matches, PRICED, priced, means) if priced.any() else None,
        closed=_compared(matches, CLOSED, closed, means) if closed.any() else None,
        bets=_bets(matches, means) if (matches.bet != NO_BET).any() else None,
        reliability=_reliability(matches),
    )


class _Means:
    """Means over matches with their intervals, all of the same weeks drawn again."""

    def __init__(self, matches: Matches) -> None:
        self._blocks = weeks(matches.where)
        self._draws = Bootstrap(self._blocks, resamples=RESAMPLES)

    def of(self, columns: Sequence[Floats], among: Chosen) -> list[Figure]:
        """Of each column ``[n]``, over the matches ``among``, at least one."""
        values = np.where(among[:, None], np.column_stack(columns), np.nan)
        found = [one for one in self._draws.means(values) if one is not None]
        sure = len(np.unique(self._blocks[among])) >= FEWEST_WEEKS
        return [Figure(one.value, one.low, one.high) if sure else Figure(one.value) for one in found]


def _compared(matches: Matches, names: Sequence[Forecast], among: Chosen, means: _Means) -> Compared:
    truth = matches.outcomes
    losses = {
        (name, measure): lost(matches.said[name], truth)
        for name in names
        for measure, lost in _MEASURES.items()
    }
    ours, others = losses["ours", "rps"], names[1:]
    behind = [ours - losses[name, "rps"] for name in others]
    figures = means.of([*losses.values(), *behind], among)
    found = dict(zip(losses, figures, strict=False))
    return Compared(
        n=int(among.sum()),
        forecasts={
            name: Measured(
                **{measure: found[name, measure] for measure in _MEASURES},
                ece=ece(matches.said[name][among], truth[among]),
            )
            for name in names
        },
        behind=dict(zip(others, figures[len(losses) :], strict=True)),
    )


def _bets(matches: Matches, means: _Means) -> Bets:
    """What was recommended at the odds of that time, and what became of it."""
    placed = matches.bet != NO_BET
    rows = np.arange(len(matches))
    prices = matches.odds[rows, matches.bet]
    value = prices * matches.said["closing"][rows, matches.bet] - 1.0
    closed = placed & ~np.isnan(value)
    (profit,) = means.of([np.where(matches.bet == matches.outcomes, prices, 0.0) - 1.0], placed)
    return Bets(
        n=int(placed.sum()),
        closed=int(closed.sum()),
        closing_line_value=means.of([value], closed)[0] if closed.any() else None,
        profit=profit,
    )


def _reliability(matches: Matches) -> dict[Outcome, list[Point]]:
    truth, said = happened(matches.outcomes), matches.said["ours"]
    return {
        outcome: [Point(one.said, one.happened, one.n) for one in reliability(said[:, k], truth[:, k])]
        for k, outcome in enumerate(OUTCOMES)
    }
