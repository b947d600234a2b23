"""The whole answers of cases."""

import math
from collections.abc import Sequence

import numpy as np

from sabiscore.advice.bets import bets
from sabiscore.advice.case import Case
from sabiscore.advice.markets import full_grid, goals, markets, scorelines
from sabiscore.advice.reasons import reasons
from sabiscore.advice.rules import confidence, fresh_confidence, recommendation
from sabiscore.advice.value import value
from sabiscore.domain import (
    Contribution,
    Explanation,
    Fixture,
    FixtureInfo,
    Interval,
    ModelInfo,
    Points,
    Prediction,
    Uncertainty,
    Value,
)
from sabiscore.models.confidence import Bounds


def answers(cases: Sequence[Case], version: str, bounds: Bounds, *, full: bool = False) -> list[Prediction]:
    """The prediction of each case as the frontend gets it, in order.

    ``bounds`` are the least probabilities of each confidence, by the data's age; ``full`` adds the whole score grid
    and the list of bets.
    """
    if not cases:
        return []
    grids = np.array([case.grid for case in cases])
    expected, listed = goals(grids), scorelines(grids)
    found_markets = markets(
        grids, [case.rounded for case in cases], np.array([case.corners for case in cases])
    )
    explanations = _explanations(cases)
    found = []
    for k, case in enumerate(cases):
        worth, level = _worth(case), confidence(case, bounds)
        home, draw, away = case.rounded
        found.append(
            Prediction(
                home_win_prob=home,
                draw_prob=draw,
                away_win_prob=away,
                recommended_bet=recommendation(case, level, worth),
                confidence=level,
                reasoning=reasons(case, worth, level, fresh_confidence(case, bounds)),
                fixture=fixture_info(case.fixture),
                model=ModelInfo(version=version, data_through=case.data_through),
                expected_goals=expected[k],
                markets=found_markets[k],
                scorelines=listed[k],
                uncertainty=_uncertainty(case),
                explanation=explanations[k],
                value=worth,
                score_grid=full_grid(case.grid) if full else None,
                bets=bets(case.rounded, found_markets[k]) if full else None,
            )
        )
    return found


def _worth(case: Case) -> Value | None:
    odds, market = case.odds(), case.market
    if not (odds and market):
        return None
    return value(case.rounded, odds, market, case.closing_odds, licensed=case.licensed)


def fixture_info(fixture: Fixture) -> FixtureInfo:
    """The fixture as answers name it."""
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


def _explanations(cases: Sequence[Case]) -> list[Explanation]:
    exact = [triple for case in cases for triple in (case.base, *case.contributions.values())]
    points = iter((np.rint(1e4 * np.array(exact)) / 100.0).tolist())
    return [
        Explanation(
            base=Points(*next(points)),
            contributions=[Contribution(group, *next(points)) for group in case.contributions],
        )
        for case in cases
    ]
