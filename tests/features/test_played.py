import io
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.abuse.crafting import packed
from sabiscore.features.calendar import day_number
from sabiscore.features.history import load as load_history
from sabiscore.features.played import FILE, Played, dump, load, of_frame
from sabiscore.features.timeline import running_sum
from sabiscore.models import bundles
from tests.features.frames import divisions, frame

Arrays = dict[str, NDArray[Any]]


DAY = day_number(date(2023, 8, 12))


def small() -> Played:
    """Two leagues of one country and one of another."""
    top = frame(
        ("2023-08-12", "A", "B", 1, 0), ("2023-08-19", "B", "C", 2, 2), ("2024-08-10", "A", "C", 0, 3)
    )
    second = frame(("2023-08-12", "D", "E", 1, 0), ("2024-08-17", "E", "D", 1, 1), league="E1")
    spanish = divisions(frame(("2023-08-12", "X", "Y", 1, 0), league="SP1"), country="Spain")
    return of_frame(divisions(top, second).vstack(spanish).sort("date", "league", "home"))


def arrays() -> Arrays:
    with np.load(io.BytesIO(dump(small()))) as found:
        return dict(found)


class TestMatchesOfASeason:
    def test_are_together_and_end_before_a_day(self) -> None:
        played = small()
        assert played.day[played.of_season(0, 2023)].tolist() == [DAY, DAY + 7]
        assert played.day[played.of_season(0, 2023, DAY + 7)].tolist() == [DAY]
        assert [len(played.day[played.of_season(0, *asked)]) for asked in ((2022,), (2025,), (2023, 0))] == [
            0
        ] * 3


def parts(played: Played) -> list[bytes]:
    names = ("begins", "league", "day", "home", "away", "goals")
    return [getattr(played, name).tobytes() for name in names]


class TestOfFrame:
    def test_has_all_matches_by_league_then_day_then_home_club(self, matches: pl.DataFrame) -> None:
        played = of_frame(matches)
        ordered = matches.sort("league", "date", "home")
        assert [played.leagues[k] for k in played.league] == ordered["league"].to_list()
        assert [played.clubs[k][1] for k in played.home] == ordered["home"].to_list()
        assert [played.clubs[k][1] for k in played.away] == ordered["away"].to_list()
        assert played.day.tolist() == ordered["date"].cast(pl.Int32).to_list()
        assert played.goals.tolist() == [
            list(row) for row in ordered.select("home_goals", "away_goals").rows()
        ]

    def test_knows_where_each_league_begins(self) -> None:
        assert small().leagues == ("E0", "E1", "SP1")
        assert small().begins.tolist() == [0, 3, 5, 6]


class TestDump:
    def test_is_undone_by_load(self, matches: pl.DataFrame) -> None:
        played = of_frame(matches)
        again = load(dump(played))
        assert (again.leagues, again.clubs) == (played.leagues, played.clubs)
        assert parts(again) == parts(played)

    def test_of_the_shipped_matches_has_the_arrays_of_the_shipped_file(self) -> None:
        content = bundles.read(bundles.SHIPPED).files[FILE]
        found, shipped = (np.load(io.BytesIO(each)) for each in (dump(load(content)), content))
        assert found.files == shipped.files
        assert all(np.array_equal(found[name], shipped[name]) for name in shipped.files)


class TestShipped:
    def test_is_within_six_megabytes(self) -> None:
        assert sum(len(content) for content in bundles.read(bundles.SHIPPED).files.values()) < 6_000_000

    def test_are_the_matches_of_its_history(self) -> None:
        """Whoever played, when, for how many points and goals."""
        files = bundles.read(bundles.SHIPPED).files
        history, played = load_history(files["history.npz"]), load(files[FILE])
        assert played.clubs == history.roster.clubs
        line = history.calendar.clubs
        club = np.concatenate((played.home, played.away)).astype(np.int64)
        at = line.at(club, np.tile(played.day, 2).astype(np.int64))
        ours, theirs = np.concatenate((played.goals, played.goals[:, ::-1])).astype(np.int64).T
        begins = (np.diff(line.subject, prepend=-1) != 0) | (np.diff(line.season, prepend=-1) != 0)
        for of_match, known in (
            (3 * (ours > theirs) + (ours == theirs), history.results.points),
            (ours, history.results.scored),
            (ours - theirs, history.results.difference),
        ):
            of_day = np.zeros(len(line.key), np.int64)
            np.add.at(of_day, at, of_match)
            assert np.array_equal(running_sum(of_day, begins), known)


def changed(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Arrays], Arrays]:
    return lambda found: found | {name: change(found[name])}


def put(place: Any, value: Any) -> Callable[[NDArray[Any]], NDArray[Any]]:  # noqa: ANN401 - as numpy takes them
    def change(array: NDArray[Any]) -> NDArray[Any]:
        array = array.copy()
        array[place] = value
        return array

    return change


ASTRAY: dict[str, Callable[[Arrays], Arrays]] = {
    "a club that is not there": changed("home", put(0, 9)),
    "a club against itself": changed("away", put(0, 0)),
    "a club of another country": changed("away", put(0, 5)),
    "a hundred goals": changed("goals", put((0, 0), 100)),
    "a day before all": changed("day", put(0, -30_000)),
    "a day after all": changed("day", put(-1, 2**31 - 1)),
    "days out of order": changed("day", put(1, -1)),
    "more matches than there are": changed("matches", put(0, 4)),
    "a league without matches": changed("matches", put(0, 0)),
    "matches that wrap around": changed("matches", put(slice(0, 2), 2**31 - 1)),
    "a league twice": changed("leagues", put(1, "E0")),
    "a league without a name": changed("leagues", put(0, "")),
    "a name that commands a terminal": changed("clubs", put((0, 1), "\x1b")),
    "a club twice": changed("clubs", put(0, ["England", "B"])),
    "goals of other matches": changed("goals", lambda a: a[:-1]),
    "no matches": lambda found: {name: array[:0] for name, array in found.items()},
    "another array": lambda found: found | {"other": found["day"]},
    "an array too few": lambda found: {name: array for name, array in found.items() if name != "day"},
    "objects": changed("leagues", lambda a: a.astype(object)),
    "wide goals": changed("goals", lambda a: a.astype(np.int64)),
}


class TestLoad:
    @pytest.mark.parametrize("way", ASTRAY)
    def test_refuses(self, way: str) -> None:
        with pytest.raises(ValueError, match="no matches"):
            load(packed(ASTRAY[way](arrays())))

    @pytest.mark.parametrize("length", [0, 10, 300, -1])
    def test_refuses_a_file_cut_short(self, length: int) -> None:
        with pytest.raises(ValueError, match="no matches"):
            load(dump(small())[:length])

    @settings(max_examples=150)
    @given(st.data())
    def test_either_refuses_other_numbers_or_all_of_them_mean_something(self, data: st.DataObject) -> None:
        found = arrays()
        name = data.draw(st.sampled_from(["matches", "day", "home", "away", "goals"]))
        limits = np.iinfo(found[name].dtype)
        found[name].flat[data.draw(st.integers(0, found[name].size - 1))] = data.draw(
            st.integers(int(limits.min), int(limits.max))
        )
        try:
            played = load(packed(found))
        except ValueError:
            return
        for k in range(len(played)):
            (country, home), (other, away) = played.clubs[played.home[k]], played.clubs[played.away[k]]
            assert country == other
            assert home != away
