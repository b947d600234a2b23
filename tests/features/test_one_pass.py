from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from sabiscore.features import History, Parameters, RowMaker, build_history
from sabiscore.features.components import CLUB
from tests.features.frames import frame

PARAMETERS = Parameters()


@pytest.fixture(scope="module")
def premier_league(matches: pl.DataFrame) -> pl.DataFrame:
    return matches.filter((pl.col("league") == "E0") & (pl.col("season") >= 2018))


def values_of(history: History, club: str) -> dict[str, float]:
    """The components of a club of league E0 after its last match."""
    number = history.roster.clubs.index(("E0", club))
    last = np.flatnonzero(history.calendar.clubs.subject == number)[-1]
    return dict(zip(CLUB, history.club_values[last].tolist(), strict=True))


class TestBuildHistory:
    def test_a_winner_gains_what_the_loser_loses(self) -> None:
        history = build_history(frame(("2024-08-10", "A", "B", 3, 1)), PARAMETERS)
        winner, loser = values_of(history, "A"), values_of(history, "B")
        for rating, mirrored in (("elo", "elo"), ("pi_home", "pi_away"), ("form", "form")):
            assert winner[rating] > 0
            assert winner[rating] == -loser[mirrored]

    def test_a_wider_win_gains_more(self) -> None:
        narrow = build_history(frame(("2024-08-10", "A", "B", 1, 0)), PARAMETERS)
        wide = build_history(frame(("2024-08-10", "A", "B", 4, 0)), PARAMETERS)
        for component in ("elo", "pi_home", "goals_for"):
            assert values_of(wide, "A")[component] > values_of(narrow, "A")[component]

    def test_matches_without_shots_leave_shots_as_they_were(self) -> None:
        history = build_history(frame(("2024-08-10", "A", "B", 1, 0)), PARAMETERS)
        assert values_of(history, "A")["shots_for"] == 0.0

    def test_matches_of_one_day_do_not_see_each_other(self) -> None:
        earlier = (("2024-08-10", "A", "B", 1, 0), ("2024-08-10", "C", "D", 2, 2))
        alone = build_history(frame(*earlier, ("2024-08-17", "A", "C", 1, 1)), PARAMETERS)
        together = build_history(
            frame(*earlier, ("2024-08-17", "A", "C", 1, 1), ("2024-08-17", "B", "D", 5, 0)), PARAMETERS
        )
        assert values_of(alone, "A") == values_of(together, "A")

    def test_a_past_day_knows_only_earlier_matches(self, premier_league: pl.DataFrame) -> None:
        """Every row of a season is bit-equal to the row made when later matches had not been played."""
        season = premier_league.filter(pl.col("season") == 2024)
        whole = RowMaker(build_history(premier_league, PARAMETERS), PARAMETERS)
        for day in season["date"].unique().sort():
            known = premier_league.filter(pl.col("date") < day)
            then = RowMaker(build_history(known, PARAMETERS), PARAMETERS)
            today = season.filter(pl.col("date") == day)
            assert then.matches(today).matrix.tobytes() == whole.matches(today).matrix.tobytes()


class TestPromotion:
    SEASONS = (
        ("2022-09-01", "A", "B", 1, 0),
        ("2022-09-08", "C", "A", 0, 2),
        ("2023-09-01", "A", "B", 1, 1),
        ("2023-09-08", "D", "A", 0, 2),
    )

    def test_no_one_comes_up_in_the_first_season_on_record(self) -> None:
        rows = RowMaker(build_history(frame(*self.SEASONS), PARAMETERS), PARAMETERS)
        first = rows.matches(frame(*self.SEASONS[:2]))
        assert not first.home.standing.joins.any()
        assert not first.away.standing.joins.any()

    def test_a_club_that_missed_the_last_season_comes_up(self) -> None:
        rows = RowMaker(build_history(frame(*self.SEASONS), PARAMETERS), PARAMETERS)
        newcomers = rows.matches(frame(*self.SEASONS[2:]))
        assert newcomers.home.standing.joins.tolist() == [False, True]
        assert newcomers.home.values[1, CLUB.index("elo")] == PARAMETERS.elo.promoted

    def test_clubs_of_the_last_known_season_have_not_come_up_when_the_data_are_old(self) -> None:
        rows = RowMaker(build_history(frame(*self.SEASONS), PARAMETERS), PARAMETERS)
        later = rows.matches(frame(("2025-09-01", "A", "C", 0, 0)))
        assert later.home.standing.joins.tolist() == [False]
        assert later.away.standing.joins.tolist() == [True]

    def test_each_summer_regresses_to_the_mean(self) -> None:
        rows = RowMaker(build_history(frame(*self.SEASONS), PARAMETERS), PARAMETERS)
        fixtures = frame(*((f"{year}-09-15", "A", "B", 0, 0) for year in (2023, 2024, 2025)))
        elo = np.abs(rows.matches(fixtures).home.values[:, CLUB.index("elo")]).tolist()
        for before, after in pairwise(elo):
            assert after == pytest.approx(before * PARAMETERS.elo.regression)
