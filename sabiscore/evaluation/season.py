"""What our model would have said of a season, had it been trained just before it."""

from collections.abc import Callable

import numpy as np
import polars as pl

from sabiscore.evaluation.aged import aged
from sabiscore.evaluation.backtest import SeasonForecast
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.our_markets import our_markets
from sabiscore.evaluation.scored import EXPECTED_CLOSING, OURS, WITH_ODDS
from sabiscore.features import RowMaker, build_history
from sabiscore.models.confidence import levels
from sabiscore.models.corners import expected_corners
from sabiscore.models.grid import agreed
from sabiscore.models.heads import probabilities
from sabiscore.models.odds import expected_closing, pool, weights_of
from sabiscore.training.dataset import older_table, table
from sabiscore.training.walk_forward import Plan, make_model, validation


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
    head = model.fitted.head()
    log_odds = head.log_odds(now.matrix)
    ours, rates = probabilities(log_odds), head.rates(log_odds)
    matches = frame.filter(pl.col("season") == season)
    made = RowMaker(history, plan.features).matches(matches)
    return SeasonForecast(
        season=season,
        matches=matches,
        variants={
            OURS: ours,
            WITH_ODDS: pool(ours, now.market, model.calibration.market_weight),
            EXPECTED_CLOSING: expected_closing(
                now.market, ours, weights_of(now.leagues.tolist(), model.calibration.closing)
            ),
        },
        markets=our_markets(
            rates=rates,
            probabilities=ours,
            grids=agreed(head.grids(rates), ours),
            expected_corners=expected_corners(rates, made.corner_index, made.mean_corners),
            matches=matches,
        ),
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
