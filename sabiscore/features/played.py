"""Every match that was played: who against whom, when, and the goals."""

import zipfile
import zlib
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.domain import season_start
from sabiscore.features.calendar import FIRST_YEAR, LAST_YEAR, day_number
from sabiscore.features.matches import clubs_of
from sabiscore.features.npz import Wanted, read_arrays, write_arrays

FILE = "matches.npz"
"""Where a bundle has them."""

LAST_DAY = 2**31 - 1
"""No day is later."""

MOST_LEAGUES = 256
MOST_CLUBS = 2**12
MOST_GOALS = 99
"""Of a side in one match."""

_ARRAYS = {
    "leagues": Wanted("U"),
    "matches": Wanted("i4"),
    "clubs": Wanted("U", (2,)),
    "day": Wanted("i4"),
    "home": Wanted("u2"),
    "away": Wanted("u2"),
    "goals": Wanted("u1", (2,)),
}


class Played(Struct, frozen=True):
    """Matches in the order of league, day and home club; arrays are ``[n]``, ``goals`` ``[n, 2]``, home first.

    ``leagues`` are codes, ``clubs`` country and key; ``league``, ``home`` and ``away`` count in them. ``day`` is since
    1970-01-01. Those of league ``k`` are from ``begins[k]`` up to ``begins[k + 1]``.
    """

    leagues: tuple[str, ...]
    clubs: tuple[tuple[str, str], ...]
    begins: NDArray[np.int64]
    league: NDArray[np.int16]
    day: NDArray[np.int32]
    home: NDArray[np.uint16]
    away: NDArray[np.uint16]
    goals: NDArray[np.uint8]

    def __len__(self) -> int:
        """How many matches."""
        return len(self.day)

    def of_season(self, league: int, season: int, before: int = LAST_DAY) -> slice:
        """Where the matches of a season of a league on days before ``before`` are."""
        begin, end = self.begins[league : league + 2].tolist()
        days = [day_number(season_start(season)), min(day_number(season_start(season + 1)), before)]
        first, last = (begin + self.day[begin:end].searchsorted(days)).tolist()
        return slice(first, max(first, last))


def nothing() -> Played:
    """No matches of no leagues."""
    none = np.zeros(0, np.uint16)
    return _played(
        {
            "leagues": (),
            "matches": (),
            "clubs": (),
            "day": none,
            "home": none,
            "away": none,
            "goals": np.zeros((0, 2), np.uint8),
        }
    )


def of_frame(frame: pl.DataFrame) -> Played:
    """The matches of a canonical frame, which are in the order of time, whatever else it knows of them."""
    if "country" not in frame.columns:
        frame = frame.with_columns(country=pl.col("league"))
    leagues = frame["league"].unique().sort()
    league = frame["league"].cast(pl.Enum(leagues)).to_physical().to_numpy()
    by_league = np.argsort(league, kind="stable")
    sides = [frame.select("country", club=side) for side in ("home", "away")]
    roster = clubs_of(frame)
    numbered = roster.with_row_index("number")
    home, away = (
        side.join(numbered, on=["country", "club"], how="left", maintain_order="left")["number"]
        .cast(pl.UInt16)
        .to_numpy()
        for side in sides
    )
    return _played(
        {
            "leagues": leagues.to_list(),
            "matches": np.bincount(league),
            "clubs": tuple(roster.iter_rows()),
            "day": frame["date"].cast(pl.Int32).to_numpy()[by_league],
            "home": home[by_league],
            "away": away[by_league],
            "goals": frame.select("home_goals", "away_goals").cast(pl.UInt8).to_numpy(order="c")[by_league],
        }
    )


def dump(played: Played) -> bytes:
    """The matches as a compressed ``.npz`` without pickle; the same matches give the same bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "leagues": np.array(played.leagues, np.str_),
        "matches": np.diff(played.begins).astype(np.int32),
        "clubs": np.array(played.clubs, np.str_).reshape(-1, 2),
        "day": np.diff(played.day, prepend=np.int32(0)).astype(np.int32),
        "home": played.home,
        "away": played.away,
        "goals": played.goals,
    }
    return write_arrays(arrays, level=4, strategy=zlib.Z_DEFAULT_STRATEGY)


def load(content: bytes) -> Played:
    """Read what `dump` wrote, and make sure that nothing in it points astray.

    Raises:
        ValueError: the content is not such a file.
    """
    try:
        arrays: dict[str, Any] = read_arrays(content, _ARRAYS)
    except (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"no matches: {error}") from error
    _check_sizes(arrays)
    arrays["day"] = np.cumsum(arrays["day"], dtype=np.int64)
    _check_places(arrays)
    played = _played(arrays)
    _check_order(played)
    return played


def _played(arrays: dict[str, Any]) -> Played:
    matches = np.asarray(arrays["matches"], np.int64)
    return Played(
        leagues=tuple(map(str, arrays["leagues"])),
        clubs=tuple((str(country), str(key)) for country, key in arrays["clubs"]),
        begins=np.concatenate(([0], np.cumsum(matches))),
        league=np.repeat(np.arange(len(matches), dtype=np.int16), matches),
        day=np.asarray(arrays["day"], np.int32),
        home=arrays["home"],
        away=arrays["away"],
        goals=arrays["goals"],
    )


def _check(what: str, right: bool) -> None:  # noqa: FBT001 - what is checked, and whether it is right
    if not right:
        raise ValueError(f"no matches: their {what} cannot be right")


def _check_sizes(arrays: dict[str, Any]) -> None:
    leagues, matches, clubs = arrays["leagues"].tolist(), arrays["matches"], arrays["clubs"].tolist()
    names = {*leagues, *(name for club in clubs for name in club)}
    _check("names", all(name and name.isprintable() for name in names))
    _check("leagues", 0 < len(set(leagues)) == len(leagues) == len(matches) <= MOST_LEAGUES)
    _check("clubs", 0 < len(set(map(tuple, clubs))) == len(clubs) <= MOST_CLUBS)
    lengths = {len(arrays[name]) for name in ("day", "home", "away", "goals")}
    _check("lengths", bool((matches > 0).all()) and lengths == {int(matches.sum(dtype=np.int64))})


def _check_places(arrays: dict[str, Any]) -> None:
    day, home, away = arrays["day"], arrays["home"], arrays["away"]
    first, last = day_number(date(FIRST_YEAR, 1, 1)), day_number(date(LAST_YEAR, 1, 1))
    _check("days", bool(((day >= first) & (day < last)).all()))
    _check("clubs", max(int(home.max()), int(away.max())) < len(arrays["clubs"]))
    _check("goals", int(arrays["goals"].max()) <= MOST_GOALS)


def _check_order(played: Played) -> None:
    """Matches are in order, each of two clubs of one country, and a league is of one country."""
    home, away, league = (each.astype(np.int64) for each in (played.home, played.away, played.league))
    place = ((league << 20) + played.day << 16) + home
    _check("order", bool((np.diff(place) >= 0).all()))
    names = {name: number for number, (name, _) in enumerate(played.clubs)}
    country = np.array([names[name] for name, _ in played.clubs])
    of_league = country[home[played.begins[:-1]]]
    _check("clubs", bool((home != away).all()))
    _check("countries", bool((country[home] == of_league[league]).all()))
    _check("countries", bool((country[away] == of_league[league]).all()))
