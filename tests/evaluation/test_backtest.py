from datetime import date

import msgspec
import polars as pl
import pytest

from sabiscore.errors import DataError
from sabiscore.evaluation.backtest import Backtest, SeasonForecast, backtest, default_seasons
from sabiscore.evaluation.dixon_coles import Steps
from sabiscore.evaluation.elo import elo
from sabiscore.evaluation.rivals import DIXON_COLES, MARKET, MARKET_SHIN, RIVALS
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.models.scores import score
from sabiscore.training.outcomes import outcomes
from tests.evaluation.standin import stand_in


def nothing(stage: str, done: int, of: int) -> None:
    """No progress shown."""


class TestBacktest:
    def test_scores_everyone_on_the_matches_with_odds(self, few_weeks: pl.DataFrame, found: Backtest) -> None:
        season = few_weeks.filter(pl.col("season") == 2024)
        unpriced = season["average_home"].null_count()
        assert (found.n, found.unpriced) == (len(season) - unpriced, unpriced)
        assert unpriced
        assert {scores.n for scores in found.pooled.scores.values()} == {found.n}
        assert set(found.pooled.scores) == {*RIVALS, OURS, WITH_ODDS, "thirds"}

    def test_scores_are_those_of_what_was_said(self, few_weeks: pl.DataFrame, found: Backtest) -> None:
        priced = few_weeks.filter(pl.col("season") == 2024)["average_home"].is_not_null().to_numpy()
        truth = outcomes(few_weeks.filter(pl.col("season") == 2024))[priced]
        assert found.pooled.scores[OURS] == score(elo(few_weeks, 2024)[priced], truth)
        assert found.pooled.scores["Elo"] == found.pooled.scores[OURS]

    def test_differences_are_less_the_reference(self, found: Backtest) -> None:
        scores = found.pooled.scores
        for reference in (MARKET, MARKET_SHIN, DIXON_COLES):
            for name, difference in found.pooled.differences[reference].items():
                assert difference.value == pytest.approx(scores[name].rps - scores[reference].rps)
                assert difference.low <= difference.value <= difference.high

    def test_what_is_the_same_differs_by_nothing(self, found: Backtest) -> None:
        same = found.pooled.differences[MARKET_SHIN][WITH_ODDS]
        assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)

    def test_leagues_and_months_are_parts_of_the_whole(self, found: Backtest) -> None:
        assert set(found.leagues) == {"E0", "D1"}
        for parts in (found.months, found.leagues_by_season["2024/25"]):
            weighted = sum(part.n * part.rps[OURS] for part in parts) / found.n
            assert weighted == pytest.approx(found.pooled.scores[OURS].rps)
        assert [month.name for month in found.months] == ["2024-08", "2024-09"]

    def test_every_match_has_one_level_of_confidence(self, found: Backtest) -> None:
        levels = found.pooled.confidence
        assert list(levels) == ["high", "medium", "low"]
        assert sum(worth.n for worth in levels.values()) == found.n
        hits = sum(worth.n * worth.hit_rate for worth in levels.values()) / found.n
        assert hits == pytest.approx(found.pooled.scores[OURS].accuracy)

    def test_forecasts_from_older_data_stand_beside_fresh_ones(
        self, few_weeks: pl.DataFrame, found: Backtest
    ) -> None:
        season = few_weeks.filter(pl.col("season") == 2024)
        assert [(each.since, each.through) for each in found.ages] == [(0, 30), (60, 120)]
        assert {each.scores.n for each in found.ages} == {len(season)}
        assert set(found.ages[0].given) == {"high", "medium", "low"}
        assert set(found.ages[1].given) == {"medium", "low"}

    def test_goal_markets_have_their_rivals(self, found: Backtest) -> None:
        assert set(found.pooled.over) == {OURS, "base rates", DIXON_COLES, MARKET, "market closing"}
        assert set(found.pooled.both_score) == {OURS, "base rates", DIXON_COLES}
        assert found.pooled.over[MARKET].brier < 0.26

    def test_is_json_and_back(self, found: Backtest) -> None:
        assert msgspec.json.decode(msgspec.json.encode(found), type=Backtest) == found

    def test_tells_of_the_model_and_of_every_week_of_every_league(
        self, found: Backtest, told: list[tuple[str, int, int]]
    ) -> None:
        assert found.data_through == date(2024, 9, 15)
        assert told[0] == ("2024/25 our model", 1, 1)
        assert told[-1][0] == "2024/25 Dixon-Coles"
        assert told[-1][1] == told[-1][2] == len(told) - 1

    def test_refuses_a_season_without_odds(self, matches: pl.DataFrame) -> None:
        with pytest.raises(DataError, match="none of 2010/11 has pre-match odds"):
            backtest(matches, [2010], stand_in, nothing)

    def test_refuses_a_model_that_leaves_matches_out(self, few_weeks: pl.DataFrame) -> None:
        def lazy(frame: pl.DataFrame, season: int, progress: Steps) -> SeasonForecast:
            said = stand_in(frame, season, progress)
            return msgspec.structs.replace(said, matches=said.matches[1:])

        with pytest.raises(ValueError, match="not those of 2024/25"):
            backtest(few_weeks, [2024], lazy, nothing, workers=1)


class TestSeasons:
    def test_the_last_two_with_odds_are_the_default(self, matches: pl.DataFrame) -> None:
        known = matches.filter(pl.col("season") <= 2024)
        assert default_seasons(known) == [2023, 2024]

    def test_without_odds_there_is_nothing_to_compare_with(self, matches: pl.DataFrame) -> None:
        with pytest.raises(DataError, match="no market"):
            default_seasons(matches.filter(pl.col("season") < 2015))
