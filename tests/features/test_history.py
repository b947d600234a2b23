import io
import re
import time
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.abuse.crafting import packed
from sabiscore.features import History, Parameters, RowMaker, components
from sabiscore.features.build import build_history
from sabiscore.features.history import MOST_CLUBS, MOST_SEASONS, _packed, _unpacked, dump, load
from sabiscore.features.npz import MOST_BYTES
from sabiscore.models import bundles
from tests.features.frames import divisions, frame
from tests.waiting import LONG

PARAMETERS = Parameters()
ONE_DIMENSION = re.compile(rb"\(\d,\), } {9}")
VARIANCE = components.CLUB.index("strength_slow_variance")
SUBJECT, DAY, PLAYED, LEAGUE = range(4)
"""The columns of the clubs' match days, and of leagues' without the last."""

CLUBS, MATCHES = range(2)
"""The first columns of rules."""

Arrays = dict[str, NDArray[Any]]
Change = Callable[[NDArray[Any]], NDArray[Any]]


@pytest.fixture(scope="module")
def small() -> History:
    """Two divisions of one country, and a league of another."""
    top = frame(
        ("2023-08-12", "A", "B", 1, 0),
        ("2023-08-19", "B", "C", 2, 2),
        ("2024-08-10", "A", "C", 0, 3),
        ("2024-08-17", "C", "B", 1, 1),
    )
    second = frame(("2023-08-12", "D", "E", 1, 0), ("2024-08-17", "E", "D", 1, 1), league="E1")
    spanish = divisions(frame(("2023-08-12", "X", "Y", 1, 0), league="SP1"), country="Spain")
    return build_history(divisions(top, second).vstack(spanish).sort("date", "league", "home"), PARAMETERS)


@pytest.fixture
def arrays(small: History) -> Arrays:
    with np.load(io.BytesIO(dump(small))) as found:
        return dict(found)


def same(one: History, other: History) -> bool:
    """Whether all that is in them is the same, to the last bit."""
    return one.roster == other.roster and all(
        ours.dtype == theirs.dtype and ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()
        for ours, theirs in zip(arrays_in(one), arrays_in(other), strict=True)
    )


def arrays_in(history: History) -> list[NDArray[Any]]:
    calendar, results = history.calendar, history.results
    lines = [
        getattr(line, name)
        for line in (calendar.clubs, calendar.leagues)
        for name in ("key", "season", "played")
    ]
    return [
        *lines,
        *(calendar.club_league, calendar.level, calendar.country),
        *(results.points, results.difference, results.scored),
        *(history.rules, history.club_values, history.league_values, np.array(history.first_season)),
    ]


class TestDump:
    def test_is_undone_by_load(self, small: History, history: History) -> None:
        for one in (small, history):
            assert same(load(dump(one)), one)

    def test_of_the_same_history_is_the_same_bytes(self, history: History) -> None:
        assert dump(history) == dump(load(dump(history)))

    def test_is_small(self, history: History) -> None:
        """A club's match day takes some twelve bytes, all that is kept of it included."""
        assert len(dump(history)) < 12 * len(history.club_values)

    def test_of_the_shipped_history_has_the_arrays_of_the_shipped_file(self) -> None:
        """However they are packed, and no larger."""
        content = bundles.read(bundles.SHIPPED).files["history.npz"]
        found, shipped = (np.load(io.BytesIO(each)) for each in (dump(load(content)), content))
        assert found.files == shipped.files
        assert all(np.array_equal(found[name], shipped[name]) for name in shipped.files)
        assert len(dump(load(content))) < 4_900_000


class TestPacked:
    @given(
        st.integers(1, 5).flatmap(
            lambda width: st.lists(
                st.lists(st.integers(-32_768, 32_767), min_size=width, max_size=width), min_size=1
            )
        )
    )
    def test_numbers_are_unpacked_again_whatever_they_are(self, rows: list[list[int]]) -> None:
        values = np.array(rows, np.int16)
        low, high = _packed(values)
        assert low.shape == high.shape == values.shape
        assert _unpacked(low, high).astype(np.int16).tolist() == rows

    def test_numbers_that_are_alike_are_small(self) -> None:
        """Their high bytes are all nothing."""
        _, high = _packed(np.cumsum(np.tile([[3, -120]], (50, 1)), axis=0))
        assert not high.any()


