import random
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.coming import MOST_BYTES, dump, load, to_come
from sabiscore.domain import Fixture, ListedFixture, Odds

KICKOFF = datetime(2025, 8, 16, 14, tzinfo=UTC)
LISTED = ListedFixture(
    "premier-league-2025-26-arsenal-chelsea", "E0", 2025, "Arsenal", "Chelsea", KICKOFF, Odds(1.9, 3.6, 4.2)
)
LATER = msgspec.structs.replace(
    LISTED, id="premier-league-2025-26-chelsea-arsenal", home="Chelsea", away="Arsenal", odds=None
)

Played = tuple[str, int, str, str, date]
COLUMNS = {"league": pl.String, "season": pl.Int16, "home": pl.String, "away": pl.String, "date": pl.Date}


def played(*matches: Played) -> pl.DataFrame:
    return pl.DataFrame(matches, schema=COLUMNS, orient="row")


def fixture(known: Catalogue, league: str, home: str, away: str, kickoff: datetime = KICKOFF) -> Fixture:
    chosen = known.league(league)
    return Fixture(chosen, known.club(home, chosen), known.club(away, chosen), kickoff)


class TestWhatIsKept:
    def test_comes_back_by_kick_off(self) -> None:
        later = msgspec.structs.replace(LATER, kickoff=KICKOFF + timedelta(hours=2))
        assert load(dump([later, LISTED])) == [LISTED, later]

    def test_is_the_same_bytes_whatever_the_order(self) -> None:
        several = [msgspec.structs.replace(LISTED, id=f"a-{number}") for number in range(20)]
        shuffled = random.Random(1).sample(several, len(several))  # noqa: S311 - no secret
        assert dump(several) == dump(shuffled)

    def test_may_be_nothing(self) -> None:
        assert load(dump([])) == []

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "../../etc/passwd"},
            {"id": "a" * 300},
            {"id": ""},
            {"league": ""},
            {"home": "a\nb"},
            {"home": "a" * 200},
            {"away": "Arsenal"},
            {"season": 10**9},
            {"season": -1},
            {"odds": Odds(0.5, 3.0, 4.0)},
            {"odds": Odds(1.01, 1.01, 1.01)},
            {"kickoff": KICKOFF.replace(tzinfo=None)},
            {"kickoff": KICKOFF.astimezone(timezone(timedelta(hours=1)))},
            {"kickoff": datetime(9999, 1, 1, tzinfo=UTC)},
        ],
    )
    def test_cannot_be_what_cannot_be_right(self, change: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="no list of fixtures"):
            load(dump([msgspec.structs.replace(LISTED, **change)]))

    def test_is_in_order_and_has_nothing_twice(self) -> None:
        for crafted in ([LATER, LISTED], [LISTED, LISTED]):
            with pytest.raises(ValueError, match="no list of fixtures"):
                load(msgspec.json.encode(crafted))
        twice = [LISTED, msgspec.structs.replace(LISTED, kickoff=KICKOFF + timedelta(hours=1))]
        with pytest.raises(ValueError, match="twice"):
            load(msgspec.json.encode(twice))

    @pytest.mark.parametrize(
        "content", [b"", b"{}", b"[{}]", b"\xff", b"[" * 10_000, b" " * (MOST_BYTES + 1)]
    )
    def test_is_nothing_else(self, content: bytes) -> None:
        with pytest.raises(ValueError, match="no list of fixtures"):
            load(content)

    @given(st.binary(max_size=40), st.integers(0, 300))
    def test_that_was_changed_is_read_or_refused(self, noise: bytes, at: int) -> None:
        whole = dump([LISTED, LATER])
        with suppress(ValueError):
            assert all(one.home != one.away for one in load(whole[:at] + noise + whole[at + len(noise) :]))


class TestAFixtureToCome:
    def test_has_its_id_and_season(self, known: Catalogue) -> None:
        (found,) = to_come([fixture(known, "E0", "Arsenal", "Chelsea")], played(), known)
        assert (found.id, found.season) == (LISTED.id, 2025)

    def test_keeps_its_id_when_its_date_moves(self, known: Catalogue) -> None:
        for kickoff in (KICKOFF, KICKOFF + timedelta(days=200)):
            (found,) = to_come([fixture(known, "E0", "Arsenal", "Chelsea", kickoff)], played(), known)
            assert found.id == LISTED.id

    @pytest.mark.parametrize("moved", [-30, -1, 0, 1, 30])
    def test_is_none_once_it_is_played_whenever_that_was(self, known: Catalogue, moved: int) -> None:
        match = ("E0", 2025, "Arsenal", "Chelsea", KICKOFF.date() + timedelta(days=moved))
        assert to_come([fixture(known, "E0", "Arsenal", "Chelsea")], played(match), known) == []

    def test_is_another_than_last_season_s_and_than_the_return_match(self, known: Catalogue) -> None:
        matches = played(
            ("E0", 2024, "Arsenal", "Chelsea", date(2025, 3, 16)),
            ("E0", 2025, "Chelsea", "Arsenal", date(2025, 8, 1)),
        )
        assert len(to_come([fixture(known, "E0", "Arsenal", "Chelsea")], matches, known)) == 1

    @pytest.mark.parametrize(("day", "ids"), [(-90, ["-2"]), (-8, ["-2"]), (-3, []), (0, []), (4, [])])
    def test_is_one_of_several_where_clubs_meet_often(
        self, known: Catalogue, day: int, ids: list[str]
    ) -> None:
        match = ("SC0", 2025, "Celtic", "Rangers", KICKOFF.date() + timedelta(days=day))
        found = to_come([fixture(known, "SC0", "Celtic", "Rangers")], played(match), known)
        assert [one.id[-len("rangers-2") :] for one in found] == [f"rangers{end}" for end in ids]

    def test_may_be_listed_twice_where_clubs_meet_often(self, known: Catalogue) -> None:
        several = [
            fixture(known, "SC0", "Celtic", "Rangers", KICKOFF + timedelta(days=days)) for days in (60, 0)
        ]
        first, second = to_come(several, played(), known)
        assert second.id == f"{first.id}-2"
