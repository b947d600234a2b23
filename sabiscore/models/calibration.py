"""What is learnt from walk-forward predictions about the predictions themselves, and what it was worth.

Everything is chosen on some seasons and measured on later ones; both are named in the manifest.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, get_args

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats, logit, sigmoid
from sabiscore.domain import Confidence
from sabiscore.models import conformal
from sabiscore.models.confidence import (
    FRESH,
    AgedConfidence,
    Bounds,
    ConfidenceLevel,
    Count,
    Share,
    Told,
    by_age,
    choose_bounds,
    measure,
    measure_apart,
)
from sabiscore.models.odds import (
    ClosingWeights,
    closing_errors,
    expected_closing,
    learn_closing,
    pool,
    weights_of,
)
from sabiscore.scoring.scores import Outcomes, expected_gap, rps

INTERVAL_COVERAGE = 0.8
"""How often an interval holds the closing market's probability."""

SET_COVERAGE = 0.9
LICENCE_BOUND = 0.0
"""How much worse than the market ours with odds may be, in mean paired RPS, for a licence to bet: the upper end
of a one-sided 95 % interval must not be above it."""

POOR_GAP = 0.0008
"""The expected gap above which a league's forecasts are said to be worse than most: twice that of the five big ones."""

SURE = 2.0
MARKET_ALONE = 1.0
ONE_SIDED = 1.645
FEWEST_OF_A_LEAGUE = 200
"""Matches with closing odds below which nothing is said of a league by itself."""

ALL = "all"
_DOWN_AND_UP = np.array((-1.0, 1.0))
_AGED_BOUNDS = list[tuple[int, dict[Confidence, float]]]
_WEIGHTS = np.arange(0.0, 1.2001, 0.02)


class Validated(Struct, frozen=True):
    """Walk-forward predictions and what there was to compare them with; one row a match.

    ``ours``, ``market`` (without margin, before the match) and ``closing`` are ``[n, 3]``, NaN without odds;
    ``variance`` ``[n]`` is that of the difference of the two ratings. ``age`` ``[n]`` is days since the last match
    that was known, ``joins`` ``[n]`` where a club came up and had not played in the league that season.
    """

    season: NDArray[np.intp]
    league: NDArray[np.str_]
    outcomes: Outcomes
    ours: Floats
    market: Floats
    closing: Floats
    variance: Floats
    age: NDArray[np.intp]
    joins: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.bool_]) -> "Validated":
        """The chosen matches."""
        return Validated(**{name: getattr(self, name)[chosen] for name in Validated.__struct_fields__})


Width = Annotated[float, Meta(ge=0.0, le=100.0)]
Loss = Annotated[float, Meta(ge=-1.0, le=1.0)]


Widths = tuple[Width, Width, Width]


class HalfWidths(Struct, frozen=True, forbid_unknown_fields=True):
    """Half of each interval (home, draw, away) on a logit, for a variance of 1, and its ``coverage``, by league.

    A league without widths of its own has those of `ALL`.
    """

    widths: dict[str, Widths]
    coverage: dict[str, Share]

    def __post_init__(self) -> None:
        """Raises ValueError unless there are widths for any league."""
        if ALL not in self.widths:
            raise ValueError("it has no widths of intervals")

    def of(self, league: str) -> Widths:
        """Those of a league."""
        return self.widths.get(league) or self.widths[ALL]


class OutcomeSets(Struct, frozen=True, forbid_unknown_fields=True):
    """The conformal threshold, and how often what happened was in the set, by league."""

    threshold: Share
    coverage: dict[str, Share]


