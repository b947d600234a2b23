"""Walk-forward: every season predicted by what was known before it, beside its rivals.

A `SeasonModel` says what it said of a season; the backtest asks the rivals about the same matches and counts.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Protocol

import msgspec
import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.data.seasons import name_of
from sabiscore.domain import OUTCOMES
from sabiscore.errors import DataError
from sabiscore.evaluation.aged import AgeBand, Aged, bands
from sabiscore.evaluation.betting import Bets, Curve, betting
from sabiscore.evaluation.cuts import MONTHS, NEWCOMERS, ROUNDS, groups, with_cuts
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.markets import MarketScores, score_market
from sabiscore.evaluation.markets import happened as did_happen
from sabiscore.evaluation.parts import (
    Foresight,
    OurPart,
    Part,
    Quality,
    Sample,
    Worth,
    by,
    confidence,
    foresight,
    our_parts,
    outlines,
    qualities,
    sample,
)
from sabiscore.evaluation.rivals import DIXON_COLES, MARKET, Company, Rivals, rivals
from sabiscore.evaluation.scored import OURS, WITH_ODDS, Chosen, Scored, known, together
from sabiscore.progress import Progress
from sabiscore.scoring.reliability import Bin, reliability
from sabiscore.scoring.scores import happened

CALIBRATED = (OURS, WITH_ODDS, MARKET, DIXON_COLES)
"""The forecasts whose reliability is told."""

ALL = "all"
_MATCH = ("date", "league", "home", "away")


class SeasonForecast(Struct, frozen=True):
    """One season, walk-forward: nothing in it knows anything after the season before.

    ``matches`` are the season's rows of the canonical frame, in its order; the state that they are predicted
    from is updated match day by match day. ``variants`` are probabilities ``[n, 3]`` by name, with "ours" and
    "ours with odds", NaN where one cannot say. ``markets`` are by the names of `markets.MARKETS`: ``[n]``, or
    ``[n, events]``. ``level`` ``[n]`` is the confidence, as given at the data's age, ``licensed`` the leagues that one
    may bet on, both by earlier seasons. ``aged`` are forecasts of the same season from older data.
    """

    season: int
    matches: pl.DataFrame
    variants: dict[str, Floats]
    markets: dict[str, Floats]
    level: NDArray[np.str_]
    licensed: frozenset[str]
    aged: Aged


class SeasonModel(Protocol):
    """What is put to the test."""

    def __call__(self, frame: pl.DataFrame, season: int, progress: Steps) -> SeasonForecast:
        """Predict ``season`` of a canonical frame, that also holds it and may hold later ones."""


class Variant(Protocol):
    """Our model with something left out or done otherwise, to see what that is worth."""

    def __call__(self, frame: pl.DataFrame, seasons: Sequence[int], progress: Steps) -> Floats:
        """Probabilities ``[n, 3]`` of the matches of ``seasons`` in the frame's order, NaN where it cannot say.

        The frame may hold later seasons; each is predicted by what was known before it.
        """


class Backtest(Struct, frozen=True):
    """Everything is on the ``n`` matches of ``pooled`` leagues with pre-match odds; ``unpriced`` are left out.

    ``closing`` of them have a closing line. ``parts`` are ours by season, league, round, newcomers and month, and
    ``months`` one after another (2024-08); those by league are of all leagues, each after the ``groups`` that it is
    pooled in. ``ages`` are of every match of every league. ``outcome_reliability`` is by forecast and outcome,
    ``market_reliability`` by market and forecast. ``ablations`` are the forecasts that are ours with a part left out.
    """

    data_through: date
    n: int
    unpriced: int
    closing: int
    seasons: list[str]
    pooled: list[str]
    groups: dict[str, list[str]]
    ablations: list[str]
    forecasts: dict[str, Quality]
    foresight: Foresight | None
    parts: dict[str, list[OurPart]]
    months: list[Part]
    markets: dict[str, dict[str, MarketScores]]
    confidence: dict[str, dict[str, Worth]]
    ages: list[AgeBand]
    outcome_reliability: dict[str, dict[str, list[Bin]]]
    market_reliability: dict[str, dict[str, list[Bin]]]
    betting: list[Bets]
    profit: list[Curve]


def backtest(
    frame: pl.DataFrame,
    seasons: Sequence[int],
    model: SeasonModel,
    progress: Progress,
    *,
    leagues: Sequence[str] = (),
    ablations: Mapping[str, Variant] | None = None,
    company: Company | None = None,
    workers: int | None = None,
) -> Backtest:
    """Put ``model``, its ``ablations`` and its rivals to the test of ``seasons`` (2023 is 2023/24) of a frame.

    ``leagues`` are pooled and nothing else is looked at; without any the five big are pooled, beside the second
    divisions and others. The model sees every league of the frame. Dixon-Coles is asked of the pooled leagues,
    unless ``company`` says of which.

    Raises:
        DataError: a season has no match with pre-match odds in the pooled leagues.
        SabiScoreError: penaltyblog is not installed.
        ValueError: a model's matches are not those of the season.
    """
    wanted = sorted(set(seasons))
    grouped = groups(set(frame["league"]), leagues)
    pooled = next(iter(grouped.values()), [])
    _check(frame.filter(pl.col("league").is_in(pooled)), wanted)
    company = company or Company()
    if company.dixon_coles is None:
        company = msgspec.structs.replace(company, dixon_coles=pooled)
    frame = with_cuts(frame)
    without = _without(frame, wanted, ablations or {}, progress)
    found = [_season(frame, season, model, progress, company=company, workers=workers) for season in wanted]
    scored = together([_scored(*each, without) for each in found])
    aged = [forecast.aged.of(np.isin(forecast.aged.league, pooled)) for _, forecast, _ in found]
    return _count(
        scored, grouped, list(ablations or ()), bands(aged), frame.select(pl.col("date").max()).item()
    )


def default_seasons(frame: pl.DataFrame) -> list[int]:
    """The last two seasons that have odds beforehand.

    Raises:
        DataError: there is none.
    """
    priced: list[int] = frame.filter(pl.col("average_home").is_not_null())["season"].unique().sort().to_list()
    if not priced:
        raise DataError("matches", 0, "none has pre-match odds: there is no market to compare with")
    return priced[-2:]


def _check(frame: pl.DataFrame, seasons: Sequence[int]) -> None:
    known_seasons = set(frame.filter(pl.col("average_home").is_not_null())["season"])
    for season in seasons:
        if season not in known_seasons:
            raise DataError(
                "matches",
                0,
                f"none of {name_of(season)} has pre-match odds: there is no market to compare with",
            )


def _without(
    frame: pl.DataFrame, seasons: Sequence[int], ablations: Mapping[str, Variant], progress: Progress
) -> dict[int, dict[str, Floats]]:
    """What each variant says of each season, by season."""
    of_season = frame.filter(pl.col("season").is_in(seasons))["season"].to_numpy()
    found: dict[int, dict[str, Floats]] = {season: {} for season in seasons}
    for name, variant in ablations.items():
        said = variant(frame, seasons, partial(progress, name))
        if said.shape != (len(of_season), len(OUTCOMES)):
            raise ValueError(f"the matches of {name!r} are not those of the seasons")
        for season in seasons:
            found[season][name] = said[of_season == season]
    return found


def _season(
    frame: pl.DataFrame,
    season: int,
    model: SeasonModel,
    progress: Progress,
    *,
    company: Company,
    workers: int | None,
) -> tuple[pl.DataFrame, SeasonForecast, Rivals]:
    label = name_of(season)
    forecast = model(frame, season, partial(progress, f"{label} our model"))
    matches = frame.filter(pl.col("season") == season)
    if not forecast.matches.select(_MATCH).equals(matches.select(_MATCH)):
        raise ValueError(f"the model's matches are not those of {label}")
    others = rivals(frame, season, partial(progress, f"{label} Dixon-Coles"), company, workers)
    return matches, forecast, others


def _scored(
    matches: pl.DataFrame, forecast: SeasonForecast, others: Rivals, without: Mapping[int, dict[str, Floats]]
) -> Scored:
    return Scored(
        matches=matches,
        outcomes=forecast.variants | without[forecast.season] | others.outcomes,
        markets={
            name: {OURS: said} | others.markets.get(name, {}) for name, said in forecast.markets.items()
        },
        level=forecast.level,
        licensed=matches["league"].is_in(forecast.licensed).to_numpy(),
    )


def _count(
    everything: Scored,
    grouped: dict[str, list[str]],
    ablations: list[str],
    ages: list[AgeBand],
    through: date,
) -> Backtest:
    pooled = next(iter(grouped.values()))
    priced = sample(everything.of(everything.priced))
    of = priced.of(_inside(priced.scored, pooled))
    scored = of.scored
    bets = betting(scored, of.draws)
    return Backtest(
        data_through=through,
        n=len(scored.matches),
        unpriced=int(_inside(everything, pooled).sum()) - len(scored.matches),
        closing=int(known(of.losses.divergence[OURS]).sum()),
        seasons=scored.matches["season_name"].unique().sort().to_list(),
        pooled=pooled,
        groups=grouped,
        ablations=ablations,
        forecasts=qualities(of),
        foresight=foresight(of),
        parts=_parts(of, priced, grouped),
        months=outlines(of, by(of, "year_month")),
        markets=_markets(scored),
        confidence=_confidence(of),
        ages=ages,
        outcome_reliability={
            name: _outcome_reliability(scored, name) for name in CALIBRATED if name in scored.outcomes
        },
        market_reliability=_market_reliability(scored),
        betting=bets.bets,
        profit=bets.profit,
    )


def _inside(scored: Scored, leagues: Collection[str]) -> Chosen:
    return scored.matches["league"].is_in(list(leagues)).to_numpy()


def _parts(of: Sample, everywhere: Sample, grouped: Mapping[str, list[str]]) -> dict[str, list[OurPart]]:
    return {
        "season": our_parts(of, by(of, "season_name")),
        "league": our_parts(everywhere, _leagues(everywhere, grouped)),
        "round": our_parts(of, by(of, "round", ROUNDS)),
        "newcomers": our_parts(of, by(of, "newcomer", NEWCOMERS)),
        "month": our_parts(of, by(of, "month", MONTHS)),
    }


def _leagues(of: Sample, grouped: Mapping[str, list[str]]) -> Iterator[tuple[str, Chosen]]:
    """Every group of more than one league, then each of its leagues."""
    for name, codes in grouped.items():
        if len(codes) > 1:
            yield name, _inside(of.scored, codes)
        yield from ((code, _inside(of.scored, [code])) for code in codes)


def _confidence(of: Sample) -> dict[str, dict[str, Worth]]:
    everything = np.full(len(of.scored.matches), fill_value=True)
    return {name: confidence(of, chosen) for name, chosen in ((ALL, everything), *by(of, "season_name"))}


def _markets(scored: Scored) -> dict[str, dict[str, MarketScores]]:
    """Those that somebody counted."""
    found: dict[str, dict[str, MarketScores]] = {}
    for market, forecasts in scored.markets.items():
        did = did_happen(market, scored.matches)
        scores = {name: score_market(said, did) for name, said in forecasts.items()}
        found[market] = {name: each for name, each in scores.items() if each is not None}
    return {market: scores for market, scores in found.items() if OURS in scores}


def _outcome_reliability(scored: Scored, name: str) -> dict[str, list[Bin]]:
    said = scored.outcomes[name]
    told = known(said)
    true = happened(scored.truth)
    return {outcome: reliability(said[told, k], true[told, k]) for k, outcome in enumerate(OUTCOMES)}


def _market_reliability(scored: Scored) -> dict[str, dict[str, list[Bin]]]:
    """Of markets of a single event that somebody counted."""
    found: dict[str, dict[str, list[Bin]]] = {}
    for market, forecasts in scored.markets.items():
        did = did_happen(market, scored.matches)
        if did.shape[1] == 1:
            bins = {name: _bins(said, did[:, 0]) for name, said in forecasts.items()}
            found[market] = {name: each for name, each in bins.items() if each}
    return {market: bins for market, bins in found.items() if OURS in bins}


def _bins(said: Floats, did: Floats) -> list[Bin]:
    both = known(said + did)
    return reliability(said[both], did[both])
