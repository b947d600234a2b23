import msgspec
from msgspec.structs import replace

from sabiscore.api.openapi import PREDICTION
from sabiscore.api.web.markets import groups
from sabiscore.domain import Markets
from sabiscore.languages.wording import wording

MARKETS = msgspec.convert(msgspec.to_builtins(PREDICTION.markets), Markets)


class TestGroups:
    def test_every_row_has_a_cell_for_each_head(self) -> None:
        for group in groups(MARKETS, "Arsenal", "Chelsea", wording("en")):
            assert {len(row) for row in group.rows} == {len(group.heads)}

    def test_all_markets_of_an_answer_are_there(self) -> None:
        assert [group.name for group in groups(MARKETS, "Arsenal", "Chelsea", wording("en"))] == [
            "Goals",
            "Result and both to score",
            "Asian handicap",
            "By club",
            "Half-time result",
            "Half-time goals",
            "Half-time and full-time",
            "Corners",
            "Most corners",
        ]

    def test_what_is_not_known_of_a_league_is_left_out(self) -> None:
        names = [
            group.name
            for group in groups(replace(MARKETS, corners=None), "Arsenal", "Chelsea", wording("en"))
        ]
        assert "Corners" not in names

    def test_the_clubs_are_named(self) -> None:
        (result,) = (
            each
            for each in groups(MARKETS, "Arsenal", "Chelsea", wording("en"))
            if each.name.startswith("Result")
        )
        assert result.rows[0] == ("Arsenal or draw", f"{MARKETS.double_chance.home_or_draw:.1%}")
