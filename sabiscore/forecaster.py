"""A bundle at work: fixtures in, explained probabilities out. Knows features and models, nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from catboost import CatBoostError
from msgspec import Struct

from sabiscore.errors import BundleError
from sabiscore.features import History, Parameters, RowMaker, Rows, spec
from sabiscore.features.history import dump, load
from sabiscore.features.rows import FixtureKey
from sabiscore.models import bundle as bundles
from sabiscore.models.bundle import Bundle, Manifest
from sabiscore.models.ensemble import Ensemble
from sabiscore.models.explain import Explained, Explainer
from sabiscore.models.predictor import Predictor

SHIPPED = Path(__file__).parent / "bundle"
"""The bundle inside the package, and the default."""

EXPLAINED_GROUPS = tuple(spec.GROUPS)[1:]
"""The groups a reason may name: all but the setting of the match."""

_HISTORY = "history.npz"
_GOLDEN_TOLERANCE = 1e-6


def pack(history: History, members: Sequence[bytes]) -> dict[str, bytes]:
    """The files of a bundle."""
    return {_HISTORY: dump(history)} | {f"member-{k}.cbm": content for k, content in enumerate(members)}


class Forecast(Struct, frozen=True):
    """``n`` fixtures: their rows, and the probabilities with what moved them."""

    rows: Rows
    explained: Explained


class Forecaster:
    """Answers from one bundle; immutable once made."""

    def __init__(self, bundle: Bundle, history: History, predictor: Predictor) -> None:
        self.manifest: Manifest = bundle.manifest
        self.version = bundle.version
        self.card = bundles.card(bundle)
        self.predictor = predictor
        self.rows = RowMaker(history, msgspec.convert(bundle.manifest.parameters, Parameters))
        groups = [[spec.NAMES.index(name) for name in spec.GROUPS[group]] for group in EXPLAINED_GROUPS]
        self.explainer = Explainer(predictor, groups, spec.NEUTRAL)

    @classmethod
    def load(cls, directory: Path = SHIPPED) -> Self:
        """Verify a bundle, then read it, then have it reproduce its golden rows.

        Raises:
            BundleError: it is not whole, not ours, or does not predict what it did when it was made.
        """
        bundle = bundles.read(directory)
        _check_features(directory, bundle.manifest)
        try:
            history = load(_file(directory, bundle.files, _HISTORY))
            predictor = Ensemble(
                [bundle.files[name] for name in sorted(bundle.files) if name.endswith(".cbm")]
            )
            forecaster = cls(bundle, history, predictor)
        except (ValueError, CatBoostError) as error:
            raise BundleError(directory, f"cannot be read: {error}") from error
        _check_golden(directory, bundle.manifest, predictor)
        return forecaster

    def forecast(self, fixtures: Sequence[FixtureKey]) -> Forecast:
        """Predict fixtures with one model call; each knows only matches before its day.

        Raises:
            KeyError: a league is not in the bundle.
        """
        rows = self.rows.fixtures(fixtures)
        return Forecast(rows, self.explainer.explain(rows.matrix))


def _file(directory: Path, files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise BundleError(directory / name, "is not in the manifest")
    return files[name]


def _check_features(directory: Path, manifest: Manifest) -> None:
    if manifest.features_fingerprint != spec.fingerprint() or manifest.features != spec.NAMES:
        raise BundleError(
            directory / bundles.MANIFEST,
            f"was made by sabiscore {manifest.sabiscore} for other features; train it again",
        )


def _check_golden(directory: Path, manifest: Manifest, predictor: Predictor) -> None:
    predicted = predictor.predict(np.array(manifest.golden.rows, dtype=np.float32))
    error = float(np.abs(predicted - np.array(manifest.golden.probabilities)).max())
    if not error <= _GOLDEN_TOLERANCE:
        raise BundleError(directory, f"does not reproduce its golden predictions (off by {error:.2g})")
