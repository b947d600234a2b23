from datetime import date

import msgspec
import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.scoring.bootstrap import Blocks, Bootstrap, Interval, weeks

N = 400
SINGLE = np.arange(N)


def means(values: Floats, blocks: Blocks, *, resamples: int = 10_000, seed: int = 1) -> list[Interval]:
    """Of columns that all know something."""
    found = Bootstrap(blocks, resamples=resamples, seed=seed).means(values)
    return [each for each in found if each is not None]


@pytest.fixture
def losses() -> np.ndarray:
    return np.random.default_rng(1).normal(0.1, 1.0, size=(N, 2))


class TestMeans:
    def test_the_interval_is_about_two_standard_errors_wide(self, losses: np.ndarray) -> None:
        error = losses.std(axis=0) / np.sqrt(N)
        for each, width in zip(means(losses, SINGLE), error, strict=True):
            assert (each.high - each.low) / 2 == pytest.approx(1.96 * width, rel=0.05)

    def test_holds_the_truth_as_often_as_it_says(self) -> None:
        samples = np.random.default_rng(2).normal(0.0, 1.0, size=(200, 300))
        held = [each.low <= 0 <= each.high for each in means(samples, np.arange(200), resamples=2000)]
        assert np.mean(held) == pytest.approx(0.95, abs=0.03)

    def test_the_same_seed_gives_the_same_interval(self, losses: np.ndarray) -> None:
        assert means(losses, SINGLE, seed=3) == means(losses, SINGLE, seed=3)
        assert means(losses, SINGLE, seed=3) != means(losses, SINGLE, seed=4)

    def test_matches_that_share_their_luck_make_it_wider(self) -> None:
        luck = np.repeat(np.random.default_rng(3).normal(size=(40, 1)), 10, axis=0)
        apart, blocked = (means(luck, blocks)[0] for blocks in (SINGLE, np.arange(N) // 10))
        assert blocked.high - blocked.low > 2 * (apart.high - apart.low)

    def test_a_difference_is_paired(self, losses: np.ndarray) -> None:
        shifted = losses[:, :1] - (losses[:, :1] - 0.01)
        assert means(shifted, SINGLE)[0].low == pytest.approx(0.01)

    def test_leaves_out_what_is_not_known(self, losses: np.ndarray) -> None:
        some = losses.copy()
        some[::2, 0] = np.nan
        assert means(some, SINGLE)[0].value == pytest.approx(losses[1::2, 0].mean())

    def test_of_a_column_that_knows_nothing_is_none(self) -> None:
        values = np.array([[np.nan, 1.0], [np.nan, 1.0]])
        assert Bootstrap(np.arange(2)).means(values) == [None, Interval(1.0, 1.0, 1.0)]

    def test_what_is_asked_together_is_as_if_asked_alone(self, losses: np.ndarray) -> None:
        draws = Bootstrap(SINGLE, resamples=1_200)
        alone = [*draws.means(losses[:, :1]), *draws.means(losses[:, 1:])]
        for one, other in zip(draws.means(losses), alone, strict=True):
            assert one is not None
            assert other is not None
            assert msgspec.structs.astuple(one) == pytest.approx(msgspec.structs.astuple(other))


class TestRatios:
    def test_of_profit_by_stake_weigh_large_stakes_more(self) -> None:
        found = Bootstrap(np.arange(2)).ratios(np.array([[1.0], [-9.0]]), np.array([[1.0], [9.0]]))
        assert found == [Interval(-0.8, -1.0, 1.0)]

    def test_a_draw_without_a_stake_says_nothing(self) -> None:
        found = Bootstrap(np.arange(2)).ratios(np.array([[0.0], [2.0]]), np.array([[0.0], [1.0]]))
        assert found == [Interval(2.0, 2.0, 2.0)]


class TestWeeks:
    def test_a_block_is_a_league_from_monday_to_sunday(self) -> None:
        days = [date(2024, 8, 17), date(2024, 8, 18), date(2024, 8, 19), date(2024, 8, 17)]
        blocks = weeks(pl.DataFrame({"date": days, "league": ["E0", "E0", "E0", "D1"]}))
        assert len(set(blocks.tolist())) == 3
        assert blocks[0] == blocks[1]
