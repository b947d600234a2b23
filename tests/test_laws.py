"""What must hold for every match: the figures of one answer agree, and scores are those of others."""

import re
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from msgspec import Struct
from msgspec.structs import astuple

from sabiscore.advice import markets as many
from sabiscore.advice.case import Triple
from sabiscore.advice.markets import full_grid
from sabiscore.advice.rules import best_bet, thousandths
from sabiscore.advice.value import LARGEST_STAKE, value
from sabiscore.arrays import Floats
from sabiscore.domain import ExpectedGoals, Handicap, Markets, Odds, Scoreline
from sabiscore.evaluation.optional import need
from sabiscore.implied import devig, shin
from sabiscore.models.grid import GOALS, both_score, outcomes, over, reconcile, score_grid
from sabiscore.scoring import scores
from tests.advice.cases import market, read

N = 6


@pytest.fixture(scope="module")
def penaltyblog() -> Any:  # noqa: ANN401 - a module without types
    """It takes a second to import: not where tests are collected."""
    return need("penaltyblog")


def triple(weights: tuple[float, ...]) -> Triple:
    home, draw, away = (weight / sum(weights) for weight in weights)
    return thousandths((home, draw, away))


def shares(drawn: Floats) -> Floats:
    each: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return each


rates = st.floats(0.0, 6.0)
rhos = st.floats(-0.5, 0.5)
weights = st.tuples(*[st.floats(1e-6, 1.0)] * 3)
triples = weights.map(triple) | st.sampled_from([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.4, 0.6)])
forecasts = arrays(np.float64, (N, 3), elements=st.floats(0.01, 1)).map(shares)
happenings = arrays(np.intp, N, elements=st.integers(0, 2))
books = st.builds(
    lambda fair, margins: np.maximum(1.0 / (fair * margins), 1.01),
    forecasts,
    arrays(np.float64, (N, 1), elements=st.floats(1.0, 1.3)),
)


def agreed(home: float, away: float, rho: float, probabilities: Triple) -> Floats:
    """The grid of an answer."""
    grid = score_grid(np.array([home]), np.array([away]), rho)
    reconciled: Floats = reconcile(grid, np.array([probabilities]))[0]
    return reconciled


grids = st.builds(
    lambda home, away, rho, probabilities: (agreed(home, away, rho, probabilities), probabilities),
    rates,
    rates,
    rhos,
    triples,
)


def markets(grid: Floats) -> Markets:
    """The bets on one grid."""
    return read(many.markets(grid[None])[0], Markets)


def of_goals(grid: Floats) -> Markets:
    """The same without halves, which differ at home."""
    return read(many.markets(grid[None], half_time=False)[0], Markets)


def goals(grid: Floats) -> ExpectedGoals:
    """The goals to expect of one grid."""
    return many.goals(grid[None])[0]


def scorelines(grid: Floats, most: int = many.MOST_SCORELINES) -> list[Scoreline]:
    """The likeliest scores of one grid."""
    return many.scorelines(grid[None], most)[0]


def whole(*probabilities: float) -> list[int]:
    """In thousandths, which they are exactly."""
    found = [round(1000 * probability) for probability in probabilities]
    assert [count / 1000 for count in found] == list(probabilities)
    return found


class TestGrids:
    @given(arrays(np.float64, (N, 2), elements=rates), rhos)
    def test_sum_to_one_and_have_no_negative_cell(self, both: Floats, rho: float) -> None:
        grid = score_grid(both[:, 0], both[:, 1], rho)
        assert np.allclose(grid.sum(axis=(1, 2)), 1.0)
        assert grid.min() >= 0.0

    @given(arrays(np.float64, (N, 2), elements=rates), rhos, forecasts)
    def test_reconciled_agree_with_the_outcomes(self, both: Floats, rho: float, wanted: Floats) -> None:
        grid = reconcile(score_grid(both[:, 0], both[:, 1], rho), wanted)
        assert np.allclose(outcomes(grid), wanted, rtol=0.0, atol=1e-14)
        assert grid.min() >= 0.0

    @given(grids)
    def test_written_out_still_agree_with_the_outcomes(self, drawn: tuple[Floats, Triple]) -> None:
        grid, probabilities = drawn
        units = np.rint(1e5 * np.array(full_grid(grid)))
        found = [np.tril(units, -1).sum(), np.trace(units), np.triu(units, 1).sum()]
        assert found == [100 * count for count in whole(*probabilities)]


