"""Our model with something left out, to see in a backtest what that is worth."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import msgspec
import numpy as np
import polars as pl
from catboost import CatBoost, Pool

from sabiscore.arrays import Floats, softmax
from sabiscore.evaluation.backtest import Variant
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.features import Parameters, columns
from sabiscore.features.parameters import DIFFERENCE, SUM, MotivationParameters
from sabiscore.models.heads import probabilities
from sabiscore.models.linear import Linear
from sabiscore.training.dataset import Table, table
from sabiscore.training.fit import fit, fit_linear
from sabiscore.training.walk_forward import Plan

Say: TypeAlias = Callable[[Table, Table, Plan], Floats]
"""What a model of the first rows says ``[n, 3]`` of the second."""

_OUTCOME_TREES = {
    "loss_function": "MultiClass",
    "iterations": 40,
    "depth": 3,
    "learning_rate": 0.05,
    "l2_leaf_reg": 10.0,
    "rsm": 0.5,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.6,
    "thread_count": 1,
    "logging_level": "Silent",
    "allow_writing_files": False,
}


def whole(past: Table, now: Table, plan: Plan) -> Floats:
    """As the product has it."""
    return fit(past, plan.fit, plan.seed, lambda: None).head().predict(now.matrix)


def without_trees(past: Table, now: Table, plan: Plan) -> Floats:
    """By the linear part alone."""
    return probabilities(fit_linear(past, plan.fit).scores(now.matrix))


def trees_on_outcomes(past: Table, now: Table, plan: Plan) -> Floats:
    """Trees that learn from what happened, not from the closing line."""
    linear = fit_linear(past, plan.fit)
    trees = CatBoost(_OUTCOME_TREES | {"random_seed": plan.seed})
    trees.fit(Pool(past.matrix, past.outcomes, baseline=_scores(linear, past)))
    raw = trees.predict(now.matrix, prediction_type="RawFormulaVal", thread_count=1)
    found = _scores(linear, now) + np.asarray(raw, dtype=np.float64)
    return softmax(found)


def _scores(linear: Linear, rows: Table) -> Floats:
    """The linear part's scores ``[n, 3]`` of home, draw, away."""
    log_odds = linear.scores(rows.matrix)
    return np.column_stack((log_odds[:, 0], np.zeros(len(log_odds)), log_odds[:, 1]))


def blind(say: Say, *groups: str) -> Say:
    """A model that sees some groups of columns as of two average clubs."""
    unseen = list(columns.of_group(*groups))

    def of(rows: Table) -> Table:
        matrix = rows.matrix.copy()
        matrix[:, unseen] = np.array(columns.NEUTRAL, np.float32)[unseen]
        return msgspec.structs.replace(rows, matrix=matrix)

    return lambda past, now, plan: say(of(past), of(now), plan)


def walk(
    frame: pl.DataFrame,
    seasons: Sequence[int],
    progress: Steps,
    *,
    say: Say = whole,
    features: Parameters | None = None,
) -> Floats:
    """What it says of each of ``seasons``, fitted on those before; NaN of matches that it does not know."""
    plan = Plan() if features is None else Plan(features=features)
    rows = table(frame.filter(pl.col("season") <= max(seasons)), plan.features)
    said = np.full((len(rows.outcomes), 3), np.nan)
    for done, season in enumerate(seasons, start=1):
        now = rows.seasons == season
        said[now] = say(rows.of(rows.seasons < season), rows.of(now), plan)
        progress(done, len(seasons))
    wanted: Floats = said[np.isin(rows.seasons, seasons)]
    return wanted


def first_divisions_alone(frame: pl.DataFrame, seasons: Sequence[int], progress: Steps) -> Floats:
    """Clubs are new in the first division whenever they come up."""
    first = np.asarray(frame["tier"] == 0)
    scored = frame["season"].is_in(list(seasons)).to_numpy()
    said = np.full((len(frame), 3), np.nan)
    said[first & scored] = walk(frame.filter(first), seasons, progress)
    found: Floats = said[scored]
    return found


def lean(frame: pl.DataFrame, seasons: Sequence[int], progress: Steps) -> Floats:
    """Without expected goals."""
    return walk(frame.drop("home_xg", "away_xg"), seasons, progress)


_NO_STAKE = MotivationParameters(
    difference=(0.0,) * 4, difference_dead=0.0, sum=(0.0,) * 4, sum_dead=0.0, sum_level=0.0
)
_STEADY = {"fast_variance": 0.0, "faster_variance": 0.0}

ABLATIONS: Mapping[str, Variant] = {
    "full": walk,
    "lean: no expected goals": lean,
    "no motivation": partial(walk, say=blind(whole, "motivation"), features=Parameters(motivation=_NO_STAKE)),
    "no fast part": partial(
        walk,
        features=Parameters(
            difference=msgspec.structs.replace(DIFFERENCE, **_STEADY),
            sum=msgspec.structs.replace(SUM, **_STEADY),
        ),
    ),
    "first divisions alone": first_divisions_alone,
    "no trees": partial(walk, say=without_trees),
    "trees on outcomes": partial(walk, say=trees_on_outcomes),
}
"""By the name that tables give them."""
