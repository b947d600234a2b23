"""The CatBoost ensemble: members trained from different seeds, summed into one model to serve."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from catboost import CatBoost, CatBoostClassifier, sum_models
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.models.predictor import Floats, Matrix

CLASSES = (0, 1, 2)
"""Home, draw, away."""


class EnsembleParameters(Struct, frozen=True):
    """How the members are trained; chosen on the seasons 2020/21 to 2022/23."""

    members: int = 3
    iterations: int = 200
    depth: int = 4
    learning_rate: float = 0.04
    l2_leaf_reg: float = 10.0
    rsm: float = 0.5
    subsample: float = 0.6


class Ensemble:
    """A `Predictor` over the mean of its members' raw scores."""

    def __init__(self, members: Sequence[bytes]) -> None:
        """Load members from the content of their ``.cbm`` files.

        Raises:
            ValueError: there are none, or one was trained on other classes.
        """
        if not members:
            raise ValueError("an ensemble needs at least one member")
        models = [_load(content) for content in members]
        self._model: CatBoost = sum_models(models, weights=[1.0 / len(models)] * len(models))

    def predict(self, matrix: Matrix) -> Floats:
        """Home, draw, away ``[n, 3]`` of float32 ``[n, features]``."""
        raw = self._model.predict(matrix, prediction_type="RawFormulaVal", thread_count=1)
        return softmax(np.asarray(raw, dtype=np.float64).reshape(-1, len(CLASSES)))


def softmax(scores: Floats) -> Floats:
    """Probabilities ``[n, k]`` of raw scores ``[n, k]``."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def _load(content: bytes) -> CatBoost:
    model = CatBoostClassifier()
    model.load_model(blob=content)
    if tuple(model.classes_) != CLASSES:
        raise ValueError(f"trained on classes {list(model.classes_)}, not home, draw, away")
    return model


def train_member(
    matrix: Matrix, outcomes: NDArray[np.intp], parameters: EnsembleParameters, seed: int
) -> bytes:
    """The content of the ``.cbm`` file of one member; the same input gives the same bytes.

    ``outcomes`` ``[n]`` are 0 home, 1 draw, 2 away. One thread, because sums in another order differ in
    the last bit, and those bits decide splits.
    """
    model = CatBoostClassifier(
        loss_function="MultiClass",
        iterations=parameters.iterations,
        depth=parameters.depth,
        learning_rate=parameters.learning_rate,
        l2_leaf_reg=parameters.l2_leaf_reg,
        rsm=parameters.rsm,
        bootstrap_type="Bernoulli",
        subsample=parameters.subsample,
        random_seed=seed,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    )
    model.fit(matrix, outcomes)
    return _content(model)


def _content(model: CatBoostClassifier) -> bytes:
    metadata = model.get_metadata()
    for name in ("train_finish_time", "model_guid"):
        metadata[name] = ""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "member.cbm"
        model.save_model(str(path))
        return path.read_bytes()
