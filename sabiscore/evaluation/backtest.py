"""Walk-forward: every season predicted by what was known before it, beside its rivals.

A `SeasonModel` says what it said of a season; the backtest asks the rivals about the same matches and counts.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.data.seasons import name_of
from sabiscore.domain import OUTCOMES
from sabiscore.errors import DataError
from sabiscore.evaluation.aged import AgeBand, Aged, bands
from sabiscore.evaluation.betting import Bets, Curve, betting, curves
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.reliability import Bin, reliability
from sabiscore.evaluation.rivals import DIXON_COLES, MARKET, RIVALS, Rivals, did_both_score, rivals, was_over
from sabiscore.evaluation.scored import OURS, WITH_ODDS, Scored, known, together
from sabiscore.evaluation.section import Part, Section, parts, section
from sabiscore.models.scores import happened
from sabiscore.progress import Progress

CALIBRATED = (OURS, WITH_ODDS, MARKET, DIXON_COLES)
"""The forecasts whose reliability is told."""

_MATCH = ("date", "league", "home", "away")


class SeasonForecast(Struct, frozen=True):
    """One season, walk-forward: nothing in it knows anything after the season before.

    ``matches`` are the season's rows of the canonical frame, in its order; the state that they are predicted
    from is updated match day by match day. ``variants`` are probabilities ``[n, 3]`` by name, with "ours" and
    "ours with odds", NaN where one cannot say; the others are ablations. ``over`` (2.5 goals) and
    ``both_score`` are ``[n]``. ``level`` ``[n]`` is the confidence, as given at the
    data's age, ``licensed`` the leagues that one may bet on, both by earlier seasons. ``aged`` are forecasts of the
    same season from older data.
    """

    season: int
    matches: pl.DataFrame
    variants: dict[str, Floats]
    over: Floats
    both_score: Floats
    level: NDArray[np.str_]
    licensed: frozenset[str]
    aged: Aged


class SeasonModel(Protocol):
    """What is put to the test."""

    def __call__(self, frame: pl.DataFrame, season: int, progress: Steps) -> SeasonForecast:
        """Predict ``season`` of a canonical frame, that also holds it and may hold later ones."""


class Backtest(Struct, frozen=True):
    """Everything is on the ``n`` matches with pre-match odds; ``unpriced`` are left out.

    ``seasons`` and ``leagues`` split ``pooled``; ``leagues_by_season`` and ``months`` (2024-08) do with less
    to say. ``ages`` are of all matches. ``outcome_reliability`` is by forecast and outcome,
    ``goals_reliability`` by market and forecast.
    """

    data_through: date
    n: int
    unpriced: int
    variants: list[str]
    pooled: Section
    seasons: dict[str, Section]
    leagues: dict[str, Section]
    leagues_by_season: dict[str, list[Part]]
    months: list[Part]
    ages: list[AgeBand]
    outcome_reliability: dict[str, dict[str, list[Bin]]]
    goals_reliability: dict[str, dict[str, list[Bin]]]
    betting: list[Bets]
    profit: list[Curve]


def backtest(
    frame: pl.DataFrame,
    seasons: Sequence[int],
    model: SeasonModel,
    progress: Progress,
    workers: int | None = None,
) -> Backtest:
    """Put ``model`` and its rivals to the test of ``seasons`` (2023 is 2023/24) of a canonical frame.

    Raises:
        DataError: a season has no match with pre-match odds.
        SabiScoreError: penaltyblog is not installed.
        ValueError: the model's matches are not those of the season.
    """
    wanted = sorted(set(seasons))
    _check(frame, wanted)
    scored, old = zip(*(_season(frame, season, model, progress, workers) for season in wanted), strict=True)
    return _count(frame, together(scored), bands(old))


def default_seasons(frame: pl.DataFrame) -> list[int]:
    """The last two seasons that have odds beforehand.

    Raises:
        DataError: there is none.
    """
    priced: list[int] = frame.filter(pl.col("average_home").is_not_null())["season"].unique().sort().to_list()
    if not priced:
        raise DataError("matches", 0, "none has pre-match odds: there is no market to compare with")
    return priced[-2:]


def _check(frame: pl.DataFrame, seasons: Iterable[int]) -> None:
    known_seasons = set(frame.filter(pl.col("average_home").is_not_null())["season"])
    for season in seasons:
        if season not in known_seasons:
            raise DataError(
                "matches",
                0,
                f"none of {name_of(season)} has pre-match odds: there is no market to compare with",
            )


def _season(
    frame: pl.DataFrame, season: int, model: SeasonModel, progress: Progress, workers: int | None
) -> tuple[Scored, Aged]:
    label = name_of(season)
    forecast = model(frame, season, lambda done, of: progress(f"{label} our model", done, of))
    matches = frame.filter(pl.col("season") == season)
    if not forecast.matches.select(_MATCH).equals(matches.select(_MATCH)):
        raise ValueError(f"the model's matches are not those of {label}")
    others = rivals(frame, season, lambda done, of: progress(f"{label} Dixon-Coles", done, of), workers)
    return _scored(forecast, others), forecast.aged


def _scored(forecast: SeasonForecast, others: Rivals) -> Scored:
    return Scored(
        matches=forecast.matches,
        outcomes=forecast.variants | others.outcomes,
        over={OURS: forecast.over} | others.over,
        both_score={OURS: forecast.both_score} | others.both_score,
        level=forecast.level,
        licensed=forecast.matches["league"].is_in(forecast.licensed).to_numpy(),
    )


def _count(frame: pl.DataFrame, everything: Scored, ages: list[AgeBand]) -> Backtest:
    scored = everything.of(everything.priced)
    seasons, leagues = _split(scored, "season"), _split(scored, "league")
    return Backtest(
        data_through=frame.select(pl.col("date").max()).item(),
        n=len(scored.matches),
        unpriced=len(everything.matches) - len(scored.matches),
        variants=[name for name in scored.outcomes if name not in RIVALS],
        pooled=section(scored),
        seasons={name_of(int(season)): section(part) for season, part in seasons.items()},
        leagues={league: section(part) for league, part in leagues.items()},
        leagues_by_season={
            name_of(int(season)): parts(part, pl.col("league")) for season, part in seasons.items()
        },
        months=parts(scored, pl.col("date").dt.strftime("%Y-%m")),
        ages=ages,
        outcome_reliability={name: _outcome_reliability(scored, name) for name in CALIBRATED},
        goals_reliability=_goals_reliability(scored),
        betting=betting(scored),
        profit=curves(scored),
    )


def _split(scored: Scored, column: str) -> dict[str, Scored]:
    value = scored.matches[column].cast(pl.String)
    return {name: scored.of((value == name).to_numpy()) for name in value.unique().sort().to_list()}


def _outcome_reliability(scored: Scored, name: str) -> dict[str, list[Bin]]:
    said = scored.outcomes[name]
    told = known(said)
    true = happened(scored.truth)
    return {outcome: reliability(said[told, k], true[told, k]) for k, outcome in enumerate(OUTCOMES)}


def _goals_reliability(scored: Scored) -> dict[str, dict[str, list[Bin]]]:
    markets = {
        "over": (scored.over, was_over(scored.matches)),
        "both_score": (scored.both_score, did_both_score(scored.matches)),
    }
    return {
        market: {name: reliability(said[known(said)], true[known(said)]) for name, said in forecasts.items()}
        for market, (forecasts, true) in markets.items()
    }
