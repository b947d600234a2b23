import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.data import catalogue
from sabiscore.data.rules import USUAL, Criterion, Rules
from sabiscore.models.bundles import LastSeason
from sabiscore.training.final_table import Result, final_table, last_seasons

KNOWN = catalogue.load()
LEVEL: list[Result] = [
    ("A", "B", 1, 0),
    ("B", "A", 0, 0),
    ("A", "C", 0, 1),
    ("C", "A", 1, 0),
    ("B", "C", 9, 0),
    ("C", "B", 1, 0),
]
"""A and B have four points each; A beat B, B has the goals."""

BETWEEN: tuple[Criterion, ...] = ("between", "difference", "scored")

LAST = {
    "E0": {"Leicester": 18, "Ipswich": 19, "Southampton": 20},
    "SP1": {"Leganes": 18, "Las Palmas": 19, "Valladolid": 20},
    "I1": {"Empoli": 18, "Venezia": 19, "Monza": 20},
    "D1": {"Heidenheim": 16, "Holstein Kiel": 17, "Bochum": 18},
    "F1": {"Reims": 16, "St Etienne": 17, "Montpellier": 18},
}

results = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from("EFGH"), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
)


class TestFinalTable:
    def test_goes_by_points_then_goal_difference(self) -> None:
        assert final_table(LEVEL) == ["C", "B", "A"]

    def test_or_by_the_matches_between_those_with_as_many_points(self) -> None:
        assert final_table(LEVEL, BETWEEN) == ["C", "A", "B"]

    def test_goes_by_goals_where_all_else_is_level(self) -> None:
        assert final_table([("C", "D", 1, 1), ("A", "B", 2, 2)]) == ["A", "B", "C", "D"]

    @given(played=results, ranking=st.sampled_from([USUAL, BETWEEN]))
    def test_ranks_nobody_above_a_club_with_more_points(
        self, played: list[Result], ranking: tuple[Criterion, ...]
    ) -> None:
        points = dict.fromkeys({club for result in played for club in result[:2]}, 0)
        for home, away, scored, conceded in played:
            points[home] += 3 * (scored > conceded) + (scored == conceded)
            points[away] += 3 * (scored < conceded) + (scored == conceded)
        order = [points[club] for club in final_table(played, ranking)]
        assert order == sorted(points.values(), reverse=True)


class TestLastSeasons:
    def test_know_who_finished_2024_25_in_the_relegation_places(self, matches: pl.DataFrame) -> None:
        first = pl.col("league").is_in(list(LAST))
        found = last_seasons(matches.filter(first & (pl.col("season") <= 2024)), KNOWN)
        assert {code: last.relegated for code, last in found.items()} == LAST
        assert {code: (last.clubs, last.play_off) for code, last in found.items()} == {
            "E0": (20, 0),
            "SP1": (20, 0),
            "I1": (20, 0),
            "D1": (18, 1),
            "F1": (18, 1),
        }

    @pytest.mark.parametrize(
        ("season", "code", "below"),
        [
            (2020, "SP1", {"Huesca", "Valladolid", "Eibar"}),
            (2021, "I1", {"Cagliari", "Genoa", "Venezia"}),
            (2022, "E0", {"Leicester", "Leeds", "Southampton"}),
            (2023, "D1", {"Bochum", "FC Koln", "Darmstadt"}),
        ],
    )
    def test_know_it_of_earlier_ones(
        self, matches: pl.DataFrame, season: int, code: str, below: set[str]
    ) -> None:
        found = last_seasons(matches.filter(pl.col("season") <= season), KNOWN)
        assert found[code].season == season
        assert set(found[code].relegated) == below

    def test_claim_nothing_of_a_season_that_is_not_whole(self, matches: pl.DataFrame) -> None:
        cut = matches.filter(
            (pl.col("season") < 2024) | ((pl.col("season") == 2024) & (pl.col("league") == "E0"))
        )
        found = last_seasons(cut.filter(pl.col("date") < pl.date(2025, 5, 25)), KNOWN)
        assert "E0" not in found
        assert found["D1"].season == 2023

    def test_claim_nothing_of_a_league_without_matches(self, matches: pl.DataFrame) -> None:
        assert last_seasons(matches.clear(), KNOWN) == {}

    def test_have_the_last_places_of_the_table(self) -> None:
        rules = Rules(2024, clubs=3, relegation=1, relegation_play_off=1, ranking=BETWEEN)
        known = msgspec.structs.replace(KNOWN, seasons=KNOWN.seasons | {"I1": (rules,)})
        frame = pl.DataFrame(LEVEL, schema=["home", "away", "home_goals", "away_goals"], orient="row")
        frame = frame.with_columns(league=pl.lit("I1"), season=pl.lit(2024))
        found = last_seasons(frame, known)
        assert found == {"I1": LastSeason(season=2024, clubs=3, play_off=1, relegated={"A": 2, "B": 3})}
