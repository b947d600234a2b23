"""What holds for every answer: each figure of it agrees with every other."""

import re
from decimal import Decimal

import numpy as np
from msgspec.structs import astuple

from sabiscore.advice.value import LARGEST_STAKE, minimum_odds
from sabiscore.arrays import Floats
from sabiscore.domain import (
    OUTCOMES,
    Bet,
    Contribution,
    InPlayPrediction,
    Markets,
    Odds,
    Points,
    Prediction,
)
from sabiscore.models.grid import AWAY, HOME, OUTCOME

SUMMED = 8
"""Figures in a sum of points: a base and seven contributions."""

HALF = 0.00051
"""Half a thousandth, and what floats add."""


def assert_all_agrees(found: Prediction, odds: Odds | None = None) -> None:
    """All of these, of an answer to a fixture with ``odds``."""
    assert_probabilities(found)
    assert_markets(found)
    assert_half_time(found)
    assert_uncertainty(found)
    assert_explanation(found)
    assert_reasons(found)
    assert_recommendation(found)
    assert (found.value is None) == (odds is None)
    if odds is not None:
        assert_value(found, odds)
    if found.score_grid is not None:
        assert_grid(found, found.score_grid)
    if found.bets is not None:
        assert_bets(found, found.bets)


def probabilities(found: Prediction | InPlayPrediction) -> list[float]:
    """Home, draw, away."""
    return [found.home_win_prob, found.draw_prob, found.away_win_prob]


def whole(*figures: float) -> list[int]:
    """In thousandths, which they are exactly."""
    counts = [round(1000 * figure) for figure in figures]
    assert [count / 1000 for count in counts] == list(figures)
    return counts


def assert_probabilities(found: Prediction | InPlayPrediction) -> None:
    """Three decimals that sum to exactly 1."""
    three = [Decimal(str(figure)) for figure in probabilities(found)]
    assert sum(three) == 1
    assert all(0 <= figure == round(figure, 3) for figure in three)


def assert_markets(found: Prediction | InPlayPrediction) -> None:
    """Every bet agrees with the probabilities, and with its contrary."""
    home, draw, away = whole(*probabilities(found))
    markets = found.markets
    double, level = markets.double_chance, markets.draw_no_bet
    assert whole(double.home_or_draw, double.home_or_away, double.draw_or_away) == [
        home + draw,
        home + away,
        draw + away,
    ]
    assert abs(level.home - (home / (home + away) if home + away else 0.5)) <= HALF
    lines = {one.line: one for one in markets.asian_handicap}
    assert whole(lines[-0.5].home, lines[0.5].home, lines[0.5].away) == [home, home + draw, away]
    assert (lines[0.0].home, lines[0.0].away, *whole(lines[0.0].push)) == (level.home, level.away, draw)
    assert {sum(whole(*pair)) for pair in _pairs(markets)} == {1000}
    assert markets.win_to_nil.home <= min(found.home_win_prob, markets.clean_sheet.home)
    assert markets.win_to_nil.away <= min(found.away_win_prob, markets.clean_sheet.away)
    assert markets.team_totals.home[0].under == markets.clean_sheet.away
    assert markets.team_totals.away[0].under == markets.clean_sheet.home
    for score in found.scorelines:
        assert score.prob <= probabilities(found)[1 - int(np.sign(score.home - score.away))]


def _pairs(markets: Markets) -> list[tuple[float, float]]:
    """The bets of which one always wins, or returns the stake."""
    totals = [*markets.over_under, *markets.team_totals.home, *markets.team_totals.away]
    totals += markets.half_time_goals or []
    totals += markets.corners.over_under if markets.corners else []
    level, both = markets.draw_no_bet, markets.both_teams_to_score
    return [
        *((one.over, one.under) for one in totals),
        *((one.home, one.away) for one in markets.asian_handicap),
        (both.yes, both.no),
        (level.home, level.away),
    ]


def assert_half_time(found: Prediction) -> None:
    """How it stands at half-time and at the end are the two parts of one table."""
    markets = found.markets
    assert markets.half_time_full_time is not None
    assert markets.half_time_result is not None
    table = np.reshape(whole(*astuple(markets.half_time_full_time)), (3, 3))
    assert table.sum(axis=0).tolist() == whole(*probabilities(found))
    assert table.sum(axis=1).tolist() == whole(*astuple(markets.half_time_result))


def assert_bets(found: Prediction | InPlayPrediction, listed: list[Bet]) -> None:
    """The list begins with the three probabilities, and its odds follow from its own."""
    assert [bet.prob for bet in listed[:3]] == probabilities(found)
    assert len({(bet.market, bet.selection, bet.line) for bet in listed}) == len(listed)
    for bet in listed:
        assert bet.fair_odds == (round(1 / bet.prob, 2) if bet.prob else None)
        if bet.fair_odds is not None and bet.minimum_odds is not None:
            assert bet.minimum_odds >= bet.fair_odds


def assert_in_play_agrees(found: InPlayPrediction) -> None:
    """What holds of a match that is being played."""
    assert_probabilities(found)
    assert_markets(found)
    score = found.in_play.score
    assert found.expected_goals.home >= score.home
    assert found.expected_goals.away >= score.away
    assert all(one.home >= score.home and one.away >= score.away for one in found.scorelines)
    if found.score_grid is not None:
        assert_grid(found, found.score_grid)
    if found.bets is not None:
        assert_bets(found, found.bets)


