from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.rules import Rules
from sabiscore.features.calendar import day_number
from sabiscore.features.played import Played
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.models.grid import score_grid
from sabiscore.season import projection, tables
from sabiscore.season.projection import Strengths, chances, project, projected_tables, seed, strengths
from sabiscore.season.reader import Season
from sabiscore.season.schemas import PlaceChances
from sabiscore.season.standings import Results, results
from sabiscore.season.to_come import to_come

MIDWINTER = date(2024, 1, 8)
LESS_THAN_CERTAIN = (
    b'{"E0":{"state":"","season":2024,"data_through":"2024-09-01","simulations":1,"to_come":1,"clubs":{"A":'
    b'{"expected_points":1,"positions":[0.5],"title":0.5,"champions_league":null,"europe":null,"promotion":null,'
    b'"promotion_play_off":null,"relegation_play_off":null,"relegation":null}}}}'
)
Cut = Callable[[str, date], Results]


@pytest.fixture
def cut(played: Played, catalogue: Catalogue) -> Cut:
    """The season 2023/24 of a league on a day, with all its clubs."""

    def season(code: str, day: date) -> Results:
        whole = results(played, catalogue, code, 2023, before=day_number(date(2024, 7, 1)))
        return results(played, catalogue, code, 2023, before=day_number(day), members=whole.clubs)

    return season


def small(clubs: int, matches: list[tuple[int, int, int, int]]) -> Results:
    """A season of some clubs of which some pairs have met."""
    home, away, *goals = np.array(matches, np.intp).reshape(-1, 4).T
    return Results(
        league="X1",
        season=2023,
        rules=Rules(2023, clubs=clubs, champions_league=2, relegation=1),
        clubs=tuple("ABCDEF"[:clubs]),
        day=np.arange(len(home)) + 19_600,
        home=home,
        away=away,
        goals=np.array(goals),
        deducted=np.zeros(clubs, np.intp),
    )


def alike(clubs: int, lasting: float = 0.06, rho: float = 0.0) -> Strengths:
    """Clubs that nothing tells apart."""
    return Strengths(
        rates=np.full((clubs, clubs, 2), (1.5, 1.2)),
        lasting=np.full(clubs, lasting),
        passing=np.full(clubs, 0.05),
        drift=0.002,
        noise=3.0,
        rho=rho,
    )


def one_ahead(clubs: int, lasting: float) -> Strengths:
    """The first is better than the others, as far as is known."""
    known = alike(clubs, lasting)
    rates = known.rates.copy()
    rates[0], rates[1:, 0] = (2.5, 0.7), (0.9, 2.2)
    return structs.replace(known, rates=rates)


@st.composite
def seasons(draw: st.DrawFn) -> Results:
    clubs = draw(st.integers(2, 5))
    pairs = [(home, away) for home in range(clubs) for away in range(clubs) if home != away]
    met = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    goals = st.integers(0, 4)
    return small(clubs, [(*pair, draw(goals), draw(goals)) for pair in met])


class TestProject:
    @settings(max_examples=40)
    @given(seasons())
    def test_gives_every_club_one_place_and_every_place_one_club(self, played: Results) -> None:
        found = project(played, alike(len(played.clubs)), [1], simulations=300)
        assert (found.places >= 0).all()
        assert (found.places.sum(axis=0) == 300).all()
        assert (found.places.sum(axis=1) == 300).all()

    def test_knows_what_is_settled(self) -> None:
        """A has won three of four, and nobody can have as many points."""
        played = small(3, [(0, 1, 1, 0), (0, 2, 2, 0), (1, 0, 0, 1), (2, 1, 0, 0)])
        found = project(played, alike(3), [1], simulations=500)
        assert found.places[0, 0] == 500

    def test_ends_where_the_season_does(self, cut: Cut) -> None:
        """With one match day to play, nobody gets more than its points and three."""
        played = cut("E0", date(2024, 5, 19))
        assert len(to_come(played)[0]) == 10
        found = project(played, alike(20), [1], simulations=200)
        now = played.tally().total("points")[:, 0]
        assert ((found.points >= now) & (found.points <= now + 3)).all()
        assert set(np.flatnonzero(found.places[:, 0])) <= {
            played.clubs.index("Man City"),
            played.clubs.index("Arsenal"),
        }

    def test_says_the_same_again(self) -> None:
        played = small(4, [(0, 1, 1, 0)])
        one, again, other = (project(played, alike(4), chance, 300) for chance in ([1], [1], [2]))
        assert np.array_equal(one.places, again.places)
        assert not np.array_equal(one.places, other.places)

    def test_is_less_sure_of_a_good_club_the_less_is_known_of_it(self) -> None:
        sure, unsure = (
            project(small(5, []), one_ahead(5, lasting), [1], simulations=4000) for lasting in (0.0, 1.0)
        )
        assert sure.places[0, 0] > unsure.places[0, 0] + 200

    def test_is_what_the_grid_says_of_a_match(self) -> None:
        """One match, of clubs that are known."""
        played = small(2, [(1, 0, 0, 0)])
        known = structs.replace(
            alike(2, lasting=0.0, rho=-0.1), passing=np.zeros(2), rates=np.full((2, 2, 2), (1.4, 1.1))
        )
        found = project(played, known, [3], simulations=40_000)
        grid = score_grid(np.array([1.4]), np.array([1.1]), -0.1)[0]
        won, drawn = np.tril(grid, -1).sum(), np.trace(grid)
        points = 3.0 * won + drawn + 1.0
        assert found.points[0] == pytest.approx(points, abs=0.03)
        assert found.points.sum() == pytest.approx(2.0 + 3.0 * (1.0 - drawn) + 2.0 * drawn, abs=0.02)


