"""A bundle at work: fixtures in, explained probabilities out. Knows features and models, nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats, Matrix
from sabiscore.domain import GoalAdjustment, Odds
from sabiscore.errors import BundleError
from sabiscore.features import History, Parameters, RowMaker, Rows, columns, played
from sabiscore.features.calendar import day_number, day_of
from sabiscore.features.history import dump, load
from sabiscore.features.played import Played
from sabiscore.features.rows import FixtureKey
from sabiscore.implied import shin
from sabiscore.models import bundles
from sabiscore.models.adjustment import adjusted
from sabiscore.models.bundles import Bundle, GoldenFixture, Manifest
from sabiscore.models.calibration import Calibration
from sabiscore.models.corners import expected_corners
from sabiscore.models.explain import Explained, Explainer
from sabiscore.models.heads import MIRRORED, OUTPUTS, Head, HeadWeights, probabilities
from sabiscore.models.odds import pool

HISTORY = "history.npz"
"""What a bundle keeps its history in."""

_GOLDEN_TOLERANCE = 1e-6


def pack(history: History, members: Sequence[bytes], matches: Played) -> dict[str, bytes]:
    """The files of a bundle; ``members`` are those of the head."""
    trees = {f"trees-{k}.cbm": part for k, part in enumerate(members)}
    return {HISTORY: dump(history), played.FILE: played.dump(matches)} | trees


class Forecast(Struct, frozen=True):
    """``n`` fixtures: their rows, the model's probabilities and what moved them, and what follows.

    ``market`` ``[n, 3]`` is what the odds say, NaN where there are none; ``probabilities`` ``[n, 3]`` are
    pooled with it; ``rates`` ``[n, 2]`` are expected goals, and ``grids`` ``[n, 11, 11]`` their scores, not yet
    reconciled with the probabilities. ``corners`` ``[n, 2]`` are those to expect of each side, NaN where that is not
    known. ``by_adjustment`` ``[n, 3]`` is what adjusted goals add to the probabilities, if any are.
    """

    rows: Rows
    explained: Explained
    market: Floats
    probabilities: Floats
    rates: Floats
    grids: Floats
    corners: Floats
    by_adjustment: Floats | None = None


class Forecaster:
    """Answers from one bundle; immutable once made."""

    def __init__(self, bundle: Bundle, history: History, head: Head) -> None:
        self.manifest: Manifest = bundle.manifest
        self.version = bundle.version
        self.card = bundles.card(bundle)
        self.head = head
        self.calibration = msgspec.convert(bundle.manifest.calibration, Calibration)
        self.bounds = self.calibration.bounds
        self.rows = RowMaker(history, msgspec.convert(bundle.manifest.parameters, Parameters))
        groups = [columns.of_group(group) for group in columns.EXPLAINED_GROUPS]
        self.explainer = Explainer(groups, columns.NEUTRAL)
        self._silent = Explainer((), columns.NEUTRAL)

    @classmethod
    def load(cls, directory: Path = bundles.SHIPPED) -> Self:
        """The bundle of a directory at work: see `from_bundle`.

        Raises:
            BundleError: it is not whole, not ours, or does not predict what it did when it was made.
        """
        return cls.from_bundle(bundles.read(directory))

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> Self:
        """Make of a verified bundle what answers, and have it say again what it said when it was made.

        Its content meets a native parser here: a bundle from elsewhere is tried first (`sabiscore.trial`).

        Raises:
            BundleError: it is not ours, cannot be right, or does not predict what it did.
        """
        manifest = bundle.manifest
        _check_features(bundle)
        with bundles.refusing(bundle.source), np.errstate(all="ignore"):
            head = Head(msgspec.convert(manifest.head, HeadWeights), members(bundle.files))
            forecaster = cls(bundle, load(_file(bundle, HISTORY)), head)
            msgspec.json.encode(forecaster.card)
            _check_days(bundle, forecaster.rows.history)
            _check_golden(bundle, head)
            _check_golden_fixtures(bundle, forecaster)
        return forecaster

    def forecast(
        self,
        fixtures: Sequence[FixtureKey],
        odds: Sequence[Odds | None] = (),
        *,
        neutral: Sequence[bool] = (),
        adjust: Sequence[GoalAdjustment | None] = (),
        explain: bool = True,
    ) -> Forecast:
        """Predict fixtures with one model call; each knows only matches before its day.

        Args:
            fixtures: ``n`` of them.
            odds: of each, where there are any.
            neutral: whether each is on neutral ground: then as the mean of both clubs at home, without the advantage.
            adjust: goals added to those expected, whatever the odds say, where there are any.
            explain: whether to tell what moved the probabilities, which takes most of the time.

        Raises:
            KeyError: a league is not in the bundle.
        """
        rows = self.rows.fixtures(fixtures, neutral=neutral)
        explainer = self.explainer if explain else self._silent
        log_odds = self.head.log_odds(explainer.rows(rows.matrix))
        level = np.flatnonzero(neutral)
        if level.size:
            self._level(log_odds.reshape(-1, len(fixtures), OUTPUTS), fixtures, level, explainer)
        explained = explainer.explain(probabilities(log_odds))
        rates = self.head.rates(log_odds[: len(fixtures)])
        market = _market(odds or [None] * len(fixtures))
        found = self._pooled(explained.probabilities, market)
        by_adjustment = None
        if any(adjust):
            pooled, goals = found, _goals(adjust)
            found, rates = adjusted(pooled, rates, goals, self.head.weights.rho)
            by_adjustment = found - pooled
        corners = expected_corners(rates, rows.corner_index, rows.mean_corners, level)
        return Forecast(rows, explained, market, found, rates, self.head.grids(rates), corners, by_adjustment)

    def witness(self, fixtures: Sequence[GoldenFixture]) -> list[GoldenFixture]:
        """The same fixtures with the probabilities that are forecast now."""
        keys = [(one.league, one.home, one.away, day_number(one.day)) for one in fixtures]
        found = self.forecast(keys, [one.odds for one in fixtures]).probabilities.tolist()
        return [
            msgspec.structs.replace(one, probabilities=tuple(now))
            for one, now in zip(fixtures, found, strict=True)
        ]

    def _level(
        self,
        log_odds: Floats,
        fixtures: Sequence[FixtureKey],
        level: NDArray[np.intp],
        explainer: Explainer,
    ) -> None:
        """Make of the log-odds ``[steps, n, 3]`` of some fixtures the means of them and of those with sides changed."""
        mirrored = [(fixtures[k][0], fixtures[k][2], fixtures[k][1], fixtures[k][3]) for k in level]
        rows = self.rows.fixtures(mirrored, neutral=[True] * len(mirrored))
        other = self.head.log_odds(explainer.rows(rows.matrix)).reshape(-1, len(mirrored), OUTPUTS)
        log_odds[:, level] = 0.5 * (log_odds[:, level] + other[..., MIRRORED])

    def _pooled(self, ours: Floats, market: Floats) -> Floats:
        """Ours, and the market's where it is known, in one."""
        given = np.flatnonzero(market[:, 0] > 0.0)
        if not given.size:
            return ours
        pooled = ours.copy()
        pooled[given] = pool(ours[given], market[given], self.calibration.market_weight)
        return pooled