def assert_uncertainty(found: Prediction) -> None:
    """The intervals hold the probabilities, the outcome set the likeliest outcome."""
    known = found.uncertainty
    three = probabilities(found)
    for interval, figure in zip((known.home_win, known.draw, known.away_win), three, strict=True):
        assert 0.0 <= interval.low <= figure <= interval.high <= 1.0
    assert any(OUTCOMES[k] in known.outcome_set for k in range(3) if three[k] == max(three))
    assert known.outcome_set == [outcome for outcome in OUTCOMES if outcome in known.outcome_set]
    assert (known.coverage, known.outcome_set_coverage) == (0.8, 0.9)


def assert_explanation(found: Prediction) -> None:
    """Base and contributions are the probabilities: each figure is rounded to 0.01, those to 0.1 points."""
    explanation = found.explanation
    parts: list[Points | Contribution] = [explanation.base, *explanation.contributions]
    total = np.sum([_triple(part) for part in parts], axis=0)
    rounding = 0.005 * SUMMED + 100 * 2 / 3 * 0.001
    assert np.abs(total - 100 * np.array(probabilities(found))).max() <= rounding
    assert abs(_triple(explanation.base).sum() - 100) <= 0.0151
    for one in explanation.contributions:
        assert abs(_triple(one).sum()) <= 0.0151


def _triple(points: Points | Contribution) -> Floats:
    return np.array((points.home, points.draw, points.away))


def assert_reasons(found: Prediction) -> None:
    """Three to five sentences, whose figures are those of the answer."""
    told = found.reasoning
    assert 3 <= len(told) <= 5
    assert all(sentence.endswith(".") for sentence in told)
    assert f"{max(probabilities(found)):.1%}" in told[0]
    points = [float(n) for sentence in told for n in re.findall(r": ([+-][\d.]+) points for ", sentence)]
    moved = np.array([_triple(one) for one in found.explanation.contributions])
    assert points
    for point in points:
        assert np.abs(moved - point).min() <= 0.0551
    assert points == sorted(points, key=abs, reverse=True)
    assert abs(abs(points[0]) - np.abs(moved).max(axis=0)).min() <= 0.0551


def assert_recommendation(found: Prediction) -> None:
    """Without odds the likeliest outcome, where confidence allows; with them only where licensed."""
    if found.value is None:
        three = probabilities(found)
        likeliest = {OUTCOMES[k] for k in range(3) if three[k] == max(three)}
        assert found.recommended_bet in ({"no_bet"} if found.confidence == "low" else likeliest)
    elif not found.value.licensed:
        assert found.recommended_bet == "no_bet"
        assert found.reasoning[-1].startswith("No bet:")


def assert_value(found: Prediction, odds: Odds) -> None:
    """What odds are worth follows from the probabilities and the odds."""
    value = found.value
    assert value is not None
    given = (odds.home, odds.draw, odds.away)
    assert abs(value.margin - (sum(1 / price for price in given) - 1)) <= 0.000051
    assert [one.outcome for one in value.outcomes] == list(OUTCOMES)
    assert sum(whole(*(one.market_prob for one in value.outcomes))) == 1000
    for one, figure, price in zip(value.outcomes, probabilities(found), given, strict=True):
        assert one.edge == round(figure - one.market_prob, 4)
        assert one.expected_value == round(figure * price - 1, 4)
        assert one.fair_odds == (round(1 / figure, 2) if figure else None)
        assert one.minimum_odds == minimum_odds(figure)
        assert one.expected_closing_odds >= 1.0
        assert 0.0 <= one.kelly_stake <= (LARGEST_STAKE if value.licensed else 0.0)
        assert one.kelly_stake == 0.0 or one.expected_value > 0.0
    best = max(one.expected_value for one in value.outcomes)
    assert f"are worth {best:+.1%} a unit" in found.reasoning[-1]


def assert_grid(found: Prediction | InPlayPrediction, rows: list[list[float]]) -> None:
    """The grid sums to the probabilities exactly, and says what the goals and markets say."""
    grid = np.array(rows).ravel()
    units = np.rint(1e5 * grid)
    assert np.abs(units - 1e5 * grid).max() < 1e-6
    sums = [int(units[outcome == OUTCOME].sum()) for outcome in range(3)]
    assert sums == [100 * count for count in whole(*probabilities(found))]
    spread = HALF + 1e-5 * np.sqrt(len(grid))
    markets = found.markets
    for total in markets.over_under:
        assert abs(grid[total.line < HOME + AWAY].sum() - total.over) <= spread
    assert abs(grid[(HOME > 0) & (AWAY > 0)].sum() - markets.both_teams_to_score.yes) <= spread
    assert abs(grid[AWAY == 0].sum() - markets.clean_sheet.home) <= spread
    assert abs(grid[HOME == 0].sum() - markets.clean_sheet.away) <= spread
    assert abs(grid[(HOME > 0) & (AWAY == 0)].sum() - markets.win_to_nil.home) <= spread
    assert abs(grid[(AWAY > 0) & (HOME == 0)].sum() - markets.win_to_nil.away) <= spread
    assert abs((grid * HOME).sum() - found.expected_goals.home) <= 0.01
    assert abs((grid * AWAY).sum() - found.expected_goals.away) <= 0.01
    chances = [rows[score.home][score.away] for score in found.scorelines]
    assert np.abs(np.array([score.prob for score in found.scorelines]) - chances).max() <= HALF + 1e-5
    assert np.sort(grid)[-len(chances)] <= min(chances) + 1e-5
