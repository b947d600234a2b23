"""Our model with something left out, to see in a backtest what that is worth."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import msgspec
import numpy as np
import polars as pl

from sabiscore.arrays import Floats, softmax
from sabiscore.evaluation.backtest import Variant
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.features import columns
from sabiscore.training.dataset import Table, table
from sabiscore.training.fit import OUTCOME, fit, fit_linear
from sabiscore.training.walk_forward import Plan

PRICES = columns.NAMES.index("prices")

Say: TypeAlias = Callable[[Table, Table, Plan], Floats]
"""What a model of the first rows says ``[n, 3]`` of the second."""


def without_trees(past: Table, now: Table, plan: Plan) -> Floats:
    """By the linear part alone."""
    linear, _ = fit_linear(OUTCOME, past, plan.fit)
    return softmax(linear.scores(now.matrix))


def without_past_odds(past: Table, now: Table, plan: Plan) -> Floats:
    """With the rating of results and statistics alone."""
    return _fitted(_without_prices(past), _without_prices(now), plan)


def one_league_alone(past: Table, now: Table, plan: Plan) -> Floats:
    """Each league by a model that was fitted on no other."""
    probabilities = np.empty((len(now.outcomes), 3))
    for code in np.unique(now.leagues).tolist():
        chosen = now.leagues == code
        probabilities[chosen] = _fitted(past.of(past.leagues == code), now.of(chosen), plan)
    return probabilities


def walk(say: Say, frame: pl.DataFrame, seasons: Sequence[int], progress: Steps) -> Floats:
    """What it says of each of ``seasons``, fitted on those before."""
    plan = Plan()
    rows = table(frame.filter(pl.col("season") <= max(seasons)), plan.features)
    probabilities = np.full((len(rows.outcomes), 3), np.nan)
    for done, season in enumerate(seasons, start=1):
        now = rows.seasons == season
        probabilities[now] = say(rows.of(rows.seasons < season), rows.of(now), plan)
        progress(done, len(seasons))
    return probabilities[np.isin(rows.seasons, seasons)]


ABLATIONS: Mapping[str, Variant] = {
    "ours without trees": partial(walk, without_trees),
    "ours without past odds": partial(walk, without_past_odds),
    "ours, one league alone": partial(walk, one_league_alone),
}
"""By the name that tables give them."""


def _fitted(past: Table, now: Table, plan: Plan) -> Floats:
    return fit(past, plan.fit, plan.seed, lambda: None).heads().outcome.predict(now.matrix)


def _without_prices(rows: Table) -> Table:
    matrix = rows.matrix.copy()
    matrix[:, PRICES] = 0.0
    return msgspec.structs.replace(rows, matrix=matrix)