def _market(odds: Sequence[Odds | None]) -> Floats:
    """What odds say ``[n, 3]``, NaN where there are none."""
    market = np.full((len(odds), 3), np.nan)
    given = [number for number, one in enumerate(odds) if one is not None]
    if given:
        market[given] = shin(np.array([(one.home, one.draw, one.away) for one in odds if one is not None]))
    return market


def _goals(adjust: Sequence[GoalAdjustment | None]) -> Floats:
    """The goals ``[n, 2]`` to be added."""
    return np.array([(0.0, 0.0) if each is None else (each.home, each.away) for each in adjust])


def golden(head: Head, matrix: Matrix) -> bundles.Golden:
    """What this head says of rows ``[k, features]``, to be asked again when the bundle is loaded."""
    log_odds = head.log_odds(matrix)
    return bundles.Golden(matrix.tolist(), probabilities(log_odds).tolist(), head.rates(log_odds).tolist())


def members(files: Mapping[str, bytes]) -> list[bytes]:
    """The ``.cbm`` files of the head, in order."""
    return [files[name] for name in sorted(files) if name.endswith(bundles.TREES)]


def _file(bundle: Bundle, name: str) -> bytes:
    if name not in bundle.files:
        raise BundleError(bundle.source, f"{name} is not in the manifest")
    return bundle.files[name]


def _check_features(bundle: Bundle) -> None:
    manifest = bundle.manifest
    if manifest.features_fingerprint != columns.fingerprint() or manifest.features != columns.NAMES:
        raise BundleError(
            bundle.source,
            f"was made by sabiscore {manifest.sabiscore} for other features; train it again",
        )


def _check_days(bundle: Bundle, history: History) -> None:
    """Whether the manifest says between which days the history lies."""
    days = history.calendar.leagues.day
    found = day_of(int(days.min())), day_of(int(days.max()))
    if found != (bundle.manifest.data_from, bundle.manifest.data_through):
        raise BundleError(
            bundle.source, f"its matches are of {found[0]} to {found[1]}, not as the manifest says"
        )


def _check_golden(bundle: Bundle, head: Head) -> None:
    expected = bundle.manifest.golden
    found = golden(head, np.array(expected.rows, dtype=np.float32))
    _check_same(bundle, found.probabilities, expected.probabilities)
    _check_same(bundle, found.goals, expected.goals)


def _check_golden_fixtures(bundle: Bundle, forecaster: Forecaster) -> None:
    expected = bundle.manifest.golden.fixtures
    found = forecaster.witness(expected)
    _check_same(bundle, [one.probabilities for one in found], [one.probabilities for one in expected])


def _check_same(bundle: Bundle, now: Sequence[Sequence[float]], then: Sequence[Sequence[float]]) -> None:
    """Raises BundleError unless these ``[k][n]``, at least one, are the same numbers."""
    found, expected = np.array(now), np.array(then)
    off = np.abs(found - expected).max() if found.shape == expected.shape else np.inf
    if not off <= _GOLDEN_TOLERANCE:
        raise BundleError(bundle.source, f"does not reproduce its golden predictions (off by {off:.2g})")
