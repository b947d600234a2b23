from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import polars as pl
import pytest
from msgspec import structs

from sabiscore.data import coming
from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ids import fixture_id
from sabiscore.domain import Club, League, ListedFixture, SideCounts
from sabiscore.features import build_history
from sabiscore.features.played import FILE, dump, of_frame
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.season.reader import A_SEASON, PAST, UNKNOWN, Season
from sabiscore.season.to_come import FEW, OVER, PARTED, SPLIT
from tests.features.frames import frame

CHRISTMAS = date(2023, 12, 24)
"""The day after a match day."""


@pytest.fixture(scope="module")
def season(forecaster: Forecaster, catalogue: Catalogue) -> Season:
    """That of the shipped bundle."""
    return Season.of(bundles.read(bundles.SHIPPED), forecaster, catalogue)


@pytest.fixture(scope="module")
def after(forecaster: Forecaster, catalogue: Catalogue, matches: pl.DataFrame) -> Callable[..., Season]:
    """That of a bundle made of the matches of the sample before a day, and of fixtures to come."""

    def season(before: date, listed: list[ListedFixture] | None = None) -> Season:
        chosen = matches.filter((pl.col("date") < before) & (pl.col("season") > 2020))
        manifest = structs.replace(
            forecaster.manifest, data_from=chosen["date"].min(), data_through=chosen["date"].max()
        )
        files = {FILE: dump(of_frame(chosen))} | ({coming.FILE: coming.dump(listed)} if listed else {})
        bundle = Bundle(manifest, "0" * 64, files)
        history = build_history(chosen, forecaster.rows.parameters)
        return Season.of(bundle, Forecaster(bundle, history, forecaster.head), catalogue)

    return season


@pytest.fixture(scope="module")
def all_of_them(after: Callable[..., Season]) -> Season:
    return after(date(2026, 1, 1))


@pytest.fixture(scope="module")
def then(after: Callable[..., Season]) -> Season:
    return after(CHRISTMAS)


@pytest.fixture(scope="module")
def listed(catalogue: Catalogue) -> list[ListedFixture]:
    """The first match of a season that nobody has played in yet."""
    league = catalogue.league("E0")
    home, away = catalogue.club("Liverpool", league), catalogue.club("Bournemouth", league)
    kickoff = datetime(2025, 8, 15, 19, tzinfo=UTC)
    name = fixture_id(league, 2025, home, away)
    return [ListedFixture(name, "E0", 2025, home.key, away.key, kickoff)]


@pytest.fixture(scope="module")
def summer(after: Callable[..., Season], listed: list[ListedFixture]) -> Season:
    return after(date(2025, 8, 1), listed)


@pytest.fixture
def premier_league(catalogue: Catalogue) -> League:
    return catalogue.league("E0")


@pytest.fixture
def club(catalogue: Catalogue, premier_league: League) -> Callable[[str], Club]:
    return lambda name: catalogue.club(name, premier_league)


class TestAsOfADay:
    """What is said of a day is what a bundle of that morning says, to the last bit."""

    @pytest.mark.parametrize("code", ["E0", "SP1", "I1", "D1", "F1", "E1", "SC0"])
    @pytest.mark.parametrize("what", ["table", "ratings"])
    def test_of_a_league(
        self, all_of_them: Season, then: Season, catalogue: Catalogue, code: str, what: str
    ) -> None:
        league = catalogue.league(code)
        found = getattr(all_of_them, what)(league, CHRISTMAS)
        assert found == getattr(then, what)(league, CHRISTMAS)
        now = getattr(then, what)(league)
        if what == "ratings":
            assert now.teams == found.teams
        else:
            assert [structs.replace(row, projection=None) for row in now.rows] == found.rows
        assert now.data_through == found.data_through == CHRISTMAS - timedelta(days=1)

    @pytest.mark.parametrize("name", ["Arsenal", "Luton", "Leeds", "Ipswich"])
    def test_of_a_club(
        self, all_of_them: Season, then: Season, club: Callable[[str], Club], name: str
    ) -> None:
        found = all_of_them.team(club(name), CHRISTMAS)
        assert found is not None
        assert found == then.team(club(name), CHRISTMAS)
        assert all_of_them.lately(club(name), CHRISTMAS) == (found.ratings, found.last)
        assert found.last[0].date is not None
        assert found.last[0].date < CHRISTMAS

    def test_of_two_clubs(self, all_of_them: Season, then: Season, club: Callable[[str], Club]) -> None:
        pair = club("Arsenal"), club("Chelsea")
        assert all_of_them.head_to_head(*pair, on=CHRISTMAS) == then.head_to_head(*pair, on=CHRISTMAS)
        assert len(all_of_them.head_to_head(*pair).matches) > len(then.head_to_head(*pair).matches)