def changed(array: NDArray[Any], place: Any, value: Any) -> NDArray[Any]:  # noqa: ANN401 - as numpy takes them
    array = array.copy()
    array[place] = value
    return array


def astray(name: str, change: Change) -> Callable[[Arrays], Arrays]:
    """One array is another."""
    return lambda arrays: arrays | {name: change(arrays[name])}


def unpacked_astray(name: str, change: Change) -> Callable[[Arrays], Arrays]:
    """The numbers of an array that is packed are others."""

    def changed_arrays(arrays: Arrays) -> Arrays:
        values = _unpacked(arrays[f"{name}_low"], arrays[f"{name}_high"])
        low, high = _packed(change(values.copy()))
        return arrays | {f"{name}_low": low, f"{name}_high": high}

    return changed_arrays


def both_parts(name: str, change: Change) -> Callable[[Arrays], Arrays]:
    """Low and high bytes of an array alike are others."""
    return lambda arrays: (
        arrays | {f"{name}_{part}": change(arrays[f"{name}_{part}"]) for part in ("low", "high")}
    )


ASTRAY: dict[str, Callable[[Arrays], Arrays]] = {
    "a negative variance": unpacked_astray("club_values", lambda a: changed(a, (0, VARIANCE), -1)),
    "low bytes without high ones": astray("club_values_low", lambda a: a[:-1]),
    "values of another precision": astray("club_values_low", lambda a: a.astype(np.float64)),
    "values of the other byte order": astray("level", lambda a: a.astype(">i2")),
    "values by column": both_parts("club_values", np.asfortranarray),
    "a column too few": both_parts("club_values", lambda a: a[:, :-1]),
    "a column too many": both_parts("club_values", lambda a: np.hstack((a, a[:, :1]))),
    "a row too few": both_parts("club_values", lambda a: a[:-1]),
    "a row of a league too many": both_parts("league_values", lambda a: np.vstack((a, a[:1]))),
    "tables of other days": both_parts("results", lambda a: a[:-1]),
    "no rows": lambda arrays: {
        name: array[:0] if name.endswith(("_low", "_high")) else array for name, array in arrays.items()
    },
    "no dimension": astray("level", lambda a: a[0].reshape(())),
    "a dimension too many": astray("country", lambda a: a[:, None]),
    "objects": astray("roster_leagues", lambda a: a.astype(object)),
    "days out of order": unpacked_astray("clubs", lambda a: a[::-1]),
    "a day twice": unpacked_astray("clubs", lambda a: changed(a, 1, a[0])),
    "a negative day": unpacked_astray("clubs", lambda a: changed(a, (0, DAY), -5)),
    "a league's negative day": unpacked_astray("leagues", lambda a: changed(a, (0, DAY), -5)),
    "a club that is not there": unpacked_astray("clubs", lambda a: changed(a, (-1, SUBJECT), 25)),
    "a club that never played": unpacked_astray(
        "clubs", lambda a: changed(a, slice(None), a + (a[:, [SUBJECT]] > 2) * [[1, 0, 0, 0]])
    ),
    "a club before the first": unpacked_astray("clubs", lambda a: changed(a, (0, SUBJECT), -1)),
    "a day in the year 4000": both_parts("clubs", lambda a: changed(a, slice(None), 255)),
    "a day before all seasons": unpacked_astray("clubs", lambda a: changed(a, (0, DAY), 9000)),
    "a day after all seasons": unpacked_astray("leagues", lambda a: changed(a, (-1, DAY), 22_000)),
    "a match number that falls": unpacked_astray("clubs", lambda a: changed(a, (1, PLAYED), 0)),
    "a match number that stays": unpacked_astray("leagues", lambda a: changed(a, (1, PLAYED), a[0, PLAYED])),
    "a league that is not there": unpacked_astray("clubs", lambda a: changed(a, (0, LEAGUE), 3)),
    "a league before the first": unpacked_astray("clubs", lambda a: changed(a, (0, LEAGUE), -1)),
    "a club in a league of another country": unpacked_astray("clubs", lambda a: changed(a, (0, LEAGUE), 2)),
    "negative points": unpacked_astray("results", lambda a: changed(a, (0, 0), -1)),
    "negative goals": unpacked_astray("results", lambda a: changed(a, (0, 2), -1)),
    "a country of another number": astray("country", lambda a: a[::-1]),
    "countries of more leagues": astray("country", lambda a: np.concatenate((a, a))),
    "a negative level": astray("level", lambda a: changed(a, 0, -1)),
    "a level below all": astray("level", lambda a: changed(a, 0, 32_767)),
    "another first season": astray("first_season", lambda a: changed(a, 0, 1990)),
    "a first season too late": astray("first_season", lambda a: changed(a, 0, 2024)),
    "a first season beyond all": astray("first_season", lambda a: changed(a, 0, -32_768)),
    "no seasons": astray("first_season", lambda a: changed(a, 1, 0)),
    "a season too few": astray("first_season", lambda a: changed(a, 1, 1)),
    "a number of seasons beyond all": astray("first_season", lambda a: changed(a, 1, MOST_SEASONS + 1)),
    "a first season alone": astray("first_season", lambda a: a[:1]),
    "a negative rule": astray("rules", lambda a: changed(a, (0, 0, CLUBS), -1)),
    "a season without end": astray("rules", lambda a: changed(a, (0, 0, MATCHES), 30_000)),
    "rules of fewer leagues": astray("rules", lambda a: a[:-1]),
    "rules of fewer seasons": astray("rules", lambda a: a[:, :-1]),
    "a league twice": astray("roster_leagues", lambda a: np.concatenate((a, a))),
    "a league under two names": astray("roster_leagues", lambda a: changed(a, 1, a[0])),
    "leagues of fewer countries": astray("roster_countries", lambda a: a[:-1]),
    "a club of no country": astray("roster_clubs", lambda a: changed(a, (0, 0), "X")),
    "a club twice": astray("roster_clubs", lambda a: changed(a, 0, a[1])),
    "a club too many": astray("roster_clubs", lambda a: np.vstack((a, [["Spain", "Z"]]))),
    "a club without a name": astray("roster_clubs", lambda a: changed(a, (0, 1), "")),
    "a name that commands a terminal": astray("roster_clubs", lambda a: changed(a, (0, 1), "\x1b")),
    "names of a thousand letters": astray("roster_clubs", lambda a: a.astype("<U1000")),
    "letters that are none": astray(
        "roster_clubs",
        lambda a: np.frombuffer(np.full(a.size * 4, 0x7FFFFFFF, np.int32).tobytes(), "<U4").reshape(a.shape),
    ),
    "an array too many": lambda arrays: arrays | {"more": arrays["level"]},
    "an array too few": lambda arrays: {k: v for k, v in arrays.items() if k != "rules"},
}


