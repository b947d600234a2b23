"""What our model would have said of a season, had it been trained just before it; and what parts of it would."""

from collections.abc import Callable

import msgspec
import numpy as np
import polars as pl

from sabiscore.arrays import Floats
from sabiscore.evaluation.aged import aged
from sabiscore.evaluation.backtest import SeasonForecast
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.features import build_history, columns
from sabiscore.models.confidence import levels
from sabiscore.models.grid import agreed, both_score, over
from sabiscore.models.heads import Head, probabilities
from sabiscore.models.odds import pool
from sabiscore.training.dataset import Table, older_table, table
from sabiscore.training.fit import Fitted, fit
from sabiscore.training.walk_forward import Plan, make_model, validation

PRICES = columns.NAMES.index("prices")
LINE = 2.5


def forecast_season(frame: pl.DataFrame, season: int, progress: Steps) -> SeasonForecast:
    """Train on everything before ``season``, validation and calibration included, then predict it.

    The ablations are: the linear part without trees, ratings that hear no past odds, and a model of each
    league alone.

    Raises:
        DataError: there are too few seasons before it.
    """
    plan = Plan()
    known = frame.filter(pl.col("season") <= season)
    history = build_history(known, plan.features)
    rows = table(known, plan.features, history)
    past, now = rows.of(rows.seasons < season), rows.of(rows.seasons == season)
    older = older_table(known, plan.features, history, [*validation(past, plan), season])
    past_older, now_older = older.of(older.seasons < season), older.of(older.seasons == season)
    leagues = np.unique(now.leagues).tolist()
    tick = _ticker(progress, plan.steps + (1 + len(leagues)) * plan.fit.steps)
    model = make_model(past, past_older, plan, tick)
    head = model.fitted.head()
    log_odds = head.log_odds(now.matrix)
    ours = probabilities(log_odds)
    grids = agreed(head.grids(head.rates(log_odds)), ours)

    def fitter(part: Table) -> Fitted:
        return fit(part, plan.fit, plan.seed, tick)

    return SeasonForecast(
        season=season,
        matches=frame.filter(pl.col("season") == season),
        variants={
            OURS: ours,
            WITH_ODDS: pool(ours, now.market, model.calibration.market_weight),
            "ours without trees": Head(model.fitted.weights, ()).predict(now.matrix),
            "ours without past odds": _without_past_odds(past, now, fitter),
            "ours, one league alone": _alone(past, now, leagues, fitter),
        },
        over=over(grids, LINE),
        both_score=both_score(grids),
        level=levels(ours.max(axis=1), now.age, now.joins, model.calibration.bounds),
        licensed=model.calibration.licensed,
        aged=aged(
            ours=head.predict(now_older.matrix),
            outcomes=now_older.outcomes,
            age=now_older.age,
            joins=now_older.joins,
            bounds=model.calibration.bounds,
        ),
    )


def _ticker(progress: Steps, steps: int) -> Callable[[], None]:
    done = iter(range(1, steps + 1))
    return lambda: progress(next(done), steps)


def _without_past_odds(past: Table, now: Table, fitter: Callable[[Table], Fitted]) -> Floats:
    """With the rating of results and statistics alone."""
    return fitter(_without_prices(past)).head().predict(_without_prices(now).matrix)


def _without_prices(rows: Table) -> Table:
    matrix = rows.matrix.copy()
    matrix[:, PRICES] = 0.0
    return msgspec.structs.replace(rows, matrix=matrix)


def _alone(past: Table, now: Table, leagues: list[str], fitter: Callable[[Table], Fitted]) -> Floats:
    """Each league by a model that was fitted on no other."""
    alone = np.empty((len(now.outcomes), 3))
    for code in leagues:
        chosen = now.leagues == code
        alone[chosen] = fitter(past.of(past.leagues == code)).head().predict(now.matrix[chosen])
    return alone