class TestMarkets:
    @given(grids)
    def test_contraries_sum_to_exactly_one(self, drawn: tuple[Floats, Triple]) -> None:
        found = markets(drawn[0])
        pairs = [(total.over, total.under) for total in found.over_under]
        pairs += [(handicap.home, handicap.away) for handicap in found.asian_handicap]
        pairs += [(found.both_teams_to_score.yes, found.both_teams_to_score.no)]
        pairs += [(found.draw_no_bet.home, found.draw_no_bet.away)]
        lines = [*found.team_totals.home, *found.team_totals.away, *(found.half_time_goals or [])]
        pairs += [(total.over, total.under) for total in lines]
        assert {sum(whole(*pair)) for pair in pairs} == {1000}

    @given(grids)
    def test_at_half_time_and_full_time_are_those_of_each(self, drawn: tuple[Floats, Triple]) -> None:
        found = markets(drawn[0])
        both, half = found.half_time_full_time, found.half_time_result
        assert both is not None
        assert half is not None
        table = np.reshape(whole(*astuple(both)), (3, 3))
        assert table.min() >= 0
        assert table.sum(axis=0).tolist() == whole(*drawn[1])
        assert table.sum(axis=1).tolist() == whole(*astuple(half))

    @given(grids)
    def test_are_never_minus_nothing(self, drawn: tuple[Floats, Triple]) -> None:
        corners = np.array([[30.0, 0.01]])
        [found] = many.markets(drawn[0][None], corners)
        assert re.search(rb"-0\.0\b", msgspec.json.encode(found)) is None

    @given(grids)
    def test_agree_with_the_three_probabilities(self, drawn: tuple[Floats, Triple]) -> None:
        home, draw, away = whole(*drawn[1])
        found = markets(drawn[0])
        double = found.double_chance
        lines = {handicap.line: handicap for handicap in found.asian_handicap}
        assert whole(double.home_or_draw, double.home_or_away, double.draw_or_away) == [
            home + draw,
            home + away,
            draw + away,
        ]
        assert whole(lines[-0.5].home, lines[0.5].home, lines[0.5].away) == [home, home + draw, away]
        assert lines[0.0].push == drawn[1][1]
        assert (lines[0.0].home, lines[0.0].away) == (found.draw_no_bet.home, found.draw_no_bet.away)

    @given(grids)
    def test_a_part_is_never_likelier_than_the_whole(self, drawn: tuple[Floats, Triple]) -> None:
        found = markets(drawn[0])
        home, _, away = drawn[1]
        overs = [total.over for total in found.over_under]
        assert overs == sorted(overs, reverse=True)
        assert found.both_teams_to_score.yes <= overs[1]
        for totals, conceded in (
            (found.team_totals.home, found.clean_sheet.away),
            (found.team_totals.away, found.clean_sheet.home),
        ):
            assert totals[0].under == conceded
            assert [total.over for total in totals] == sorted((total.over for total in totals), reverse=True)
            assert all(own.over <= both.over for own, both in zip(totals, found.over_under, strict=False))
        assert found.win_to_nil.home <= min(home, found.clean_sheet.home)
        assert found.win_to_nil.away <= min(away, found.clean_sheet.away)
        assert max(found.win_to_nil.home, found.win_to_nil.away) <= found.both_teams_to_score.no

    @given(grids)
    def test_more_goals_given_are_never_worth_less(self, drawn: tuple[Floats, Triple]) -> None:
        home = [handicap.home for handicap in markets(drawn[0]).asian_handicap]
        assert home == sorted(home)

    @given(grids)
    def test_scores_are_never_likelier_than_their_outcome(self, drawn: tuple[Floats, Triple]) -> None:
        listed = scorelines(drawn[0])
        chances = [line.prob for line in listed]
        assert chances == sorted(chances, reverse=True)
        for line in listed:
            assert line.prob <= drawn[1][1 - int(np.sign(line.home - line.away))]

    @given(grids)
    def test_are_those_of_penaltyblog(
        self,
        penaltyblog: Any,  # noqa: ANN401
        drawn: tuple[Floats, Triple],
    ) -> None:
        grid, found = drawn[0], markets(drawn[0])
        theirs = penaltyblog.models.FootballProbabilityGrid(grid, 1.0, 1.0)
        assert found.both_teams_to_score.yes == pytest.approx(theirs.btts_yes, abs=6e-4)
        for total in found.over_under:
            under, _, more = theirs.totals(total.line)
            assert [total.under, total.over] == pytest.approx([under, more], abs=6e-4)
        for handicap in found.asian_handicap:
            settled = theirs.asian_handicap_probs("home", handicap.line)
            assert handicap.push == pytest.approx(settled["push"], abs=6e-4)
            assert (1 - handicap.push) * handicap.home == pytest.approx(settled["win"], abs=1.2e-3) or (
                handicap.push == 1.0
            )

    @given(st.lists(grids, min_size=2, max_size=5))
    def test_of_one_fixture_are_its_own_among_many(self, drawn: list[tuple[Floats, Triple]]) -> None:
        together = np.array([grid for grid, _ in drawn])
        assert [read(one, Markets) for one in many.markets(together)] == [markets(grid) for grid, _ in drawn]
        assert many.scorelines(together) == [scorelines(grid) for grid, _ in drawn]
        assert many.goals(together) == [goals(grid) for grid, _ in drawn]

    @given(grids)
    def test_are_sums_over_the_grid(self, drawn: tuple[Floats, Triple]) -> None:
        grid, found = drawn[0], markets(drawn[0])
        for total in found.over_under:
            assert total.over == pytest.approx(over(grid[None], total.line)[0], abs=6e-4)
        assert found.both_teams_to_score.yes == pytest.approx(both_score(grid[None])[0], abs=6e-4)


