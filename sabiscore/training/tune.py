"""Tuning what the ratings that see odds are made with; resumable, and only on past seasons."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats, softmax
from sabiscore.errors import DataError, SabiScoreError
from sabiscore.features import Parameters
from sabiscore.models.scores import rps
from sabiscore.training.dataset import Table, table
from sabiscore.training.fit import OUTCOME, FitParameters, fit_linear

if TYPE_CHECKING:
    import optuna

RANGES: dict[str, tuple[float, float]] = {
    "strength.odds_noise": (0.03, 0.6),
    "strength.odds_slope": (0.5, 0.9),
    "strength.drift_priced": (0.0005, 0.01),
    "strength.variance_added": (0.01, 0.3),
    "strength.league_odds_rate": (0.0002, 0.01),
    "strength.club_home_odds_rate": (0.001, 0.05),
}
"""What is searched, each on a logarithm: how the rating hears odds. The rest is an earlier study's."""

SEASONS = [2020, 2021, 2022]
"""Those it is tuned on: the first with ratings that had seen odds, and none that is reported."""

STUDY = "ratings"
SURE = 2.0


class Tuned(Struct, frozen=True):
    """What a search found: ``gain`` in RPS over the present parameters, and its standard error.

    ``adopted`` are the parameters to use: the found ones only where the gain is worth SURE standard errors, for
    the best of many trials on a few seasons is partly luck.
    """

    found: dict[str, float]
    gain: float
    error: float
    adopted: Parameters


def tune(
    frame: pl.DataFrame, seasons: list[int], journal: Path, trials: int, progress: Callable[[int], None]
) -> Tuned:
    """Search for the parameters with the least RPS on ``seasons``, each predicted from those before it.

    The trials are kept in ``journal``: a search that was stopped goes on where it was, and one that has
    ``trials`` already ends at once. ``progress`` is told how many there are after each.

    Raises:
        DataError: a season, or what to learn from before it, is missing.
        SabiScoreError: the optimiser is not installed.
    """
    _check(frame, seasons)
    study = _study(journal)
    present = Parameters()
    if not _done(study):
        study.enqueue_trial(_flat(present))

    def objective(trial: "optuna.Trial") -> float:
        chosen = {name: trial.suggest_float(name, *limits, log=True) for name, limits in RANGES.items()}
        return float(losses(frame, seasons, with_values(present, chosen)).mean())

    for done in range(_done(study), trials):
        study.sampler = _sampler(done)
        study.optimize(objective, n_trials=1)
        progress(done + 1)
    found = with_values(present, study.best_params)
    better = losses(frame, seasons, present) - losses(frame, seasons, found)
    gain, error = float(better.mean()), float(better.std() / np.sqrt(len(better)))
    return Tuned(study.best_params, gain, error, found if gain > SURE * error else present)


def _check(frame: pl.DataFrame, seasons: list[int]) -> None:
    known = set(frame["season"])
    if missing := sorted({*seasons, min(seasons) - 1} - known):
        raise DataError(
            "matches", 0, f"tuning needs the seasons that begin in {missing}: pull more, or leave --tune"
        )


def _study(journal: Path) -> "optuna.Study":
    try:
        import optuna  # noqa: PLC0415 - only tuning needs it
        from optuna.storages.journal import JournalFileBackend  # noqa: PLC0415
    except ImportError as error:
        raise SabiScoreError("tuning needs optuna: uv sync --group tune") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    journal.parent.mkdir(parents=True, exist_ok=True)
    return optuna.create_study(
        study_name=STUDY,
        storage=optuna.storages.JournalStorage(JournalFileBackend(str(journal))),
        load_if_exists=True,
    )


def _sampler(done: int) -> "optuna.samplers.BaseSampler":
    """Seeded by how many trials there are: a search that goes on draws what it had not drawn before."""
    import optuna  # noqa: PLC0415 - only tuning needs it

    return optuna.samplers.TPESampler(seed=done, multivariate=True)


def _done(study: "optuna.Study") -> int:
    """How many trials came to their end; one that was interrupted is no evidence and is done again."""
    return sum(trial.values is not None for trial in study.trials)


def losses(frame: pl.DataFrame, seasons: list[int], parameters: Parameters) -> Floats:
    """RPS of each match of ``seasons`` by the linear part alone, walk-forward."""
    rows = table(frame, parameters)
    return np.concatenate([_season_losses(rows, season) for season in seasons])


def _season_losses(rows: Table, season: int) -> Floats:
    past, now = rows.of(rows.seasons < season), rows.of(rows.seasons == season)
    linear, _ = fit_linear(OUTCOME, past, FitParameters())
    return rps(softmax(linear.scores(now.matrix)), now.outcomes)


def with_values(parameters: Parameters, values: dict[str, float]) -> Parameters:
    """The parameters with values at dotted names."""
    changed: dict[str, Any] = msgspec.to_builtins(parameters)
    for name, value in values.items():
        group, field = name.split(".")
        changed[group][field] = value
    return msgspec.convert(changed, Parameters)


def _flat(parameters: Parameters) -> dict[str, float]:
    given = msgspec.to_builtins(parameters)
    return {name: given[group][field] for name in RANGES for group, field in [name.split(".")]}
