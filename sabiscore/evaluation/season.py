"""What our model would have said of a season, had it been trained just before it."""

from collections.abc import Callable

import polars as pl

from sabiscore.evaluation.aged import aged
from sabiscore.evaluation.backtest import SeasonForecast
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.markets import BOTH_SCORE, OVER
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.features import build_history
from sabiscore.models.confidence import levels
from sabiscore.models.grid import agreed, both_score, over
from sabiscore.models.heads import probabilities
from sabiscore.models.odds import pool
from sabiscore.training.dataset import older_table, table
from sabiscore.training.walk_forward import Plan, make_model, validation

LINE = 2.5


def forecast_season(frame: pl.DataFrame, season: int, progress: Steps) -> SeasonForecast:
    """Train on everything before ``season``, validation and calibration included, then predict it.

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
    model = make_model(past, past_older, plan, _ticker(progress, plan.steps))
    head = model.fitted.head()
    log_odds = head.log_odds(now.matrix)
    ours = probabilities(log_odds)
    grids = agreed(head.grids(head.rates(log_odds)), ours)
    return SeasonForecast(
        season=season,
        matches=frame.filter(pl.col("season") == season),
        variants={OURS: ours, WITH_ODDS: pool(ours, now.market, model.calibration.market_weight)},
        markets={OVER: over(grids, LINE), BOTH_SCORE: both_score(grids)},
        level=levels(ours.max(axis=1), now.age, now.joins, model.calibration.bounds),
        licensed=model.calibration.licensed,
        aged=aged(
            league=now_older.leagues,
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
