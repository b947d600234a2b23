import io
import re
import time
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.abuse.crafting import packed
from sabiscore.features import History, components
from sabiscore.features.build import build_history
from sabiscore.features.history import dump, load
from sabiscore.features.npz import MOST_BYTES
from tests.features.frames import frame
from tests.features.test_build import PARAMETERS

Arrays = dict[str, NDArray[Any]]
ONE_DIMENSION = re.compile(rb"\(\d,\), } {9}")
VARIANCE = components.CLUB.index("results_variance")


@pytest.fixture(scope="module")
def history() -> History:
    return build_history(
        frame(
            ("2023-08-12", "A", "B", 1, 0),
            ("2023-08-19", "B", "C", 2, 2),
            ("2024-08-10", "A", "C", 0, 3),
            ("2024-08-17", "C", "B", 1, 1),
        ),
        PARAMETERS,
    )


@pytest.fixture
def arrays(history: History) -> Arrays:
    with np.load(io.BytesIO(dump(history))) as found:
        return dict(found)


def changed(array: NDArray[Any], place: Any, value: Any) -> NDArray[Any]:  # noqa: ANN401 - as numpy takes them
    array = array.copy()
    array[place] = value
    return array


def astray(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Arrays], Arrays]:
    return lambda arrays: arrays | {name: change(arrays[name])}


ASTRAY: dict[str, Callable[[Arrays], Arrays]] = {
    "a value that is none": astray("club_values", lambda a: changed(a, (0, 0), np.nan)),
    "an infinite value": astray("league_values", lambda a: changed(a, (0, 0), np.inf)),
    "a value beyond all": astray("club_values", lambda a: changed(a, (1, 2), -60_000)),
    "a negative variance": astray("club_values", lambda a: changed(a, (0, VARIANCE), -1.0)),
    "no goals in a league": astray("league_values", lambda a: changed(a, (0, 0), 0.0)),
    "values of another precision": astray("club_values", lambda a: a.astype(np.float64)),
    "values of the other byte order": astray("club_values", lambda a: a.astype(">f2")),
    "values by column": astray("club_values", np.asfortranarray),
    "a column too few": astray("club_values", lambda a: a[:, :-1]),
    "a row too few": astray("club_values", lambda a: a[:-1]),
    "no rows": lambda arrays: {
        name: array if name.startswith(("roster", "league_")) else array[:0] for name, array in arrays.items()
    },
    "no dimension": astray("league_first", lambda a: a[0].reshape(())),
    "objects": astray("roster_leagues", lambda a: a.astype(object)),
    "days out of order": astray("clubs_key", lambda a: a[::-1]),
    "a day twice": astray("clubs_key", lambda a: changed(a, 1, a[0])),
    "a club that is not there": astray("clubs_key", lambda a: changed(a, -1, a[-1] + (5 << 20))),
    "a club before the first": astray("clubs_key", lambda a: changed(a, 0, -1)),
    "a day in the year 4000": astray("clubs_key", lambda a: changed(a, -1, (2 << 20) + 741_000)),
    "another season": astray("clubs_season", lambda a: changed(a, 0, 1999)),
    "a match number that falls": astray("clubs_played", lambda a: changed(a, 1, 0)),
    "another first season": astray("league_first", lambda a: a - 1),
    "first seasons of more leagues": astray("league_first", lambda a: np.concatenate((a, a))),
    "a league twice": astray("roster_leagues", lambda a: np.concatenate((a, a))),
    "a club of no league": astray("roster_clubs", lambda a: changed(a, (0, 0), "X")),
    "a club twice": astray("roster_clubs", lambda a: changed(a, 0, a[1])),
    "a club without a name": astray("roster_clubs", lambda a: changed(a, (0, 1), "")),
    "a name that commands a terminal": astray("roster_clubs", lambda a: changed(a, (0, 1), "\x1b")),
    "names of a thousand letters": astray("roster_clubs", lambda a: a.astype("<U1000")),
    "an array too many": lambda arrays: arrays | {"more": arrays["league_first"]},
    "an array too few": lambda arrays: {k: v for k, v in arrays.items() if k != "clubs_key"},
}


class TestLoad:
    def test_reads_what_was_dumped(self, history: History, arrays: Arrays) -> None:
        for content in (dump(history), packed(arrays)):
            found = load(content)
            assert found.roster == history.roster
            assert found.club_values.tobytes() == history.club_values.tobytes()
            assert found.calendar.clubs.key.tobytes() == history.calendar.clubs.key.tobytes()

    @pytest.mark.parametrize("way", ASTRAY)
    def test_refuses_what_points_astray(self, arrays: Arrays, way: str) -> None:
        with pytest.raises(ValueError, match="no history"):
            load(packed(ASTRAY[way](arrays)))

    def test_unpacks_no_bomb(self, arrays: Arrays) -> None:
        bomb = rezipped(arrays, lambda name, body: body + bytes(MOST_BYTES if name == "clubs_key.npy" else 0))
        assert len(bomb) < 200_000
        refused_soon(bomb, "bytes in all")

    def test_unpacks_no_more_than_the_directory_says(self, arrays: Arrays) -> None:
        """A bomb whose directory tells a small size."""
        bomb = bytearray(rezipped(arrays, lambda _, body: body + bytes(2**24)))
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
            archive.writestr("league_first.npy", b"")
        refused_soon(content.getvalue(), "other arrays")

    def test_refuses_other_ways_of_packing(self, arrays: Arrays) -> None:
        refused_soon(rezipped(arrays, lambda _, body: body, zipfile.ZIP_LZMA), "deflated")


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
    assert time.monotonic() - began < 2