class TestLoad:
    def test_reads_what_was_dumped(self, small: History, arrays: Arrays) -> None:
        assert same(load(packed(arrays)), small)

    @pytest.mark.parametrize("way", ASTRAY)
    def test_refuses_what_points_astray(self, arrays: Arrays, way: str) -> None:
        with pytest.raises(ValueError, match=r"no history|not in range"):
            load(packed(ASTRAY[way](arrays)))

    @settings(max_examples=150)
    @given(st.data())
    def test_either_refuses_other_bytes_or_rows_can_be_made_of_them(self, data: st.DataObject) -> None:
        arrays = CRAFTED
        name = data.draw(st.sampled_from(sorted(name for name in arrays if arrays[name].dtype.kind != "U")))
        places = st.integers(0, arrays[name].size - 1)
        limits = np.iinfo(arrays[name].dtype)
        crafted = arrays[name].copy()
        for _ in range(data.draw(st.integers(1, 3))):
            crafted.flat[data.draw(places)] = data.draw(st.integers(int(limits.min), int(limits.max)))
        try:
            history = load(packed(arrays | {name: crafted}))
        except ValueError:
            return
        day = history.calendar.leagues.first(0) + 30
        rows = RowMaker(history, PARAMETERS).fixtures(
            [(history.roster.leagues[0], "A", "B", day), (history.roster.leagues[0], "A", "Z", day + 900)]
        )
        assert np.isfinite(rows.matrix).all()

    def test_refuses_more_clubs_of_a_league_than_any_has(self) -> None:
        """A place is made for each club of the largest league, in every season of every league."""
        many = [("2024-08-10", f"{number}", f"-{number}", 1, 0) for number in range(MOST_CLUBS // 2 + 1)]
        with pytest.raises(ValueError, match="no history"):
            load(dump(build_history(frame(*many), PARAMETERS)))

    @pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\x00" * 18, b"no file of ours"])
    def test_refuses_what_is_no_history(self, content: bytes) -> None:
        with pytest.raises(ValueError, match=r"history|pickle"):
            load(content)

    def test_refuses_a_history_cut_short(self, small: History) -> None:
        content = dump(small)
        for length in (10, len(content) // 2, len(content) - 1):
            with pytest.raises(ValueError, match="history"):
                load(content[:length])

    def test_unpacks_no_bomb(self, arrays: Arrays) -> None:
        bomb = rezipped(arrays, lambda name, body: body + bytes(MOST_BYTES if name == "level.npy" else 0))
        assert len(bomb) < 200_000
        refused_soon(bomb, "bytes in all")

    def test_unpacks_no_more_than_the_directory_says(self, arrays: Arrays) -> None:
        """A bomb whose directory tells a small size."""
        bomb = bytearray(rezipped(arrays, lambda _, body: body + bytes(2**22)))
        place = bomb.rindex(b"PK\1\2")
        bomb[place + 24 : place + 28] = (1000).to_bytes(4, "little")
        refused_soon(bytes(bomb), "")

    def test_does_not_believe_a_shape(self, arrays: Arrays) -> None:
        """Ten thousand million entries would be made room for."""
        refused_soon(rezipped(arrays, lambda _, body: ONE_DIMENSION.sub(b"(9999999999,), }", body)), "length")

    def test_reads_no_list_of_a_million_members(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number in range(2000):
                archive.writestr(f"{number}.npy", b"")
        refused_soon(buffer.getvalue(), "no archive of a few arrays")

    def test_refuses_a_member_twice(self, arrays: Arrays) -> None:
        content = io.BytesIO(packed(arrays))
        with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("level.npy", b"")
        refused_soon(content.getvalue(), "other arrays")

    def test_refuses_other_ways_of_packing(self, arrays: Arrays) -> None:
        refused_soon(rezipped(arrays, lambda _, body: body, zipfile.ZIP_LZMA), "deflated")


def _crafted() -> Arrays:
    season = [
        ("2023-08-12", "A", "B", 1, 0),
        ("2023-08-19", "B", "A", 2, 2),
        ("2024-08-10", "A", "C", 0, 3),
    ]
    with np.load(io.BytesIO(dump(build_history(frame(*season), PARAMETERS)))) as found:
        return dict(found)


CRAFTED = _crafted()


def rezipped(
    arrays: Arrays, change: Callable[[str, bytes], bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The archive with the content of its members changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed(arrays))) as old, zipfile.ZipFile(buffer, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return buffer.getvalue()


def refused_soon(content: bytes, why: str) -> None:
    began = time.monotonic()
    with pytest.raises(ValueError, match=f"no history.*{why}"):
        load(content)
    assert time.monotonic() - began < LONG