class TestTable:
    def test_is_that_of_the_last_season(self, season: Season, premier_league: League) -> None:
        found = season.table(premier_league)
        assert found is not None
        assert (found.season, found.note, found.projection) == ("2024/25", OVER, None)
        assert [row.team.id for row in found.rows[:2]] == ["liverpool", "arsenal"]
        assert (found.rows[0].points, found.rows[0].form, found.rows[0].position) == (84, "WLDLD", 1)
        assert found.tie_break.rule == "goal difference, then goals scored"

    @pytest.mark.parametrize(("code", "note"), [("B1", PARTED), ("G1", PARTED), ("SC0", SPLIT)])
    def test_says_why_nothing_is_projected(
        self, season: Season, catalogue: Catalogue, code: str, note: str
    ) -> None:
        found = season.table(catalogue.league(code))
        assert found is not None
        assert found.note == note

    def test_of_a_past_day_projects_nothing(self, season: Season, premier_league: League) -> None:
        found = season.table(premier_league, CHRISTMAS)
        assert found is not None
        assert found.note == PAST

    def test_of_a_season_that_has_just_begun_has_those_who_have_played(
        self, season: Season, premier_league: League
    ) -> None:
        found = season.table(premier_league, date(2023, 8, 12))
        assert found is not None
        assert (found.season, found.note) == ("2023/24", FEW)
        assert {row.team.name for row in found.rows} == {"Burnley", "Manchester City"}

    def test_is_none_before_the_first_match(self, season: Season, premier_league: League) -> None:
        assert season.table(premier_league, date(1993, 8, 1)) is None
        assert season.ratings(premier_league, date(1993, 8, 1)) is None


class TestComing:
    def test_begins_no_season_alone(self, summer: Season, premier_league: League) -> None:
        found = summer.table(premier_league)
        assert found is not None
        assert (found.season, found.note) == ("2024/25", OVER)

    def test_begins_a_season_with_all_its_clubs(
        self, after: Callable[..., Season], catalogue: Catalogue, premier_league: League
    ) -> None:
        names = sorted({one.key for one in catalogue.clubs(premier_league)})[:20]
        clubs = [catalogue.club(name, premier_league) for name in names]
        kickoff = datetime(2025, 8, 15, 19, tzinfo=UTC)
        listed = [
            ListedFixture(
                fixture_id(premier_league, 2025, home, away), "E0", 2025, home.key, away.key, kickoff
            )
            for home, away in zip(clubs[:10], clubs[10:], strict=True)
        ]
        found = after(date(2025, 8, 1), listed).table(premier_league)
        assert found is not None
        assert (found.season, found.note) == ("2025/26", UNKNOWN)
        assert [(row.played, row.points) for row in found.rows] == [(0, 0)] * 20

    def test_is_on_the_page_of_its_clubs(
        self, summer: Season, club: Callable[[str], Club], listed: list[ListedFixture]
    ) -> None:
        found = summer.team(club("Liverpool"))
        assert found is not None
        (following,) = found.next
        assert (following.id, following.status) == (listed[0].id, "upcoming")
        assert following.kickoff_time == listed[0].kickoff
        said = following.probabilities
        assert said is not None
        assert round(said.home + said.draw + said.away, 9) == 1.0
        assert said.home > said.away

    def test_is_found_by_its_id(self, summer: Season, listed: list[ListedFixture]) -> None:
        found = summer.find(listed[0].id)
        assert found is not None
        assert found.status == "upcoming"

    def test_is_the_next_meeting(self, summer: Season, club: Callable[[str], Club]) -> None:
        found = summer.head_to_head(club("Bournemouth"), club("Liverpool"))
        assert [match.home.name for match in found.next] == ["Liverpool"]


