"""The whole answer for one case."""

import math
from collections.abc import Mapping

from sabiscore.advice.case import Case, Triple
from sabiscore.advice.markets import full_grid, goals, markets, scorelines
from sabiscore.advice.reasons import reasons
from sabiscore.advice.rules import confidence, recommendation
from sabiscore.advice.value import value
from sabiscore.domain import (
    Confidence,
    Contribution,
    Explanation,
    FixtureInfo,
    Interval,
    ModelInfo,
    Points,
    Prediction,
    Uncertainty,
)


def answer(case: Case, version: str, bounds: Mapping[Confidence, float], *, full: bool = False) -> Prediction:
    """The prediction as the frontend gets it.

    ``bounds`` are the least probabilities of each confidence; ``full`` adds the whole score grid.
    """
    home, draw, away = case.rounded
    worth = None if (odds := case.odds()) is None else value(case.rounded, odds, licensed=case.licensed)
    level = confidence(case, bounds)
    return Prediction(
        home_win_prob=home,
        draw_prob=draw,
        away_win_prob=away,
        recommended_bet=recommendation(case, level, worth),
        confidence=level,
        reasoning=reasons(case, worth),
        fixture=_fixture(case),
        model=ModelInfo(version=version, data_through=case.data_through),
        expected_goals=goals(case.grid),
        markets=markets(case.grid, case.rounded),
        scorelines=scorelines(case.grid),
        uncertainty=_uncertainty(case),
        explanation=_explanation(case),
        value=worth,
        score_grid=full_grid(case.grid) if full else None,
    )


def _fixture(case: Case) -> FixtureInfo:
    fixture = case.fixture
    return FixtureInfo(
        home_team=fixture.home.name,
        away_team=fixture.away.name,
        league=fixture.league.code,
        league_name=fixture.league.name,
        kickoff_time=fixture.kickoff,
    )


def _uncertainty(case: Case) -> Uncertainty:
    home, draw, away = (_outwards(low, high) for low, high in case.intervals)
    return Uncertainty(
        home_win=home,
        draw=draw,
        away_win=away,
        coverage=case.interval_coverage,
        outcome_set=list(case.outcome_set),
        outcome_set_coverage=case.outcome_set_coverage,
    )


def _outwards(low: float, high: float) -> Interval:
    """To three decimals, so that it holds the rounded probability too."""
    return Interval(math.floor(1000.0 * low) / 1000.0, math.ceil(1000.0 * high) / 1000.0)


def _explanation(case: Case) -> Explanation:
    return Explanation(
        base=Points(*_points(case.base)),
        contributions=[Contribution(group, *_points(moved)) for group, moved in case.contributions.items()],
    )


def _points(probabilities: Triple) -> Triple:
    home, draw, away = (round(100.0 * p, 2) for p in probabilities)
    return (home, draw, away)
