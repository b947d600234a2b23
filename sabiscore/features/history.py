"""What was known of every club and league after each of their match days."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.calendar import LAST_YEAR, day_number, season_of
from sabiscore.features.matches import Roster
from sabiscore.features.npz import Wanted, read_arrays
from sabiscore.features.timeline import Calendar, Index, Past, Timeline

LARGEST = 100.0
"""No value comes near it."""

_ARRAYS = {
    "roster_leagues": Wanted("U"),
    "roster_clubs": Wanted("U", (2,)),
    "league_first": Wanted("i2"),
    "club_values": Wanted("f2", (len(components.CLUB),)),
    "league_values": Wanted("f2", (len(components.LEAGUE),)),
    **{
        f"{name}_{field}": Wanted(dtype)
        for name in ("clubs", "leagues")
        for field, dtype in (("key", "i8"), ("season", "i2"), ("played", "i2"))
    },
}
_NEVER_NEGATIVE = [
    column
    for column, name in enumerate(components.CLUB)
    if name.endswith("_variance") or name in {"promoted", "priced"}
]


class History(Struct, frozen=True):
    """Everything a row needs. A snapshot stands at the position of its match day in the calendar.

    ``club_values`` ``[m, k]`` and ``league_values`` ``[m, 11]`` are columns as `components` names them, in
    float16: ratings need no more than its three digits, and offline and online rows are made from the
    same rounded numbers.
    """

    roster: Roster
    calendar: Calendar
    club_values: NDArray[np.float16]
    league_values: NDArray[np.float16]


def league_values_before(
    leagues: Timeline, values: NDArray[np.floating[Any]], league: Index, day: Index
) -> Floats:
    """What is known ``[n, 11]`` of each league before each day; the prior where nothing was played yet."""
    return with_prior(values)[Past(leagues).before(league, day)]


def with_prior(values: NDArray[np.floating[Any]]) -> Floats:
    """What is known ``[m, 11]`` of leagues, and the prior as the last, which is at -1 ``[m + 1, 11]``."""
    return np.vstack((values, tuple(components.LEAGUE_PRIOR.values())))


def dump(history: History) -> bytes:
    """The history as a compressed ``.npz`` without pickle; the same history gives the same bytes."""
    roster, calendar = history.roster, history.calendar
    arrays: dict[str, NDArray[Any]] = {
        "roster_leagues": np.array(roster.leagues, dtype=np.str_),
        "roster_clubs": np.array(roster.clubs, dtype=np.str_).reshape(-1, 2),
        "league_first": calendar.league_first,
        "club_values": history.club_values,
        "league_values": history.league_values,
    }
    for name, line in (("clubs", calendar.clubs), ("leagues", calendar.leagues)):
        arrays |= {f"{name}_{field}": getattr(line, field) for field in Timeline.__struct_fields__}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def load(content: bytes) -> History:
    """Read what `dump` wrote, and make sure that nothing in it points astray.

    Raises:
        ValueError: the content is not such a file.
    """
    try:
        arrays = read_arrays(content, _ARRAYS)
    except (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"no history: {error}") from error
    history = _history(arrays)
    _check_roster(history.roster)
    calendar = history.calendar
    _check_timeline(calendar.clubs, len(history.roster.clubs), len(history.club_values))
    _check_timeline(calendar.leagues, len(history.roster.leagues), len(history.league_values))
    begins = np.flatnonzero(np.diff(calendar.leagues.subject, prepend=-1))
    _check("first seasons", np.array_equal(calendar.league_first, calendar.leagues.season[begins]))
    _check_values(history.club_values, history.league_values)
    return history


def _check(what: str, right: bool) -> None:  # noqa: FBT001 - what is checked, and whether it is right
    if not right:
        raise ValueError(f"no history: its {what} cannot be right")


def _check_values(clubs: NDArray[np.float16], leagues: NDArray[np.float16]) -> None:
    for values in (clubs, leagues):
        _check("values", bool((np.abs(values) < LARGEST).all()))
    _check("variances", bool((clubs[:, _NEVER_NEGATIVE] >= 0.0).all()))
    _check("means", bool((leagues[:, : components.LEAGUE_MEANS] > 0.0).all()))


def _check_roster(roster: Roster) -> None:
    names = {name for club in roster.clubs for name in club} | set(roster.leagues)
    _check("names", all(name and name.isprintable() for name in names))
    _check("leagues", len(set(roster.leagues)) == len(roster.leagues) > 0)
    _check("clubs", len(set(roster.clubs)) == len(roster.clubs))
    _check("clubs' leagues", {league for league, _ in roster.clubs} <= set(roster.leagues))


def _check_timeline(line: Timeline, subjects: int, values: int) -> None:
    """Every subject has match days, in order, each with its season and a growing number of matches."""
    _check("lengths", len(line.key) == len(line.season) == len(line.played) == values > 0)
    subject, day = line.subject, line.day
    known = np.unique(subject)
    _check("subjects", np.array_equal(known, np.arange(subjects)))
    _check("order", bool((np.diff(line.key) > 0).all()))
    _check("days", bool((day < day_number(date(LAST_YEAR, 1, 1))).all()))
    _check("seasons", np.array_equal(line.season, season_of(day)))
    goes_on = (np.diff(subject) == 0) & (np.diff(line.season) == 0)
    grows = np.diff(line.played.astype(np.intp)) > 0
    _check("numbers of matches", bool((line.played > 0).all() and grows[goes_on].all()))


def _history(arrays: Mapping[str, NDArray[Any]]) -> History:
    clubs = tuple((str(league), str(key)) for league, key in arrays["roster_clubs"])
    club_times, league_times = (
        Timeline(**{field: arrays[f"{name}_{field}"] for field in Timeline.__struct_fields__})
        for name in ("clubs", "leagues")
    )
    return History(
        roster=Roster(tuple(map(str, arrays["roster_leagues"])), clubs),
        calendar=Calendar(club_times, league_times, arrays["league_first"]),
        club_values=arrays["club_values"],
        league_values=arrays["league_values"],
    )
