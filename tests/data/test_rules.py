from collections import Counter

import polars as pl
import pytest

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.rules import Rules

BROKEN_OFF = {("F1", 2019)}


class TestRules:
    def test_hold_until_others_follow(self, known: Catalogue) -> None:
        assert known.rules("D1", 2007).relegation_play_off == 0
        assert known.rules("D1", 2008) == known.rules("D1", 2010)
        assert known.rules("D1", 2030).champions_league == 4

    def test_of_a_season_before_the_first_are_the_first(self, known: Catalogue) -> None:
        assert known.rules("E0", 1950) == known.rules("E0", 1993)

    def test_follow_one_another(self, known: Catalogue) -> None:
        for code, seasons in known.seasons.items():
            since = [rules.since for rules in seasons]
            assert since == sorted(set(since), reverse=True), code

    def test_have_lines_in_the_order_of_the_table(self, known: Catalogue) -> None:
        for rules in (each for seasons in known.seasons.values() for each in seasons):
            assert rules.champions_league <= rules.europe <= rules.safe < rules.clubs or not rules.relegation
            assert rules.promotion <= max(rules.promotion, rules.promotion_play_off) <= rules.safe

    def test_send_clubs_to_europe_from_first_divisions_and_up_from_others(self, known: Catalogue) -> None:
        for league in known.leagues:
            for rules in known.seasons[league.code]:
                assert (rules.europe > 0) == (league.level == 1)
                assert (rules.promotion > 0) == (league.level > 1)

    @pytest.mark.parametrize(
        ("rules", "rounds", "safe"),
        [
            (Rules(2024, clubs=20, relegation=3), 38, 17),
            (Rules(2024, clubs=18, relegation=2, relegation_play_off=1), 34, 15),
            (Rules(2024, clubs=10, meetings=4, relegation=1), 36, 9),
            (Rules(2024, clubs=12, meetings=3, matches=38), 38, 12),
        ],
    )
    def test_tell_how_many_rounds_there_are_and_who_stays(self, rules: Rules, rounds: int, safe: int) -> None:
        assert (rules.rounds, rules.safe) == (rounds, safe)

    def test_agree_with_the_real_seasons(self, known: Catalogue, divisions: pl.DataFrame) -> None:
        for (code, season), played in divisions.group_by("league", "season"):
            if (code, season) not in BROKEN_OFF:
                rules = known.rules(str(code), int(str(season)))
                clubs = Counter([*played["home"], *played["away"]])
                assert (len(clubs), min(clubs.values())) == (rules.clubs, rules.rounds), (code, season)
