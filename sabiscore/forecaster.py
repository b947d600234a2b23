"""A bundle at work: fixtures in, explained probabilities out. Knows features and models, nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from catboost import CatBoostError
from msgspec import Struct

from sabiscore.domain import Odds
from sabiscore.errors import BundleError
from sabiscore.features import History, Parameters, RowMaker, Rows, spec
from sabiscore.features.history import dump, load
from sabiscore.features.rows import FixtureKey
from sabiscore.models import bundle as bundles
from sabiscore.models.bundle import Bundle, Manifest
from sabiscore.models.calibration import Calibration
from sabiscore.models.explain import Explained, Explainer
from sabiscore.models.heads import Heads, HeadsFile
from sabiscore.models.market import pool, shin
from sabiscore.models.predictor import Floats, Matrix

EXPLAINED_GROUPS = tuple(spec.GROUPS)[1:]
"""The groups a reason may name: all but the setting of the match."""

_HISTORY = "history.npz"
_GOLDEN_TOLERANCE = 1e-6


def pack(history: History, members: Mapping[str, Sequence[bytes]]) -> dict[str, bytes]:
    """The files of a bundle; ``members`` are those of each head."""
    trees = {f"{head}-{k}.cbm": part for head, parts in members.items() for k, part in enumerate(parts)}
    return {_HISTORY: dump(history)} | trees


class Forecast(Struct, frozen=True):
    """``n`` fixtures: their rows, the model's probabilities and what moved them, and what follows.

    ``market`` ``[n, 3]`` is what the odds say, NaN where there are none; ``probabilities`` ``[n, 3]`` have heard
    it; ``grids`` ``[n, 11, 11]`` are the goal heads' own and not yet reconciled with them.
    """

    rows: Rows
    explained: Explained
    market: Floats
    probabilities: Floats
    grids: Floats


class Forecaster:
    """Answers from one bundle; immutable once made."""

    def __init__(self, bundle: Bundle, history: History, heads: Heads) -> None:
        self.manifest: Manifest = bundle.manifest
        self.version = bundle.version
        self.card = bundles.card(bundle)
        self.heads = heads
        self.calibration = msgspec.convert(bundle.manifest.calibration, Calibration)
        self.bounds = self.calibration.bounds
        self.rows = RowMaker(history, msgspec.convert(bundle.manifest.parameters, Parameters))
        groups = [[spec.NAMES.index(name) for name in spec.GROUPS[group]] for group in EXPLAINED_GROUPS]
        self.explainer = Explainer(groups, spec.NEUTRAL)

    @classmethod
    def load(cls, directory: Path = bundles.SHIPPED) -> Self:
        """Verify a bundle, then read it, then have it reproduce its golden rows.

        Raises:
            BundleError: it is not whole, not ours, or does not predict what it did when it was made.
        """
        bundle = bundles.read(directory)
        _check_features(directory, bundle.manifest)
        try:
            heads = Heads(msgspec.convert(bundle.manifest.heads, HeadsFile), _members(bundle.files))
            forecaster = cls(bundle, load(_file(directory, bundle.files, _HISTORY)), heads)
            _check_golden(directory, bundle.manifest, heads)
        except (ValueError, CatBoostError) as error:
            raise BundleError(directory, f"cannot be read: {error}") from error
        return forecaster

    def forecast(self, fixtures: Sequence[FixtureKey], odds: Sequence[Odds | None] = ()) -> Forecast:
        """Predict fixtures with one model call; each knows only matches before its day.

        Raises:
            KeyError: a league is not in the bundle.
        """
        rows = self.rows.fixtures(fixtures)
        predicted, goals = self.heads.predict(self.explainer.rows(rows.matrix))
        explained = self.explainer.explain(predicted)
        market = _market(odds or [None] * len(fixtures))
        heard = self._heard(explained.probabilities, market)
        return Forecast(rows, explained, market, heard, self.heads.grids_of(goals[: len(fixtures)]))

    def _heard(self, ours: Floats, market: Floats) -> Floats:
        """Ours, and the market's where it is known, in one."""
        given = np.flatnonzero(market[:, 0] > 0.0)
        if not given.size:
            return ours
        heard = ours.copy()
        heard[given] = pool(ours[given], market[given], self.calibration.trust)
        return heard


def _market(odds: Sequence[Odds | None]) -> Floats:
    """What odds say ``[n, 3]``, NaN where there are none."""
    market = np.full((len(odds), 3), np.nan)
    given = [number for number, one in enumerate(odds) if one is not None]
    if given:
        market[given] = shin(np.array([(one.home, one.draw, one.away) for one in odds if one is not None]))
    return market


def golden(heads: Heads, matrix: Matrix) -> bundles.Golden:
    """What these heads say of rows ``[k, features]``, to be asked again when the bundle is loaded."""
    return bundles.Golden(
        matrix.tolist(), heads.outcome.predict(matrix).tolist(), heads.goals(matrix).tolist()
    )


def _members(files: Mapping[str, bytes]) -> dict[str, list[bytes]]:
    """The ``.cbm`` files of each head, in order."""
    members: dict[str, list[bytes]] = {}
    for name in sorted(files):
        if name.endswith(".cbm"):
            members.setdefault(name.rpartition("-")[0], []).append(files[name])
    return members


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


def _check_golden(directory: Path, manifest: Manifest, heads: Heads) -> None:
    expected = manifest.golden
    found = golden(heads, np.array(expected.rows, dtype=np.float32))
    errors = [
        np.abs(np.array(now) - np.array(then)).max()
        for now, then in (
            (found.probabilities, expected.probabilities),
            (found.goals, expected.goals),
        )
    ]
    if not max(errors) <= _GOLDEN_TOLERANCE:
        raise BundleError(directory, f"does not reproduce its golden predictions (off by {max(errors):.2g})")
