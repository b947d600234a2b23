"""What our model would have said of a season, had it been trained just before it."""

from collections.abc import Callable

import numpy as np
import polars as pl

from sabiscore.evaluation.aged import aged
from sabiscore.evaluation.backtest import SeasonForecast
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.our_markets import our_markets
from sabiscore.evaluation.scored import EXPECTED_CLOSING, OURS, WITH_ODDS
from sabiscore.features import RowMaker, Rows, build_history
from sabiscore.models.confidence import levels
from sabiscore.models.corners import expected_corners
from sabiscore.models.grid import agreed
from sabiscore.models.heads import probabilities
from sabiscore.models.odds import expected_closing, pool, weights_of
from sabiscore.training.dataset import Table, older_table, table
from sabiscore.training.walk_forward import Model, Plan, make_model, validation


def forecast_season(
    frame: pl.DataFrame, season: int, progress: Steps, plan: Plan | None = None
) -> SeasonForecast:
    """Train on everything before ``season``, validation and calibration included, then predict it.

    Without a ``plan`` it is trained as the product is; where there are fewer seasons before it than that asks for,
    on those there are.

    Raises:
        DataError: there are not two seasons before it.
    """
    known = frame.filter(pl.col("season") <= season)
    plan = plan or Plan()
    history = build_history(known, plan.features)
    rows = table(known, plan.features, history)
    plan = plan.within(len(np.unique(rows.seasons)) - 1)
    past, now = rows.of(rows.seasons < season), rows.of(rows.seasons == season)
    older = older_table(known, plan.features, history, [*validation(past, plan), season])
    past_older, now_older = older.of(older.seasons < season), older.of(older.seasons == season)
    model = make_model(past, past_older, plan, _ticker(progress, plan.steps))
    matches = frame.filter(pl.col("season") == season)
    made = RowMaker(history, plan.features).matches(matches)
    return _said(model, season, matches, made, now=now, older=now_older)


def _said(
    model: Model, season: int, matches: pl.DataFrame, made: Rows, *, now: Table, older: Table
) -> SeasonForecast:
    """What a model says of a season's ``matches`` by their rows, from fresh data and from ``older``."""
    head, calibration = model.fitted.head(), model.calibration
    log_odds = head.log_odds(now.matrix)
    ours, rates = probabilities(log_odds), head.rates(log_odds)
    weights = weights_of(now.leagues.tolist(), calibration.closing)
    return SeasonForecast(
        season=season,
        matches=matches,
        variants={
            OURS: ours,
            WITH_ODDS: pool(ours, now.market, calibration.market_weight),
            EXPECTED_CLOSING: expected_closing(now.market, ours, weights),
        },
        markets=our_markets(
            rates=rates,
            probabilities=ours,
            grids=agreed(head.grids(rates), ours),
            expected_corners=expected_corners(rates, made.corner_index, made.mean_corners),
            matches=matches,
        ),
        level=levels(ours.max(axis=1), now.age, now.joins, calibration.bounds),
        licensed=calibration.licensed,
        aged=aged(
            league=older.leagues,
            ours=head.predict(older.matrix),
            outcomes=older.outcomes,
            age=older.age,
            joins=older.joins,
            bounds=calibration.bounds,
        ),
    )


def _ticker(progress: Steps, steps: int) -> Callable[[], None]:
    done = iter(range(1, steps + 1))
    return lambda: progress(next(done), steps)