class TestChances:
    def test_are_those_of_the_lines(self, cut: Cut) -> None:
        played = cut("D1", MIDWINTER)
        found = project(played, alike(18), [1], simulations=1000)
        for club in range(18):
            said = chances(found, club, played.rules)
            assert sum(said.positions) == pytest.approx(1.0)
            assert said.title == said.positions[0]
            assert said.champions_league == pytest.approx(sum(said.positions[:4]))
            assert said.relegation_play_off == said.positions[15]
            assert said.relegation == pytest.approx(sum(said.positions[16:]))
            assert (said.promotion, said.promotion_play_off) == (None, None)

    def test_of_a_second_division_are_of_going_up(self, cut: Cut) -> None:
        played = cut("E1", MIDWINTER)
        said = chances(project(played, alike(24), [1], simulations=500), 0, played.rules)
        assert said.promotion == pytest.approx(sum(said.positions[:2]))
        assert said.promotion_play_off == pytest.approx(sum(said.positions[2:6]))
        assert (said.champions_league, said.europe, said.relegation_play_off) == (None, None, None)


class TestProjectedTables:
    @pytest.fixture
    def then(
        self,
        forecaster: Forecaster,
        catalogue: Catalogue,
        played: Played,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Season:
        """The season as it stood in midwinter; the forecaster knows more, which these tests do not ask about."""
        monkeypatch.setattr(projection, "SIMULATIONS", 200)
        manifest = structs.replace(
            forecaster.manifest, data_through=date.fromordinal(MIDWINTER.toordinal() - 1)
        )
        then = Season(Bundle(manifest, "", {}), forecaster, catalogue)
        then.__dict__["matches"] = played
        then.today = day_number(MIDWINTER)
        return then

    def test_has_every_league_that_can_be_simulated(
        self, then: Season, forecaster: Forecaster, catalogue: Catalogue
    ) -> None:
        found = tables.load(projected_tables(forecaster, then, catalogue))
        assert {"E0", "SP1", "I1", "D1", "F1", "E1", "P1", "T1", "N1"} <= set(found)
        assert not {"SC0", "B1", "G1"} & set(found)
        for each in found.values():
            positions = np.array([club.positions for club in each.clubs.values()])
            assert positions.sum(axis=0) == pytest.approx(1.0)
            assert positions.sum(axis=1) == pytest.approx(1.0)

    def test_says_the_same_again_and_does_not_make_it_again(
        self,
        then: Season,
        forecaster: Forecaster,
        catalogue: Catalogue,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        first = projected_tables(forecaster, then, catalogue)
        assert projected_tables(forecaster, then, catalogue) == first
        monkeypatch.setattr(projection, "project", None)
        assert projected_tables(forecaster, then, catalogue, tables.load(first)) == first

    def test_is_in_the_table(self, then: Season, forecaster: Forecaster, catalogue: Catalogue) -> None:
        then.__dict__["projected"] = tables.load(projected_tables(forecaster, then, catalogue))
        found = then.table(catalogue.league("E0"))
        assert found is not None
        assert (found.season, found.note) == ("2023/24", None)
        assert found.projection is not None
        assert (found.projection.simulations, found.projection.to_come) == (200, 182)
        titles = [row.projection.title or 0.0 for row in found.rows if row.projection]
        assert len(titles) == 20
        assert sum(titles) == pytest.approx(1.0)

    def test_of_a_summer_has_nothing(self, forecaster: Forecaster, catalogue: Catalogue) -> None:
        season = Season.of(bundles.read(bundles.SHIPPED), forecaster, catalogue)
        assert tables.load(projected_tables(forecaster, season, catalogue)) == {}


class TestStrengths:
    def test_are_those_of_a_week_after_the_last_match(self, cut: Cut, forecaster: Forecaster) -> None:
        played = cut("E0", MIDWINTER)
        known = strengths(forecaster, played, day_number(MIDWINTER))
        day = int(played.day.max()) + 7
        said = forecaster.forecast([("E0", "Arsenal", "Chelsea", day)])
        one, other = played.clubs.index("Arsenal"), played.clubs.index("Chelsea")
        assert known.rates[one, other] == pytest.approx(said.rates[0])
        assert (known.lasting > 0.0).all()

    def test_know_no_match_of_the_day_or_later(self, cut: Cut, forecaster: Forecaster) -> None:
        """The day of which is asked is a week after the last match; what was played in that week is not known."""
        played = cut("E0", date(2024, 2, 5))
        early, late = (strengths(forecaster, played, day_number(date(2024, 2, day))) for day in (5, 12))
        assert not np.array_equal(early.rates, late.rates)
        again = strengths(forecaster, played, int(played.day.max()) + 1)
        assert np.array_equal(early.rates, again.rates)

    def test_the_seed_is_of_the_matches(self, cut: Cut) -> None:
        one, other = cut("E0", MIDWINTER), cut("E0", date(2024, 2, 1))
        assert seed(one) == seed(cut("E0", MIDWINTER))
        assert seed(one) != seed(other)


class TestTables:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"{" * 100_000,
            b'{"E0": {}}',
            b" " * (tables.MOST_BYTES + 1),
            LESS_THAN_CERTAIN,
        ],
    )
    def test_refuses(self, content: bytes) -> None:
        with pytest.raises(ValueError, match="no projected tables"):
            tables.load(content)

    def test_dump_is_undone_by_load(self) -> None:
        chances_ = PlaceChances(1.5, [1.0], 1.0, None, None, None, None, None, 0.0)
        table = tables.ProjectedTable("", 2024, MIDWINTER, 10, 1, {"A": chances_})
        assert tables.load(tables.dump({"E0": table})) == {"E0": table}
