"""CatBoost ensembles: members trained from different seeds, summed into one model to serve.

They learn what the linear part of a head leaves.
"""

import os
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
from catboost import CatBoost, Pool, sum_models
from msgspec import Struct

from sabiscore.arrays import Floats, Matrix

LARGEST = 50.0
"""Scores beyond which trees cannot correct a linear part: what they add is a few hundredths."""


class EnsembleParameters(Struct, frozen=True):
    """How the members are trained; chosen on the seasons up to 2022/23."""

    members: int = 1
    iterations: int = 150
    depth: int = 4
    learning_rate: float = 0.1
    l2_leaf_reg: float = 10.0
    rsm: float = 0.5
    subsample: float = 0.6


class Ensemble:
    """The mean of its members' raw scores, in one model of ``columns``; a row has ``outputs`` scores."""

    def __init__(self, members: Sequence[bytes]) -> None:
        """Load members from the content of their ``.cbm`` files.

        Raises:
            ValueError: there are none, or they hold what no training makes.
        """
        if not members:
            raise ValueError("an ensemble needs at least one member")
        models = [_load(content) for content in members]
        self._model: CatBoost = sum_models(models, weights=[1.0 / len(models)] * len(models))
        self.columns = len(self._model.feature_names_)
        no_row = np.zeros((1, self.columns), dtype=np.float32)
        self.outputs = self.scores(no_row).shape[1]

    def scores(self, rows: Matrix) -> Floats:
        """Raw scores ``[n, k]`` of float32 ``[n, columns]``."""
        raw = self._model.predict(Pool(rows, thread_count=1), thread_count=1)
        return np.asarray(raw, dtype=np.float64).reshape(len(rows), -1)


def check_structure(content: bytes) -> None:
    """Whether every split of the trees in a ``.cbm`` file is one of its own borders: CatBoost itself does not look.

    Trees that point elsewhere may end the process here; where the platform lets nothing be looked at, nothing is.

    Raises:
        ValueError: one is not.
    """
    if not hasattr(os, "memfd_create"):
        return
    trees = _exported(_load(content))
    borders = [tuple(feature["borders"] or ()) for feature in trees["features_info"]["float_features"]]
    first = [0, *accumulate(map(len, borders))]
    own = {first[k] + at: (k, border) for k, values in enumerate(borders) for at, border in enumerate(values)}
    for tree in trees["oblivious_trees"]:
        splits = [
            (split["split_index"], split["float_feature_index"], split["border"])
            for split in tree["splits"] or ()
        ]
        leaves = 2 ** len(splits)
        if (
            any(own.get(index) != (feature, border) for index, feature, border in splits)
            or len(tree["leaf_values"]) % leaves
        ):
            raise ValueError("trees that point astray")


def _exported(model: CatBoost) -> dict[str, Any]:
    descriptor = os.memfd_create("trees")
    with os.fdopen(descriptor, "rb") as file:
        model.save_model(f"/proc/self/fd/{descriptor}", format="json")
        exported: dict[str, Any] = msgspec.json.decode(file.read())
        return exported


def train_member(matrix: Matrix, target: Floats, parameters: EnsembleParameters, seed: int) -> bytes:
    """The content of the ``.cbm`` file of one member; the same input gives the same bytes.

    ``target`` ``[n, k]`` is what is to be added to a linear part's scores. One thread, because sums in another order
    differ in the last bit, and those bits decide splits.
    """
    model = CatBoost(
        {
            "loss_function": "MultiRMSE",
            "iterations": parameters.iterations,
            "depth": parameters.depth,
            "learning_rate": parameters.learning_rate,
            "l2_leaf_reg": parameters.l2_leaf_reg,
            "rsm": parameters.rsm,
            "bootstrap_type": "Bernoulli",
            "subsample": parameters.subsample,
            "random_seed": seed,
            "thread_count": 1,
            "logging_level": "Silent",
            "allow_writing_files": False,
        }
    )
    model.fit(Pool(matrix, target))
    return _content(model)


def _load(content: bytes) -> CatBoost:
    model = CatBoost()
    model.load_model(blob=content)
    scale, bias = model.get_scale_and_bias()
    borders = [border for borders in model.get_borders().values() for border in borders]
    sums = model.tree_count_ * np.abs(model.get_leaf_values()).max() + np.abs(bias).max()
    if scale != 1.0 or not np.isfinite(borders).all() or not sums < LARGEST:
        raise ValueError("trees with numbers that cannot be right")
    return model


def _content(model: CatBoost) -> bytes:
    metadata = model.get_metadata()
    for name in ("train_finish_time", "model_guid"):
        metadata[name] = ""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "member.cbm"
        model.save_model(str(path))
        return path.read_bytes()
