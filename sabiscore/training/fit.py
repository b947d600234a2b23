"""Fitting ensembles, one after another or walking forward through the seasons."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from sabiscore.models.ensemble import Ensemble, EnsembleParameters, train_member
from sabiscore.models.predictor import Floats, Matrix
from sabiscore.models.scores import Outcomes

Progress = Callable[[], None]
"""Called whenever a member has been trained."""

Fitter = Callable[[Matrix, Outcomes], list[bytes]]
"""Rows and outcomes in, the members of an ensemble out."""


def fit(
    matrix: Matrix, truth: Outcomes, parameters: EnsembleParameters, seed: int, progress: Progress
) -> list[bytes]:
    """The members of an ensemble: the same rows, parameters and seed give the same bytes.

    Each member is trained on one thread; as many at a time as there are cores.
    """

    def member(number: int) -> bytes:
        content = train_member(matrix, truth, parameters, seed + number)
        progress()
        return content

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(member, range(parameters.members)))


def walk_forward(
    matrix: Matrix, truth: Outcomes, seasons: NDArray[np.intp], reported: Iterable[int], fitter: Fitter
) -> Floats:
    """Predict each reported season with an ensemble fitted on the seasons before it only.

    ``seasons`` ``[n]`` is that of each row. Rows of other seasons stay NaN in the ``[n, 3]`` returned.
    """
    probabilities = np.full((len(truth), 3), np.nan)
    for season in reported:
        past, now = seasons < season, seasons == season
        members = fitter(matrix[past], truth[past])
        probabilities[now] = Ensemble(members).predict(matrix[now])
    return probabilities