class Licence(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to bet on a league: ``loss`` is the mean paired RPS of ours with odds less the market's.

    ``at_most`` is the upper end of its one-sided 95 % interval. Where the market alone is trusted there is no
    edge, and no licence.
    """

    granted: bool
    loss: Loss
    at_most: Loss
    n: Count


class Calibration(Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. ``market_weight`` is the market's when odds are given, ``trust`` in JSON.

    ``confidence`` is for data that are `FRESH`, ``confidence_by_age`` for older ones, the younger first. ``closing``
    tells how odds given move until kick-off, in leagues where that is known, ``expected_gaps`` how far we are from it
    beyond the market.
    """

    confidence: dict[str, ConfidenceLevel]
    market_weight: Annotated[float, Meta(ge=0.0, le=2.0)] = msgspec.field(name="trust")
    interval: HalfWidths
    interval_with_odds: HalfWidths
    outcome_sets: OutcomeSets
    licences: dict[str, Licence]
    confidence_by_age: tuple[AgedConfidence, ...] = ()
    closing: dict[str, ClosingWeights] = {}
    expected_gaps: dict[str, Loss] = {}

    def __post_init__(self) -> None:
        """Raises ValueError unless every level of confidence is there."""
        if set(self.confidence) != set(get_args(Confidence)):
            raise ValueError(f"it has the levels {', '.join(self.confidence)}")

    @property
    def poor(self) -> frozenset[str]:
        """The leagues whose forecasts were worse than most."""
        return frozenset(code for code, gap in self.expected_gaps.items() if gap > POOR_GAP)

    @property
    def licensed(self) -> frozenset[str]:
        """The leagues that one may bet on; one that was not measured is not among them."""
        return frozenset(code for code, licence in self.licences.items() if licence.granted)

    @property
    def bounds(self) -> Bounds:
        """The bounds of confidence by the data's age."""
        levels = (
            (FRESH, self.confidence),
            *((aged.through, aged.confidence) for aged in self.confidence_by_age),
        )
        return msgspec.convert(
            [(age, {name: level.at_least for name, level in known.items()}) for age, known in levels],
            _AGED_BOUNDS,
        )


def complete(values: Floats) -> NDArray[np.bool_]:
    """Which rows ``[n]`` of ``[n, k]`` have no NaN."""
    return np.asarray(np.isfinite(values).all(axis=1))


def calibrate(choose: Validated, check: Validated, older: tuple[Validated, Validated]) -> Calibration:
    """Choose on the matches of ``choose``, measure on those of ``check``; confidence is chosen on both.

    ``older`` are the same two predicted from older data, a match once for each age.
    """
    market_weight = choose_market_weight(choose)
    threshold = conformal.threshold(choose.ours, choose.outcomes, SET_COVERAGE)
    confidence = _confidence(_together(choose, check))
    leagues = _by_league(check)
    sets = {code: conformal.coverage(part.ours, part.outcomes, threshold) for code, part in leagues.items()}
    return Calibration(
        confidence=confidence,
        confidence_by_age=by_age(confidence, *map(_told, older)),
        market_weight=market_weight,
        interval=_intervals(choose, leagues, None),
        interval_with_odds=_intervals(choose, leagues, market_weight),
        outcome_sets=OutcomeSets(threshold, sets),
        licences=_licences(check, market_weight),
        closing=choose_closing(choose),
        expected_gaps=_expected_gaps(leagues),
    )


def _confidence(validated: Validated) -> dict[str, ConfidenceLevel]:
    """Bounds chosen on all seasons; what they are worth is what each season's matches got from the others' bounds."""
    bounds, seasons = choose_bounds(validated.ours, validated.outcomes), np.unique(validated.season)
    if len(seasons) == 1:
        return measure(bounds, _told(validated))
    parts = []
    for season in seasons:
        inside = validated.season == season
        others = validated.of(~inside)
        parts.append((choose_bounds(others.ours, others.outcomes), _told(validated.of(inside))))
    return measure_apart(bounds, parts)


def _together(choose: Validated, check: Validated) -> Validated:
    """The matches of both."""
    names = Validated.__struct_fields__
    return Validated(*(np.concatenate([getattr(part, name) for part in (choose, check)]) for name in names))


def _told(validated: Validated) -> Told:
    ours = validated.ours
    return Told(ours.max(axis=1), ours.argmax(axis=1) == validated.outcomes, validated.age, validated.joins)


def choose_market_weight(validated: Validated) -> float:
    """The market's weight with the least RPS on these matches.

    It is 1, the market alone, unless less is better by SURE standard errors: a weight that fits a few seasons
    by luck would be worse than the market on the next. Also where none has odds.
    """
    priced = validated.of(complete(validated.market))
    if not len(priced.outcomes):
        return MARKET_ALONE
    alone = rps(priced.market, priced.outcomes)
    losses = [
        rps(pool(priced.ours, priced.market, market_weight), priced.outcomes) for market_weight in _WEIGHTS
    ]
    best = int(np.argmin([loss.mean() for loss in losses]))
    gain = alone - losses[best]
    sure = gain.mean() > SURE * gain.std() / np.sqrt(len(gain))
    return round(float(_WEIGHTS[best]), 2) if sure else MARKET_ALONE


def choose_closing(validated: Validated) -> dict[str, ClosingWeights]:
    """How the market's odds move until kick-off, by league, on these matches.

    Where what is learnt is not better by SURE standard errors, nothing is said.
    """
    known = validated.of(complete(np.hstack((validated.market, validated.closing))))
    found = {}
    for code in np.unique(known.league).tolist():
        part = known.of(known.league == code)
        learnt = learn_closing(part.market, part.ours, part.closing)
        moved = expected_closing(part.market, part.ours, weights_of(part.league, {code: learnt}))
        gain = closing_errors(part.market, part.closing) - closing_errors(moved, part.closing)
        if gain.mean() > SURE * gain.std() / np.sqrt(len(gain)):
            found[code] = learnt
    return found


def interval(probabilities: Floats, variance: Floats, widths: Sequence[float] | Floats) -> Floats:
    """Low and high ``[n, 3, 2]`` of probabilities ``[n, 3]``, given the variance ``[n]``.

    ``widths`` are ``[3]``, or each fixture's own ``[n, 3]``.
    """
    half = np.sqrt(variance)[:, None] * np.asarray(widths)
    return sigmoid(logit(probabilities)[:, :, None] + half[:, :, None] * _DOWN_AND_UP)


def _intervals(choose: Validated, check: Mapping[str, Validated], market_weight: float | None) -> HalfWidths:
    widths = {code: _half_widths(part, market_weight) for code, part in _by_league(choose).items()}
    known = {ALL: (1.0, 1.0, 1.0)} | {code: found for code, found in widths.items() if found}
    found = HalfWidths(known, {})
    coverage = {code: _interval_coverage(part, found, market_weight) for code, part in check.items()}
    return HalfWidths(known, coverage)


def _half_widths(validated: Validated, market_weight: float | None) -> Widths | None:
    """None where too few matches tell."""
    ours, known = _forecast(validated, market_weight)
    if known.sum() < FEWEST_OF_A_LEAGUE:
        return None
    off = np.abs(logit(validated.closing[known]) - logit(ours[known]))
    scaled = off / np.sqrt(validated.variance[known])[:, None]
    home, draw, away = np.quantile(scaled, INTERVAL_COVERAGE, axis=0).round(4).tolist()
    return home, draw, away


def _interval_coverage(validated: Validated, chosen: HalfWidths, market_weight: float | None) -> float:
    ours, known = _forecast(validated, market_weight)
    if not known.any():
        return 0.0
    widths = np.array([chosen.of(code) for code in validated.league[known].tolist()])
    found = interval(ours[known], validated.variance[known], widths)
    closing = validated.closing[known]
    return float(((found[..., 0] <= closing) & (closing <= found[..., 1])).mean())


def _forecast(validated: Validated, market_weight: float | None) -> tuple[Floats, NDArray[np.bool_]]:
    """Ours, with odds or without, and the matches where it and the closing market are known."""
    ours = validated.ours if market_weight is None else pool(validated.ours, validated.market, market_weight)
    return ours, complete(np.hstack((ours, validated.closing)))


def _expected_gaps(leagues: Mapping[str, Validated]) -> dict[str, float]:
    found = {}
    for code, part in leagues.items():
        known = part.of(complete(np.hstack((part.ours, part.market, part.closing))))
        if len(known.outcomes) >= FEWEST_OF_A_LEAGUE:
            gaps = expected_gap(known.ours, known.market, known.closing)
            found[code] = round(float(gaps.mean()), 6)
    return found


def _licences(validated: Validated, market_weight: float) -> dict[str, Licence]:
    licences = {}
    for code, part in _by_league(validated).items():
        priced = part.of(complete(part.market))
        if code == ALL or not len(priced.outcomes):
            continue
        ours = rps(pool(priced.ours, priced.market, market_weight), priced.outcomes)
        losses = ours - rps(priced.market, priced.outcomes)
        error = float(losses.std() / np.sqrt(len(losses)))
        loss, at_most = (round(float(losses.mean()) + sides * error, 9) for sides in (0.0, ONE_SIDED))
        granted = market_weight != MARKET_ALONE and at_most <= LICENCE_BOUND
        licences[code] = Licence(granted, loss, at_most, len(losses))
    return licences


def _by_league(validated: Validated) -> dict[str, Validated]:
    codes = np.unique(validated.league)
    return {ALL: validated} | {str(code): validated.of(validated.league == code) for code in codes}