class TestInMidSeason:
    def test_what_is_left_is_every_pair_that_has_not_been_played(
        self, then: Season, club: Callable[[str], Club]
    ) -> None:
        found = then.team(club("Arsenal"))
        assert found is not None
        assert len(found.next) == 5
        for match in found.next:
            assert match.date is None
            assert match.probabilities is not None
            assert then.find(match.id) == match

    def test_what_is_left_and_what_was_played_is_the_season(
        self, then: Season, season: Season, premier_league: League
    ) -> None:
        whole = season.played(premier_league, since=date(2023, 8, 1), until=date(2024, 6, 1))
        assert len(whole) == 380
        known = [then.find(match.id) for match in whole]
        assert all(known)
        count = sum(match is not None and match.status == "played" for match in known)
        assert count == sum(match.date is not None and match.date < CHRISTMAS for match in whole)


class TestFind:
    def test_finds_a_played_match(self, season: Season) -> None:
        found = season.find("premier-league-2024-25-arsenal-chelsea")
        assert found is not None
        assert (found.score, found.outcome, found.date) == (SideCounts(1, 0), "home", date(2025, 3, 16))

    def test_finds_the_second_meeting_at_one_ground(self, season: Season) -> None:
        one, other = (
            season.find(f"scottish-premiership-2021-22-celtic-rangers{which}") for which in ("", "-2")
        )
        assert one is not None
        assert other is not None
        assert one.date is not None
        assert other.date is not None
        assert one.date < other.date

    @pytest.mark.parametrize(
        "name", ["", "arsenal", "premier-league-2024-25-arsenal", "no-league-2024-25-a-b", "x" * 10_000]
    )
    def test_finds_nothing_else(self, season: Season, name: str) -> None:
        assert season.find(name) is None

    def test_finds_whatever_is_listed(self, season: Season, catalogue: Catalogue) -> None:
        for code, since in (
            ("SC0", date(2024, 1, 1)),
            ("2-bundesliga", date(2024, 8, 1)),
            ("E0", date(2025, 1, 1)),
        ):
            listed = season.played(catalogue.league(code), since=since)
            assert len({match.id for match in listed}) == len(listed)
            assert [season.find(match.id) for match in listed[::40]] == listed[::40]


class TestPlayed:
    def test_is_in_the_order_of_time(self, season: Season) -> None:
        found = season.played(since=date(2025, 5, 1), until=date(2025, 5, 25))
        days = [match.date for match in found if match.date]
        assert days == sorted(days)
        assert (days[0], days[-1]) == (date(2025, 5, 1), date(2025, 5, 25))

    def test_of_a_club_has_no_other(self, season: Season, club: Callable[[str], Club]) -> None:
        found = season.played(team=club("Arsenal"), since=date(2024, 8, 1))
        assert len(found) == 38
        assert all("arsenal" in {match.home.id, match.away.id} for match in found)


class TestLastDay:
    def test_is_that_of_the_last_match(self, season: Season, premier_league: League) -> None:
        for league in (None, premier_league):
            last = season.last_day(league)
            assert last is not None
            assert season.played(league, since=last)
            assert not season.played(league, since=last + timedelta(days=1))


class TestHeadToHead:
    def test_counts_from_the_side_of_the_first(self, season: Season, club: Callable[[str], Club]) -> None:
        one, other = club("Arsenal"), club("Chelsea")
        found, turned = season.head_to_head(one, other), season.head_to_head(other, one)
        assert found.overall.home_team_wins == turned.overall.away_team_wins
        assert found.overall.played == len(found.matches)
        assert found.at_home.played + turned.at_home.played == found.overall.played
        assert found.matches[0].date == date(2025, 3, 16)