MIRROR = {
    "home": "away",
    "away": "home",
    "home_or_draw": "draw_or_away",
    "draw_or_away": "home_or_draw",
}


def mirrored(found: Any) -> Any:  # noqa: ANN401 - markets, or anything in them
    """The same with home for away."""
    if isinstance(found, list):
        sides = [mirrored(one) for one in found]
        return sorted(sides, key=lambda one: one.line)
    if isinstance(found, Handicap):
        return Handicap(0.0 - found.line, found.away, found.home, found.push)
    if isinstance(found, Struct):
        fields = found.__struct_fields__
        return type(found)(**{name: mirrored(getattr(found, MIRROR.get(name, name))) for name in fields})
    return found


class TestMirror:
    @given(rates, rates, rhos, triples)
    def test_swapping_the_clubs_mirrors_every_figure(
        self, home: float, away: float, rho: float, probabilities: Triple
    ) -> None:
        swapped = (probabilities[2], probabilities[1], probabilities[0])
        here, there = agreed(home, away, rho, probabilities), agreed(away, home, rho, swapped)
        assert np.allclose(here, there.T, rtol=0.0, atol=1e-14)
        assert of_goals(there) == mirrored(of_goals(here))
        expected = goals(there)
        assert goals(here) == ExpectedGoals(expected.away, expected.home)
        listed, back = (scorelines(grid, GOALS * GOALS) for grid in (here, there))
        assert {(one.home, one.away, one.prob) for one in listed} == {
            (one.away, one.home, one.prob) for one in back
        }


class TestShin:
    @given(books)
    def test_sums_to_one_and_keeps_the_order(self, odds: Floats) -> None:
        found = shin(odds)
        assert np.allclose(found.sum(axis=1), 1.0)
        assert (np.diff(found, axis=1) * np.diff(odds, axis=1) <= 1e-12).all()

    @given(books)
    def test_lies_between_proportional_and_equal_margins(self, odds: Floats) -> None:
        inverse = 1.0 / odds
        even = inverse - (inverse.sum(axis=1, keepdims=True) - 1.0) / 3.0
        every = np.arange(N)
        for extreme, sign in ((odds.argmin(axis=1), 1.0), (odds.argmax(axis=1), -1.0)):
            low, found, high = (sign * figures[every, extreme] for figures in (devig(odds), shin(odds), even))
            margin = inverse.sum(axis=1) >= 1.0
            assert (low <= found + 1e-9).all()
            assert (found <= high + 1e-9)[margin].all()

    @given(books)
    def test_is_penaltyblogs(self, penaltyblog: Any, odds: Floats) -> None:  # noqa: ANN401
        with_margin = odds[(1.0 / odds).sum(axis=1) > 1.0 + 1e-6]
        for book, found in zip(with_margin.tolist(), shin(with_margin), strict=True):
            theirs = penaltyblog.implied.calculate_implied(book, method="shin")
            assert found.tolist() == pytest.approx(theirs.probabilities, abs=1e-6)

    @given(books)
    def test_a_book_alone_is_what_it_is_among_many(self, odds: Floats) -> None:
        assert shin(odds[3:4]).tobytes() == shin(odds)[3:4].tobytes()


class TestValue:
    @given(triples, books)
    def test_stakes_only_on_value_and_never_much(self, probabilities: Triple, odds: Floats) -> None:
        home, draw, away = odds[0].tolist()
        said = market(Odds(home, draw, away))
        found = value(probabilities, (home, draw, away), said, licensed=True)
        for one in found.outcomes:
            assert 0.0 <= one.kelly_stake <= LARGEST_STAKE
            assert one.kelly_stake == 0.0 or one.expected_value >= 0.0
        bet = best_bet(found)
        assert bet == "no_bet" or max(found.outcomes, key=lambda one: one.expected_value).outcome == bet


class TestScores:
    @given(forecasts, happenings)
    def test_are_those_of_penaltyblog(
        self,
        penaltyblog: Any,  # noqa: ANN401
        said: Floats,
        happened: scores.Outcomes,
    ) -> None:
        theirs = penaltyblog.metrics
        assert np.allclose(scores.rps(said, happened), theirs.rps_array(said, happened))
        found = scores.score(said, happened)
        assert found.brier == pytest.approx(theirs.multiclass_brier_score(said, happened))
        assert found.log_loss / np.log(2) == pytest.approx(theirs.ignorance_score(said, happened))
