"""Elo alone: the rival that knows nothing but results."""

import math
from collections.abc import Iterator

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats, softmax
from sabiscore.scoring.outcomes import outcomes
from sabiscore.scoring.scores import Outcomes, happened

FIRST_SEASON = 2006
"""Earlier matches only form ratings."""

_L2 = 1e-6
_STEPS = 30


class EloParameters(Struct, frozen=True):
    """In points, 400 of which are odds of ten to one; tuned on seasons up to 2022/23.

    A win by more goals counts more: ``k * (1 + margin * log(goals))`` (after Hvattum and Arntzen, 2010).
    Over a summer a club keeps ``regression`` of its rating; one that comes up starts at ``promoted``.
    """

    k: float = 10.7
    margin: float = 1.12
    home: float = 84.0
    regression: float = 0.921
    promoted: float = -46.0


def differences(frame: pl.DataFrame, parameters: EloParameters | None = None) -> Floats:
    """Home minus away rating ``[n]`` before each match of a canonical frame, without home advantage."""
    wanted = frame.with_row_index("row")
    found = np.empty(len(frame))
    for league in wanted.partition_by("league"):
        found[league["row"].to_numpy()] = list(_walk(league, parameters or EloParameters()))
    return found


def _walk(league: pl.DataFrame, parameters: EloParameters) -> Iterator[float]:
    ratings: dict[str, float] = {}
    for season in league.partition_by("season", maintain_order=True):
        ratings = _summer(ratings, set(season["home"]) | set(season["away"]), parameters)
        columns = season.select("home", "away", pl.col("home_goals") - pl.col("away_goals"))
        for home, away, goals in columns.iter_rows():
            difference = ratings[home] - ratings[away]
            yield difference
            swing = _swing(difference + parameters.home, goals, parameters)
            ratings[home] += swing
            ratings[away] -= swing


def _summer(old: dict[str, float], clubs: set[str], parameters: EloParameters) -> dict[str, float]:
    start = parameters.promoted if old else 0.0
    return {club: parameters.regression * old[club] if club in old else start for club in clubs}


def _swing(advantage: float, goals: int, parameters: EloParameters) -> float:
    expected = 1.0 / (1.0 + math.pow(10.0, -advantage / 400.0))
    actual = 0.5 + 0.5 * ((goals > 0) - (goals < 0))
    return parameters.k * (1.0 + parameters.margin * math.log(max(abs(goals), 1))) * (actual - expected)


def elo(frame: pl.DataFrame, season: int) -> Floats:
    """Probabilities ``[n, 3]`` of the matches of ``season``: a logit on the rating difference.

    The logit is fitted on the seasons before, since FIRST_SEASON; ratings move match by match.
    """
    rating = differences(frame) / 400.0
    seasons = frame["season"].to_numpy()
    past, now = (seasons >= FIRST_SEASON) & (seasons < season), seasons == season
    weights = _fit(rating[past], outcomes(frame)[past])
    return softmax(_design(rating[now]) @ weights)


def _design(rating: Floats) -> Floats:
    return np.column_stack((np.ones(len(rating)), rating))


def _fit(rating: Floats, outcomes: Outcomes) -> Floats:
    """The weights ``[2, 3]`` of a multinomial logit on a rating ``[n]``, by Newton's method; the draw's are 0."""
    design, truth, weights = _design(rating), happened(outcomes)[:, [0, 2]], np.zeros((2, 3))
    penalty = np.tile((1e-9, _L2 * len(rating)), 2)
    for _ in range(_STEPS):
        p = softmax(design @ weights)[:, [0, 2]]
        gradient = (design.T @ (p - truth)).T.ravel() + penalty * weights[:, [0, 2]].T.ravel()
        blocks = [
            [(design * (p[:, [a]] * (float(a == b) - p[:, [b]]))).T @ design for b in (0, 1)] for a in (0, 1)
        ]
        step = np.linalg.solve(np.block(blocks) + np.diag(penalty), gradient)
        weights[:, [0, 2]] -= step.reshape(2, 2).T
    return weights
