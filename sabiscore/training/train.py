"""From matches to a bundle."""

import importlib.metadata
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

import sabiscore
from sabiscore.domain import OUTCOMES
from sabiscore.errors import DataError
from sabiscore.features import Parameters, RowMaker, build_history, spec
from sabiscore.forecaster import pack
from sabiscore.models import bundle as bundles
from sabiscore.models import confidence
from sabiscore.models.bundle import ConfidenceLevel, Golden, Manifest
from sabiscore.models.ensemble import Ensemble, EnsembleParameters
from sabiscore.models.predictor import Floats, Matrix
from sabiscore.models.scores import Outcomes, score
from sabiscore.training.fit import Fitter, Progress, fit, walk_forward
from sabiscore.training.outcomes import outcomes

LIBRARIES = ("catboost", "numpy", "polars")


class Plan(Struct, frozen=True, kw_only=True):
    """How a bundle is trained.

    Matches of seasons before ``first_season`` only form ratings: shots were not counted then. Each of the
    last ``validation_seasons`` is predicted walk-forward; the confidence bounds are chosen on all of them but
    the last ``measured_seasons``, and measured on those.
    """

    seed: int = 2025
    first_season: int = 2001
    validation_seasons: int = 5
    measured_seasons: int = 2
    golden_rows: int = 8
    features: Parameters = Parameters()
    ensemble: EnsembleParameters = EnsembleParameters()

    @property
    def steps(self) -> int:
        """How many members are trained in all."""
        return (self.validation_seasons + 1) * self.ensemble.members


class _Table(Struct, frozen=True):
    """What is fitted: rows, outcomes and seasons of the matches from ``first_season`` on."""

    matrix: Matrix
    truth: Outcomes
    seasons: NDArray[np.intp]

    def of(self, chosen: NDArray[np.bool_]) -> "_Table":
        return _Table(self.matrix[chosen], self.truth[chosen], self.seasons[chosen])


def train(frame: pl.DataFrame, out: Path, plan: Plan, progress: Progress) -> str:
    """Train a bundle on all matches of a canonical frame and publish it at ``out``.

    Returns the bundle's digest: the same frame, plan and library versions give the same.

    Raises:
        DataError: there are too few seasons.
        BundleError: ``out`` is something else than a bundle.
    """
    history = build_history(frame, plan.features)
    table = _table(frame, RowMaker(history, plan.features), plan)
    fitter: Fitter = partial(fit, parameters=plan.ensemble, seed=plan.seed, progress=progress)
    validation = _validate(table, plan, fitter)
    members = fitter(table.matrix, table.truth)
    manifest = _manifest(frame, plan, table, validation, _golden(table.matrix, members, plan.golden_rows))
    return bundles.write(out, manifest, pack(history, members))


def _table(frame: pl.DataFrame, rows: RowMaker, plan: Plan) -> _Table:
    seasons = frame["season"].to_numpy().astype(np.intp)
    table = _Table(rows.matches(frame).matrix, outcomes(frame), seasons)
    return table.of(seasons >= plan.first_season)


class _Validation(Struct, frozen=True):
    """Walk-forward predictions ``[n, 3]`` of ``seasons``; NaN for the other rows of the table."""

    seasons: list[int]
    probabilities: Floats


def _validate(table: _Table, plan: Plan, fitter: Fitter) -> _Validation:
    seasons: list[int] = np.unique(table.seasons).tolist()
    needed = plan.validation_seasons + 1
    if len(seasons) < needed:
        have = f"{len(seasons)} seasons since {plan.first_season}; training needs {needed}"
        raise DataError("matches", 0, f"{have}: pull more, or train with a later --until")
    reported = seasons[-plan.validation_seasons :]
    probabilities = walk_forward(table.matrix, table.truth, table.seasons, reported, fitter)
    return _Validation(reported, probabilities)


def _confidence(table: _Table, plan: Plan, validation: _Validation) -> dict[str, ConfidenceLevel]:
    chosen_on = np.isin(table.seasons, validation.seasons[: -plan.measured_seasons])
    measured_on = np.isin(table.seasons, validation.seasons[-plan.measured_seasons :])
    bounds = confidence.choose_bounds(validation.probabilities[chosen_on], table.truth[chosen_on])
    return confidence.measure(bounds, validation.probabilities[measured_on], table.truth[measured_on])


def _scores(table: _Table, validation: _Validation) -> dict[str, Any]:
    of_season = {season: table.seasons == season for season in validation.seasons}
    return {
        str(season): msgspec.to_builtins(score(validation.probabilities[rows], table.truth[rows]))
        for season, rows in of_season.items()
    }


def _manifest(
    frame: pl.DataFrame, plan: Plan, table: _Table, validation: _Validation, golden: Golden
) -> Manifest:
    return Manifest(
        format=bundles.FORMAT,
        sabiscore=sabiscore.__version__,
        classes=OUTCOMES,
        features=spec.NAMES,
        features_fingerprint=spec.fingerprint(),
        parameters=msgspec.to_builtins(plan.features),
        training={
            "seed": plan.seed,
            "first_season": plan.first_season,
            "matches": len(table.truth),
            "validation_seasons": validation.seasons,
            "confidence_measured_on": validation.seasons[-plan.measured_seasons :],
            "ensemble": msgspec.to_builtins(plan.ensemble),
        },
        data_from=_day(frame["date"].min()),
        data_through=_day(frame["date"].max()),
        confidence=_confidence(table, plan, validation),
        scores=_scores(table, validation),
        golden=golden,
        libraries={name: importlib.metadata.version(name) for name in LIBRARIES},
        files={},
    )


def _golden(matrix: Matrix, members: list[bytes], rows: int) -> Golden:
    chosen = matrix[np.linspace(0, len(matrix) - 1, rows).astype(np.intp)]
    return Golden(chosen.tolist(), Ensemble(members).predict(chosen).tolist())


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise DataError("matches", 0, "there are none")
    return value
