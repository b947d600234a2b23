from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from msgspec import structs

from sabiscore.arrays import Floats
from sabiscore.ledger.drift import (
    EVERY_LEAGUE,
    GAP,
    SLOPE,
    THRESHOLD,
    TILT,
    alarms,
    calibration,
    evidence,
    market_gap,
)
from sabiscore.ledger.schemas import Alarm
from sabiscore.ledger.settled import NO_BET, Matches
from sabiscore.scoring.scores import Outcomes, expected_gap

N, WORLDS = 380, 100
AUGUST = date(2025, 8, 15)
RATES = np.array((0.44, 0.26, 0.3))


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def ours(random: np.random.Generator) -> Floats:
    """Probabilities such as ours of a season's matches."""
    strength = random.normal(0.0, 0.5, N)
    powers = RATES * np.exp(np.column_stack((strength, np.zeros(N), -strength)))
    found: Floats = powers / powers.sum(axis=1, keepdims=True)
    return found


def drawn(chances: Floats, random: np.random.Generator) -> Outcomes:
    """Outcomes ``[n]`` of these chances."""
    found: Outcomes = (chances.cumsum(axis=1) < random.random(len(chances))[:, None]).sum(axis=1)
    return found


def season(n: int = N) -> pl.Series:
    """The days of matches, ten a week."""
    return pl.Series([AUGUST + timedelta(weeks=number // 10) for number in range(n)])


def of_calibration(ours: Floats, outcomes: Outcomes) -> float:
    factors = calibration(ours, np.broadcast_to(RATES, ours.shape), outcomes)
    return float(evidence(factors, season(len(ours))).max())


def tilted(ours: Floats, outcome: int, by: float) -> Floats:
    found: Floats = ours + by * ours * (np.eye(3)[outcome] - ours[:, outcome : outcome + 1])
    return found


EDGES: dict[str, Callable[[Floats], Floats]] = {
    "as said": lambda ours: ours,
    "nearer to base rates": lambda ours: ours + SLOPE * (RATES - ours),
    "farther from them": lambda ours: ours - SLOPE * (RATES - ours),
    "more home wins": lambda ours: tilted(ours, 0, TILT),
    "fewer home wins": lambda ours: tilted(ours, 0, -TILT),
    "more draws": lambda ours: tilted(ours, 1, TILT),
}
BETTORS = {
    "as said": slice(None),
    "nearer to base rates": slice(0, 2),
    "farther from them": slice(8, 10),
    "more home wins": slice(2, 4),
    "fewer home wins": slice(10, 12),
    "more draws": slice(4, 6),
}
"""Which of them bet on that."""


class TestCalibration:
    @pytest.mark.parametrize("edge", EDGES)
    def test_no_stake_grows_on_average_up_to_the_edge_of_what_is_promised(
        self, ours: Floats, edge: str
    ) -> None:
        """Exactly: what each bettor gets, weighed with the chances of the outcomes, for those that the edge is of."""
        truth = EDGES[edge](ours)
        rates = np.broadcast_to(RATES, ours.shape)
        gains = [calibration(ours, rates, np.full(N, outcome)) for outcome in range(3)]
        mean = sum(truth[:, [outcome]] * gain for outcome, gain in enumerate(gains))
        chosen = BETTORS[edge]
        assert np.max(np.asarray(mean)[:, chosen]) <= 1.0 + 1e-12

    def test_evidence_is_as_rare_as_promised_whenever_one_looks(
        self, ours: Floats, random: np.random.Generator
    ) -> None:
        highest = np.array([of_calibration(ours, drawn(ours, random)) for _ in range(WORLDS)])
        assert (highest >= 5).mean() <= 1 / 5
        assert (highest >= 10).mean() <= 1 / 10

    def test_results_that_have_nothing_to_do_with_what_is_said_are_found(
        self, ours: Floats, random: np.random.Generator
    ) -> None:
        assert of_calibration(ours, random.permutation(drawn(ours, random))) > THRESHOLD

    def test_every_home_side_that_wins_is_found_within_some_weeks(self, ours: Floats) -> None:
        factors = calibration(ours, np.broadcast_to(RATES, ours.shape), np.zeros(N, np.intp))
        found = np.flatnonzero(evidence(factors, season()) >= THRESHOLD)
        assert 0 < found[0] < 100

    def test_what_is_said_to_be_impossible_does_not_break_it(self) -> None:
        sure = np.tile((1.0, 0.0, 0.0), (N, 1))
        for outcome in range(3):
            factors = calibration(sure, np.tile(RATES, (N, 1)), np.full(N, outcome))
            assert (factors > 0.0).all()
            assert np.isfinite(factors).all()


class TestTheMarket:
    def test_a_gap_such_as_is_promised_is_not_found(self, random: np.random.Generator) -> None:
        behind = random.normal(GAP, 0.003, (WORLDS, N))
        highest = np.array([evidence(_bet(each), season()).max() for each in behind])
        assert (highest >= 10).mean() <= 1 / 10

    def test_a_gap_of_four_times_that_is_found_within_a_season(self, random: np.random.Generator) -> None:
        behind = random.normal(4 * GAP, 0.003, N)
        assert evidence(_bet(behind), season()).max() > THRESHOLD

    def test_a_drift_in_spring_is_found_after_a_calm_autumn(self, random: np.random.Generator) -> None:
        behind = np.concatenate((random.normal(-GAP, 0.003, N // 2), random.normal(5 * GAP, 0.003, N // 2)))
        assert evidence(_bet(behind), season()).max() > THRESHOLD

    def test_no_match_can_ruin_a_bettor(self) -> None:
        factors = market_gap(
            np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 0.0, 1.0]])
        )
        assert factors.min() > 0.0


def _bet(behind: Floats) -> Floats:
    """Bets on matches with these gaps ``[n]``."""
    n = len(behind)
    ours, market = np.tile((0.5, 0.25, 0.25), (n, 1)), np.tile((0.4, 0.35, 0.25), (n, 1))
    closing = np.column_stack((0.45 - 10.0 * behind, 0.3 + 10.0 * behind, np.full(n, 0.25)))
    assert expected_gap(ours, market, closing) == pytest.approx(behind)
    return market_gap(ours, market, closing)


class TestAlarms:
    def test_are_of_each_league_and_of_all(self, ours: Floats, random: np.random.Generator) -> None:
        found = alarms(_matches(ours, drawn(ours, random)))
        asked = [(one.league, one.question) for one in found]
        assert asked == [
            (code, what) for code in ("D1", "E0", EVERY_LEAGUE) for what in ("calibration", "market")
        ]
        assert not any(one.fired for one in found)
        assert [one.n for one in found] == [N // 2] * 4 + [N] * 2

    def test_fire_where_something_is_wrong_on_the_day_it_is_found(
        self, ours: Floats, random: np.random.Generator
    ) -> None:
        """Only home wins, in one of two leagues."""
        outcomes = drawn(ours, random)
        outcomes[::2] = 0
        of_league = {
            one.league: one for one in alarms(_matches(ours, outcomes)) if one.question == "calibration"
        }
        wrong, right = of_league["E0"], of_league["D1"]
        assert wrong.fired
        assert wrong.highest >= wrong.evidence > THRESHOLD
        assert wrong.since is not None
        assert AUGUST < wrong.since < AUGUST + timedelta(weeks=N // 10)
        assert _quiet(right)

    def test_are_of_the_last_season_alone(self, ours: Floats) -> None:
        matches = _matches(ours, np.zeros(N, np.intp))
        seasons = np.where(np.arange(N) < N - 50, "2024/25", "2025/26")
        matches = structs.replace(matches, where=matches.where.with_columns(season=pl.Series(seasons)))
        assert {one.n for one in alarms(matches)} == {25, 50}

    def test_without_odds_are_of_calibration_alone(self, ours: Floats, random: np.random.Generator) -> None:
        matches = _matches(ours, drawn(ours, random))
        bare = structs.replace(matches, said=matches.said | {"market": np.full((N, 3), np.nan)})
        assert {one.question for one in alarms(bare)} == {"calibration"}

    def test_of_nothing_are_none(self, ours: Floats) -> None:
        matches = _matches(ours, np.zeros(N, np.intp))
        assert alarms(matches.of(np.zeros(N, bool))) == []


def _quiet(alarm: Alarm) -> bool:
    return not alarm.fired and alarm.since is None and alarm.highest < THRESHOLD


def _matches(ours: Floats, outcomes: Outcomes) -> Matches:
    where = pl.DataFrame({"date": season(), "league": ["E0", "D1"] * (N // 2)}).with_columns(
        season=pl.lit("2025/26"), month=pl.col("date").dt.strftime("%Y-%m")
    )
    return Matches(
        where=where,
        outcomes=outcomes,
        said={
            "ours": ours,
            "ours_with_odds": ours,
            "market": ours,
            "closing": ours,
            "base_rates": np.tile(RATES, (N, 1)),
        },
        odds=0.95 / ours,
        closing=0.95 / ours,
        bet=np.full(N, NO_BET),
    )
