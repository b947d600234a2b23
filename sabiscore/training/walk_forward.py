"""Walking forward: each season predicted by a model that knows only the seasons before it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct, structs

from sabiscore.arrays import Floats
from sabiscore.errors import DataError
from sabiscore.features import Parameters, columns
from sabiscore.models.calibration import Calibration, Validated, calibrate, complete
from sabiscore.models.heads import Head
from sabiscore.training.dataset import Table
from sabiscore.training.fit import FitParameters, Fitted, Step, fit

Fitter = Callable[[Table], Fitted]
"""A table in, heads out."""


class Plan(Struct, frozen=True, kw_only=True):
    """How a model is trained.

    Each of the last ``validation_seasons`` is predicted walk-forward; what is learnt from that (confidence,
    the market's weight, intervals) is chosen on all of them but the last ``measured_seasons``, and measured on
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

    def within(self, seasons: int) -> "Plan":
        """The plan for so many seasons to learn from: if it asks for more, all but the first are validated on.

        Half of them at most are measured on, but one at least.
        """
        validated = min(self.validation_seasons, max(seasons - 1, 1))
        measured = min(self.measured_seasons, max(validated // 2, 1))
        return structs.replace(self, validation_seasons=validated, measured_seasons=measured)


class Model(Struct, frozen=True):
    """A fitted model, what its own validation said of it, and that validation."""

    fitted: Fitted
    calibration: Calibration
    validated: Validated


def validation(table: Table, plan: Plan) -> list[int]:
    """The seasons of a table to validate on.

    Raises:
        DataError: there are too few seasons.
    """
    seasons: list[int] = np.unique(table.seasons).tolist()
    if len(seasons) <= plan.validation_seasons:
        have = f"{len(seasons)} seasons to learn from; training needs {plan.validation_seasons + 1}"
        raise DataError("matches", 0, f"{have}: pull more, or train with a later --until")
    return seasons[-plan.validation_seasons :]


def make_model(table: Table, older: Table, plan: Plan, step: Step) -> Model:
    """Validate on the last seasons of a table, then fit on all of it.

    ``older`` has the matches of those seasons as of older data (`table.older_table`).

    Raises:
        DataError: there are too few seasons.
    """
    reported = validation(table, plan)

    def fitter(part: Table) -> Fitted:
        return fit(part, plan.fit, plan.seed, step)

    heads = heads_before(table, reported, fitter)
    validated, aged = (compare(rows, walk_forward(rows, heads)) for rows in (table, older))
    measured = reported[-plan.measured_seasons :]
    calibration = calibrate(*_parted(validated, measured), _parted(aged, measured))
    return Model(fitter(table), calibration, validated)


def heads_before(table: Table, seasons: Iterable[int], fitter: Fitter) -> dict[int, Head]:
    """The heads for each of ``seasons``, fitted on earlier seasons."""
    return {season: fitter(table.of(table.seasons < season)).head() for season in seasons}


def walk_forward(rows: Table, heads: Mapping[int, Head]) -> Floats:
    """Probabilities ``[n, 3]`` of rows by the heads of their season; NaN where there are none."""
    ours = np.full((len(rows.outcomes), 3), np.nan)
    for season, head in heads.items():
        now = rows.seasons == season
        ours[now] = head.predict(rows.matrix[now])
    return ours


def _parted(validated: Validated, measured: Sequence[int]) -> tuple[Validated, Validated]:
    """The matches to choose on, and those to measure on: the same where there are no others."""
    last = np.isin(validated.season, measured)
    return validated.of(~last) if not last.all() else validated, validated.of(last)


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
        age=part.age,
        joins=part.joins,
    )
