from collections.abc import Callable
from datetime import date
from typing import TypeAlias

import numpy as np
import pytest
from msgspec import structs

from sabiscore.data.catalogue import Catalogue
from sabiscore.features.calendar import LAST_YEAR, day_number, season_of
from sabiscore.features.played import Played
from sabiscore.season.standings import Standings, last_season, results, standings, tie_break

Final: TypeAlias = Callable[[str, int], Standings]
NEVER = day_number(date(LAST_YEAR - 1, 1, 1))


@pytest.fixture
def final(played: Played, catalogue: Catalogue) -> Final:
    """The final table of a league's season."""

    def table(code: str, season: int) -> Standings:
        return standings(results(played, catalogue, code, season, before=NEVER))

    return table


class TestFinalTables:
    @pytest.mark.parametrize(
        ("code", "season", "place", "clubs"),
        [
            ("E0", 2011, 1, ["Man City", "Man United"]),  # goal difference
            ("E0", 2023, 15, ["Everton", "Brentford", "Nott'm Forest", "Luton"]),  # less 8 and 4 points
            ("SP1", 2006, 1, ["Real Madrid", "Barcelona"]),  # 3-3 and 2-0 between them, against +38
            ("I1", 2022, 7, ["Juventus", "Fiorentina"]),  # less 10 points
            (
                "E1",
                1998,
                21,
                ["Port Vale", "Bury", "Oxford", "Bristol City"],
            ),  # 45 goals against 35, -30 against -25
            ("F2", 2015, 3, ["Metz", "Le Havre"]),  # as good a difference, 54 goals against 52
            (
                "F1",
                2023,
                16,
                ["Metz", "Lorient"],
            ),  # as good a difference, 3-2 and 1-2: away goals between them
            ("T1", 2020, 1, ["Besiktas", "Galatasaray"]),  # 2-0 and 1-3 between them, +45 against +44
            ("SC0", 2021, 6, ["Ross County", "Livingston"]),  # 41 points above the line, 49 below
            ("SC2", 2020, 5, ["Falkirk", "East Fife"]),  # so too, after 18 matches
        ],
    )
    def test_of_seasons_that_a_rule_decided(
        self, final: Final, code: str, season: int, place: int, clubs: list[str]
    ) -> None:
        assert list(final(code, season).clubs[place - 1 : place - 1 + len(clubs)]) == clubs

    def test_says_what_everybody_had(self, final: Final) -> None:
        table = final("E0", 2023)
        at = table.clubs.index("Everton")
        row = [int(getattr(table, name)[at]) for name in table.__struct_fields__[1:-1]]
        assert row == [38, 13, 9, 16, 40, 51, 40, 8]
        assert table.form[at] == "WWDWL"

    @pytest.mark.parametrize(
        ("code", "season", "points"),
        [
            ("SP1", 1993, {"Barcelona": 56, "La Coruna": 56}),
            ("SP1", 1995, {"Ath Madrid": 87}),
            ("I1", 1993, {"Milan": 50}),
            ("I1", 1994, {"Juventus": 73}),
            ("D1", 1994, {"Dortmund": 49, "Werder Bremen": 48}),
            ("D1", 1995, {"Dortmund": 68}),
            ("F1", 1993, {"Paris SG": 59}),
        ],
    )
    def test_counts_two_points_a_win_where_it_was_so(
        self, final: Final, code: str, season: int, points: dict[str, int]
    ) -> None:
        table = final(code, season)
        first = dict(zip(table.clubs, table.points.tolist(), strict=True))
        assert list(table.clubs[: len(points)]) == list(points)
        assert {club: first[club] for club in points} == points

    def test_ends_with_the_meetings_where_groups_follow(self, final: Final) -> None:
        assert set(final("B1", 2023).played) == {30}
        assert set(final("G1", 2023).played) == {26}

    def test_adds_up_in_every_season_of_every_league(self, played: Played, catalogue: Catalogue) -> None:
        """But for points that were taken."""
        for league, code in enumerate(played.leagues):
            begin, end = played.begins[league : league + 2]
            for season in np.unique(season_of(played.day[begin:end])).tolist()[::5]:
                table = standings(results(played, catalogue, code, season, before=NEVER))
                assert table.won.sum() == table.lost.sum()
                assert table.scored.sum() == table.conceded.sum()
                win = catalogue.rules(code, season).win
                assert (table.points == win * table.won + table.drawn - table.deducted).all()
                assert (table.played == table.won + table.drawn + table.lost).all()


class TestAsOfADay:
    def test_knows_only_matches_of_days_before_it(self, played: Played, catalogue: Catalogue) -> None:
        day = day_number(date(2023, 12, 25))
        early = standings(results(played, catalogue, "SP1", 2023, before=day))
        later = np.where(played.day < day, played.day, NEVER - 400).astype(np.int32)
        cut = standings(
            results(structs.replace(played, day=later), catalogue, "SP1", 2023, before=NEVER - 400)
        )
        assert early.clubs == cut.clubs
        assert early.points.tolist() == cut.points.tolist()
        assert early.played.max() == 18

    def test_takes_points_from_the_day_on(self, played: Played, catalogue: Catalogue) -> None:
        for day, taken in ((date(2023, 11, 17), 0), (date(2023, 11, 18), 10), (date(2024, 2, 27), 6)):
            table = standings(results(played, catalogue, "E0", 2023, before=day_number(day)))
            assert table.deducted[table.clubs.index("Everton")] == taken

    def test_has_members_that_have_not_played(self, played: Played, catalogue: Catalogue) -> None:
        found = results(played, catalogue, "E0", 2025, before=NEVER, members=["Arsenal", "Leeds"])
        assert standings(found).points.tolist() == [0, 0]
        assert standings(found).form == ("", "")

    def test_finds_the_season_of_the_last_match(self, played: Played) -> None:
        assert last_season(played, "E0", NEVER) == 2024
        assert last_season(played, "E0", day_number(date(2015, 8, 8))) == 2014
        assert last_season(played, "E0", 0) is None
        assert last_season(played, "XX", NEVER) is None


class TestTieBreak:
    @pytest.mark.parametrize(
        ("code", "season", "begins"),
        [
            ("E0", 2024, "goal difference, then goals scored"),
            ("E2", 1998, "goals scored, then goal difference"),
            ("SP1", 2024, "points, then goal difference in the matches between them"),
            ("B1", 2024, "matches won"),
        ],
    )
    def test_says_the_rule_and_whose_it_is(
        self, catalogue: Catalogue, code: str, season: int, begins: str
    ) -> None:
        found = tie_break(catalogue.rules(code, season))
        assert found.rule.startswith(begins)
        assert found.source