class TestRatings:
    def test_are_in_order_and_near_an_average_of_none(self, season: Season, premier_league: League) -> None:
        found = season.ratings(premier_league)
        assert found is not None
        strengths = [each.strength for each in found.teams]
        assert strengths == sorted(strengths, reverse=True)
        assert abs(sum(strengths)) / 20 < 0.1
        assert {each.rank for each in found.teams} == set(range(1, 21))
        assert all(each.uncertainty > 0.0 for each in found.teams)

    def test_change_by_what_they_were_a_month_before(self, season: Season, premier_league: League) -> None:
        now, then = (
            season.ratings(premier_league, day) for day in (CHRISTMAS, CHRISTMAS - timedelta(days=30))
        )
        assert now is not None
        assert then is not None
        before = {each.team.id: each.strength for each in then.teams}
        for each in now.teams:
            assert each.change_30_days == pytest.approx(each.strength - before[each.team.id], abs=0.0021)


class TestOverTheYears:
    @pytest.mark.parametrize("name", ["Arsenal", "Ipswich"])
    def test_has_some_days_of_each_season_since_the_first_match(
        self, season: Season, club: Callable[[str], Club], name: str
    ) -> None:
        found = season.over_the_years(club(name))
        played = season.played(team=club(name))
        assert {point.date for point in found} <= {match.date for match in played}
        assert found[-1].date == played[-1].date
        assert (found[0].date.year, len({point.date.year for point in found})) == (1993, 33)
        assert len(found) <= 32 * A_SEASON

    def test_agrees_with_what_the_page_of_a_club_has(
        self, season: Season, club: Callable[[str], Club]
    ) -> None:
        page = season.team(club("Arsenal"))
        assert page is not None
        recent = {point.date: point for point in page.ratings}
        found = [point for point in season.over_the_years(club("Arsenal")) if point.date in recent]
        assert len(found) >= 10
        assert found == [recent[point.date] for point in found]


class TestCheck:
    def test_finds_nothing_wrong_with_the_shipped_bundle(self, season: Season) -> None:
        season.check()

    def test_refuses_matches_of_a_league_that_is_not_rated(
        self, forecaster: Forecaster, catalogue: Catalogue
    ) -> None:
        content = dump(of_frame(frame(("2023-08-12", "A", "B", 1, 0), league="X9")))
        bundle = Bundle(forecaster.manifest, "", {FILE: content})
        with pytest.raises(ValueError, match="X9"):
            Season.of(bundle, forecaster, catalogue).check()

    @pytest.mark.parametrize("name", [FILE, coming.FILE, "tables.json"])
    def test_refuses_a_file_that_is_none(
        self, forecaster: Forecaster, catalogue: Catalogue, name: str
    ) -> None:
        bundle = Bundle(forecaster.manifest, "", {name: b"nothing"})
        with pytest.raises(ValueError, match="no "):
            Season.of(bundle, forecaster, catalogue).check()


class TestWithoutMatches:
    """A bundle made before there was such a file."""

    @pytest.fixture
    def older(self, forecaster: Forecaster, catalogue: Catalogue) -> Season:
        bundle = bundles.read(bundles.SHIPPED)
        files = {name: content for name, content in bundle.files.items() if name != FILE}
        return Season.of(structs.replace(bundle, files=files), forecaster, catalogue)

    def test_there_is_nothing(
        self, older: Season, premier_league: League, club: Callable[[str], Club]
    ) -> None:
        assert older.played(premier_league) == []
        assert older.table(premier_league) is None
        assert older.ratings(premier_league) is None
        assert older.team(club("Arsenal")) is None
        assert older.lately(club("Arsenal")) == ([], [])
        assert older.find("premier-league-2024-25-arsenal-chelsea") is None
        assert older.head_to_head(club("Arsenal"), club("Chelsea")).overall.played == 0


def test_everything_is_json(season: Season, premier_league: League, club: Callable[[str], Club]) -> None:
    said: list[Any] = [
        season.table(premier_league),
        season.ratings(premier_league),
        season.team(club("Arsenal")),
        season.head_to_head(club("Arsenal"), club("Chelsea")),
    ]
    for each in said:
        assert msgspec.json.decode(msgspec.json.encode(each), type=type(each)) == each
