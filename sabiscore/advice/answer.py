"""The whole answers of cases."""

import math
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np

from sabiscore.advice.bets import bets
from sabiscore.advice.case import Case
from sabiscore.advice.forms import HUNDREDTHS, Form, encode, form, marks, texts
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
    Language,
    ModelInfo,
    Points,
    Prediction,
    Uncertainty,
    Value,
)
from sabiscore.languages.wording import wording
from sabiscore.models.confidence import Bounds


def answers(
    cases: Sequence[Case], version: str, bounds: Bounds, *, full: bool = False, language: Language = "en"
) -> list[bytes]:
    """The JSON of the `Prediction` of each case as the frontend gets it, in order.

    ``bounds`` are the least probabilities of each confidence, by the data's age; ``full`` adds the whole score grid
    and the list of bets. ``language`` is that of the reasons.
    """
    if not cases:
        return []
    grids = np.array([case.grid for case in cases])
    expected, listed = goals(grids), scorelines(grids)
    found_markets = markets(grids, np.array([case.corners for case in cases]))
    explanations, words = _explanations(cases), wording(language)
    found = []
    for k, case in enumerate(cases):
        found_value, level = worth(case), confidence(case, bounds)
        home, draw, away = case.rounded
        prediction = Prediction(
            home_win_prob=home,
            draw_prob=draw,
            away_win_prob=away,
            recommended_bet=recommendation(case, level, found_value),
            confidence=level,
            reasoning=reasons(case, found_value, level, fresh_confidence(case, bounds), words),
            fixture=fixture_info(case.fixture),
            model=ModelInfo(version=version, data_through=case.data_through),
            expected_goals=expected[k],
            markets=found_markets[k],
            scorelines=listed[k],
            uncertainty=_uncertainty(case),
            explanation=explanations[k],
            value=found_value,
            score_grid=full_grid(case.grid) if full else None,
            bets=bets(case.rounded, found_markets[k]) if full else None,
            neutral=case.fixture.neutral,
            adjust=case.fixture.adjust,
        )
        found.append(encode(prediction))
    return found


def worth(case: Case) -> Value | None:
    """What the odds given are worth, if there are any."""
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


def _explanations(cases: Sequence[Case]) -> list[Any]:
    """What encodes as the `Explanation` of each case."""
    exact = (triple for case in cases for triple in (case.base, *case.contributions.values()))
    points = np.rint(1e4 * np.fromiter(chain.from_iterable(exact), np.float64))
    written = iter(texts(HUNDREDTHS + points.astype(np.intp)))
    return [_form(tuple(case.contributions)).filled(written) for case in cases]


@cache
def _form(groups: tuple[str, ...]) -> Form:
    """Of the points of the base and of each group in turn."""
    points = iter(marks(3 * (1 + len(groups))))
    base, *moved = zip(points, points, points, strict=True)
    return form(
        Explanation(
            Points(*base), [Contribution(group, *each) for group, each in zip(groups, moved, strict=True)]
        )
    )
