import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ranking import WORDS, order, tally
from sabiscore.data.rules import USUAL, Criterion

RANKINGS: list[tuple[Criterion, ...]] = [
    USUAL,
    ("scored", "difference"),
    ("wins", "difference", "scored"),
    ("difference", "between", "scored"),
    ("between", "difference", "scored"),
    ("between_again", "difference", "scored"),
]
Results = list[tuple[int, int, int, int]]
results = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)).filter(
        lambda result: result[0] != result[1]
    ),
    min_size=1,
    max_size=14,
)


def table(clubs: int, played: Results, ranking: tuple[Criterion, ...]) -> list[int]:
    home, away, *goals = np.array(played).T
    return order(tally(clubs, home, away, np.array(goals)[..., None]), ranking)[:, 0].tolist()  # type: ignore[no-any-return]


class TestOrder:
    def test_counts_the_matches_between_two_only_when_both_are_played(self) -> None:
        first = [(0, 1, 1, 0), (0, 2, 0, 1), (1, 2, 3, 0)]
        assert table(3, first, RANKINGS[4])[0] == 1
        both = [*first, (1, 0, 0, 0), (2, 0, 0, 0), (2, 1, 1, 1), (1, 2, 1, 0)]
        assert table(3, both, RANKINGS[0])[0] == 1

    def test_begins_again_in_spain_for_those_whom_the_others_leave_level(self) -> None:
        """All beat one other twice; 1 and 2 are two goals better than 0, 1 has more goals, and 2 beat 1."""
        played = [(0, 1, 0, 2), (0, 2, 1, 0), (1, 0, 2, 0), (1, 2, 0, 2), (2, 0, 0, 1), (2, 1, 1, 0)]
        assert table(3, played, RANKINGS[4]) == [1, 2, 0]
        assert table(3, played, RANKINGS[5]) == [2, 1, 0]

    @given(played=results, ranking=st.sampled_from(RANKINGS))
    def test_has_everybody_once_and_nobody_above_a_club_with_more_points(
        self, played: Results, ranking: tuple[Criterion, ...]
    ) -> None:
        found = table(4, played, ranking)
        home, away, *goals = np.array(played).T
        points = tally(4, home, away, np.array(goals)[..., None]).total("points")[:, 0]
        assert sorted(found) == [0, 1, 2, 3]
        assert (np.diff(points[found]) <= 0).all()

    @given(
        st.lists(results.map(lambda each: (each * 14)[:14]), min_size=2, max_size=4),
        st.sampled_from(RANKINGS),
    )
    def test_of_many_seasons_is_that_of_each(
        self, seasons: list[Results], ranking: tuple[Criterion, ...]
    ) -> None:
        """Their matches are those of the first, with the goals of each."""
        home, away = np.array(seasons[0]).T[:2]
        goals = np.array([[match[2:] for match in season] for season in seasons]).transpose(2, 1, 0)
        together = order(tally(4, home, away, goals), ranking)
        for number in range(len(seasons)):
            alone = order(tally(4, home, away, goals[..., [number]]), ranking)
            assert np.array_equal(together[:, number], alone[:, 0])

    def test_lets_nobody_pass_the_line_of_a_split(self) -> None:
        upper: NDArray[np.bool_] = np.array([True, False])
        home, away = np.array([[1], [0]])
        found = order(tally(2, home, away, np.array([[[5]], [[0]]])), USUAL, upper)
        assert found[:, 0].tolist() == [0, 1]


class TestCatalogue:
    def test_says_of_every_league_how_it_ranks_and_whose_rule_that_is(self, known: Catalogue) -> None:
        for code, seasons in known.seasons.items():
            for rules in seasons:
                assert rules.ranking, code
                assert set(rules.ranking) <= set(WORDS)
                assert rules.ranking_source

    def test_deducts_points_of_clubs_that_played_there(
        self, known: Catalogue, divisions: pl.DataFrame
    ) -> None:
        of_sample = set(divisions.select("league", "season").unique().rows())
        for code, deductions in known.deductions.items():
            for each in deductions:
                if (code, each.season) in of_sample:
                    season = divisions.filter(league=code, season=each.season)
                    assert each.club in season["home"].to_list()
