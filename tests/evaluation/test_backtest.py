from collections.abc import Sequence
from datetime import date

import msgspec
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.errors import DataError
from sabiscore.evaluation.backtest import Backtest, SeasonForecast, backtest, default_seasons
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.elo import elo
from sabiscore.evaluation.markets import BOTH_SCORE, OVER
from sabiscore.evaluation.rivals import (
    DIXON_COLES,
    FIVE_THIRTY_EIGHT,
    MARKET,
    MARKET_CLOSING,
    MARKET_SHIN,
    RIVALS,
    Company,
)
from sabiscore.evaluation.scored import EXPECTED_CLOSING, OURS, WITH_ODDS
from sabiscore.scoring.outcomes import outcomes
from sabiscore.scoring.scores import score
from tests.evaluation.standin import stand_in, thirds


def nothing(stage: str, done: int, of: int) -> None:
    """No progress shown."""


class TestBacktest:
    def test_scores_everyone_on_the_matches_with_odds(self, few_weeks: pl.DataFrame, found: Backtest) -> None:
        season = few_weeks.filter(pl.col("season") == 2024)
        unpriced = season["average_home"].null_count()
        assert (found.n, found.unpriced) == (len(season) - unpriced, unpriced)
        assert unpriced
        assert {each.scores.n for each in found.forecasts.values()} == {found.n}
        assert set(found.forecasts) == {*RIVALS, OURS, WITH_ODDS, EXPECTED_CLOSING, "thirds"} - {
            FIVE_THIRTY_EIGHT
        }

    def test_scores_are_those_of_what_was_said(self, few_weeks: pl.DataFrame, found: Backtest) -> None:
        priced = few_weeks.filter(pl.col("season") == 2024)["average_home"].is_not_null().to_numpy()
        truth = outcomes(few_weeks.filter(pl.col("season") == 2024))[priced]
        assert found.forecasts[OURS].scores == score(elo(few_weeks, 2024)[priced], truth)
        assert found.forecasts["Elo"].scores == found.forecasts[OURS].scores

    def test_differences_are_less_the_reference(self, found: Backtest) -> None:
        rps = {name: each.scores.rps for name, each in found.forecasts.items()}
        for name, each in found.forecasts.items():
            assert set(each.less) == {MARKET, MARKET_SHIN, DIXON_COLES, OURS} - {name}
            for reference, difference in each.less.items():
                assert difference.value == pytest.approx(rps[name] - rps[reference])
                assert difference.low <= difference.value <= difference.high

    def test_what_is_the_same_differs_by_nothing(self, found: Backtest) -> None:
        same = found.forecasts[WITH_ODDS].less[MARKET_SHIN]
        assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)

    def test_the_closing_line_is_nearer_to_itself_than_anyone(self, found: Backtest) -> None:
        assert found.closing == found.n
        divergences = {name: each.divergence or 0.0 for name, each in found.forecasts.items()}
        order = sorted(divergences, key=lambda name: divergences[name])
        assert order[:2] == [EXPECTED_CLOSING, MARKET_CLOSING]
        gaps = {name: each.expected_gap for name, each in found.forecasts.items()}
        market, closing, ours = gaps[MARKET], gaps[MARKET_CLOSING], gaps[OURS]
        assert market is not None
        assert closing is not None
        assert ours is not None
        assert closing.value < market.value == 0.0 < ours.low

    def test_a_closing_line_that_was_foreseen_has_no_error(self, found: Backtest) -> None:
        assert found.foresight is not None
        assert found.foresight.error == pytest.approx(0.0)
        assert found.foresight.less.value == pytest.approx(-found.foresight.of_odds)
        assert found.foresight.less.high < 0.0

    def test_an_expected_gap_is_surer_than_one_by_results(self, found: Backtest) -> None:
        by_results, expected = found.forecasts[OURS].less[MARKET], found.forecasts[OURS].expected_gap
        assert expected is not None
        assert expected.high - expected.low < by_results.high - by_results.low

    @pytest.mark.parametrize("by", ["season", "round", "newcomers", "month"])
    def test_parts_make_the_whole(self, found: Backtest, by: str) -> None:
        assert sum(part.n for part in found.parts[by]) == found.n
        gap = sum(part.n * part.gap.value for part in found.parts[by]) / found.n
        assert gap == pytest.approx(found.forecasts[OURS].less[MARKET].value)

    def test_leagues_stand_below_the_group_that_they_are_pooled_in(self, found: Backtest) -> None:
        group, *leagues = found.parts["league"]
        assert (group.name, [part.name for part in leagues]) == ("five leagues", ["E0", "D1"])
        assert group.gap.value == pytest.approx(found.forecasts[OURS].less[MARKET].value)
        assert [month.name for month in found.months] == ["2024-08", "2024-09"]

    def test_every_match_has_one_level_of_confidence(self, found: Backtest) -> None:
        levels = found.confidence["all"]
        assert list(levels) == ["high", "medium", "low"]
        assert sum(worth.n for worth in levels.values()) == found.n
        hits = sum(worth.n * worth.hit_rate for worth in levels.values()) / found.n
        assert hits == pytest.approx(found.forecasts[OURS].scores.accuracy)

    def test_forecasts_from_older_data_stand_beside_fresh_ones(
        self, few_weeks: pl.DataFrame, found: Backtest
    ) -> None:
        season = few_weeks.filter(pl.col("season") == 2024)
        assert [(each.since, each.through) for each in found.ages] == [(0, 30), (60, 120)]
        assert {each.scores.n for each in found.ages} == {len(season)}
        assert set(found.ages[0].given) == {"high", "medium", "low"}
        assert set(found.ages[1].given) == {"medium", "low"}

    def test_other_markets_have_their_rivals(self, found: Backtest) -> None:
        assert set(found.markets[OVER]) == {OURS, "base rates", DIXON_COLES, MARKET, MARKET_CLOSING}
        assert set(found.markets[BOTH_SCORE]) == {OURS, "base rates", DIXON_COLES}
        assert found.markets[OVER][MARKET].brier < 0.26
        assert found.markets["most corners"][OURS].brier == pytest.approx(2 / 3)

    def test_is_json_and_back(self, found: Backtest) -> None:
        assert msgspec.json.decode(msgspec.json.encode(found), type=Backtest) == found

    def test_tells_of_the_model_and_of_every_week_of_every_league(
        self, found: Backtest, told: list[tuple[str, int, int]]
    ) -> None:
        assert found.data_through == date(2024, 9, 15)
        assert told[:2] == [("thirds", 1, 1), ("2024/25 our model", 1, 1)]
        assert told[-1][0] == "2024/25 Dixon-Coles"
        assert told[-1][1] == told[-1][2] == len(told) - 2

    def test_refuses_a_season_without_odds(self, matches: pl.DataFrame) -> None:
        with pytest.raises(DataError, match="none of 2010/11 has pre-match odds"):
            backtest(matches, [2010], stand_in, nothing)

    def test_refuses_a_model_that_leaves_matches_out(self, few_weeks: pl.DataFrame) -> None:
        def lazy(frame: pl.DataFrame, season: int, progress: Steps) -> SeasonForecast:
            said = stand_in(frame, season, progress)
            return msgspec.structs.replace(said, matches=said.matches[1:])

        with pytest.raises(ValueError, match="not those of 2024/25"):
            backtest(few_weeks, [2024], lazy, nothing, workers=1)

    def test_refuses_an_ablation_that_leaves_matches_out(self, few_weeks: pl.DataFrame) -> None:
        def lazy(frame: pl.DataFrame, seasons: Sequence[int], progress: Steps) -> Floats:
            return thirds(frame, seasons, progress)[1:]

        with pytest.raises(ValueError, match="'lazy' are not those"):
            backtest(few_weeks, [2024], stand_in, nothing, ablations={"lazy": lazy}, workers=1)

    def test_of_chosen_leagues_looks_at_no_other(self, few_weeks: pl.DataFrame) -> None:
        found = backtest(
            few_weeks, [2024], stand_in, nothing, leagues=["E0"], company=Company(dixon_coles=()), workers=1
        )
        assert found.pooled == ["E0"]
        assert [part.name for part in found.parts["league"]] == ["E0"]
        assert found.n == len(few_weeks.filter((pl.col("season") == 2024) & (pl.col("league") == "E0")))
        assert DIXON_COLES not in found.forecasts


class TestSeasons:
    def test_the_last_two_with_odds_are_the_default(self, matches: pl.DataFrame) -> None:
        known = matches.filter(pl.col("season") <= 2024)
        assert default_seasons(known) == [2023, 2024]

    def test_without_odds_there_is_nothing_to_compare_with(self, matches: pl.DataFrame) -> None:
        with pytest.raises(DataError, match="no market"):
            default_seasons(matches.filter(pl.col("season") < 2015))
