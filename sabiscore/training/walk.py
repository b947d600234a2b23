"""Walking forward: each season predicted by a model that knows only the seasons before it."""

from collections.abc import Callable, Iterable

import numpy as np
from msgspec import Struct

from sabiscore.errors import DataError
from sabiscore.features import Parameters, columns
from sabiscore.models.calibration import Calibration, Validated, calibrate, complete
from sabiscore.models.heads import Heads
from sabiscore.models.predictor import Floats
from sabiscore.training.fit import FitParameters, Fitted, Progress, fit
from sabiscore.training.table import Table

Fitter = Callable[[Table], Fitted]
"""A table in, heads out."""


class Plan(Struct, frozen=True, kw_only=True):
    """How a model is trained.

    Each of the last ``validation_seasons`` is predicted walk-forward; what is learnt from that (confidence,
    trust in odds, intervals) is chosen on all of them but the last ``measured_seasons``, and measured on
    those.
    """

    seed: int = 2025
    validation_seasons: int = 5
    measured_seasons: int = 2
    golden_rows: int = 8
    golden_fixtures: int = 4
    """Of each league."""
    features: Parameters = Parameters()
    fit: FitParameters = FitParameters()

    @property
    def steps(self) -> int:
        """How many CatBoost members are trained in all."""
        return (self.validation_seasons + 1) * self.fit.steps


class Model(Struct, frozen=True):
    """A fitted model, what its own validation said of it, and that validation."""

    fitted: Fitted
    calibration: Calibration
    validated: Validated


def make_model(table: Table, plan: Plan, progress: Progress) -> Model:
    """Validate on the last seasons of a table, then fit on all of it.

    Raises:
        DataError: there are too few seasons.
    """
    seasons: list[int] = np.unique(table.seasons).tolist()
    if len(seasons) <= plan.validation_seasons:
        have = f"{len(seasons)} seasons to learn from; training needs {plan.validation_seasons + 1}"
        raise DataError("matches", 0, f"{have}: pull more, or train with a later --until")
    reported = seasons[-plan.validation_seasons :]

    def fitter(part: Table) -> Fitted:
        return fit(part, plan.fit, plan.seed, progress)

    validated = compare(table, walk_forward(table, reported, fitter))
    last = np.isin(validated.season, reported[-plan.measured_seasons :])
    return Model(fitter(table), calibrate(validated.of(~last), validated.of(last)), validated)


def walk_forward(table: Table, seasons: Iterable[int], fitter: Fitter) -> Floats:
    """Probabilities ``[n, 3]`` of the rows of ``seasons``, each fitted on earlier seasons; NaN elsewhere."""
    ours = np.full((len(table.outcomes), 3), np.nan)
    for season in seasons:
        now = table.seasons == season
        heads: Heads = fitter(table.of(table.seasons < season)).heads()
        ours[now] = heads.outcome.predict(table.matrix[now])
    return ours


def compare(table: Table, ours: Floats) -> Validated:
    """The predicted rows of a table beside the market."""
    known = complete(ours)
    part = table.of(known)
    return Validated(
        season=part.seasons,
        league=part.leagues,
        outcomes=part.outcomes,
        ours=ours[known],
        market=part.market,
        closing=part.closing,
        variance=part.matrix[:, columns.VARIANCE].astype(np.float64),
    )
