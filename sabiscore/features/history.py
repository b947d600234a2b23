"""What was known of every club and league after each of their match days."""

import zipfile
import zlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features import components
from sabiscore.features.calendar import LAST_YEAR, day_number, season_of
from sabiscore.features.matches import Roster
from sabiscore.features.motivation import Results
from sabiscore.features.npz import Wanted, read_arrays, write_arrays
from sabiscore.features.timeline import Calendar, Index, Timeline

MOST_LEAGUES = 256
MOST_SEASONS = 200
MOST_CLUBS = 200
"""Of a league in one season."""

RULES = 6

_BY_ROW: dict[str, int] = {
    "club_values": len(components.CLUB),
    "league_values": len(components.LEAGUE),
    "results": len(Results.__struct_fields__),
    "clubs": len(Timeline.__struct_fields__) + 1,
    "leagues": len(Timeline.__struct_fields__),
}
"""Whole numbers by row, of which most are near the row's before: kept as differences, low bytes apart from high
ones."""

_ARRAYS = {
    "roster_leagues": Wanted("U"),
    "roster_countries": Wanted("U"),
    "roster_clubs": Wanted("U", (2,)),
    "level": Wanted("i2"),
    "country": Wanted("i2"),
    "first_season": Wanted("i2"),
    "rules": Wanted("i2", (MOST_SEASONS, RULES)),
    **{
        f"{name}_{part}": Wanted("u1", (width,))
        for name, width in _BY_ROW.items()
        for part in ("low", "high")
    },
}
_NEVER_NEGATIVE = [
    column
    for column, name in enumerate(components.CLUB)
    if name.endswith("_variance") or name.startswith(("reds", "corners"))
]
_SEASONS = ("first", "how many")


class History(Struct, frozen=True):
    """Everything a row needs. A snapshot stands at the position of its match day in the calendar.

    ``club_values`` ``[m, k]`` and ``league_values`` ``[m, 6]`` are whole steps of what `components` names: offline and
    online rows are made from the same rounded numbers. ``results`` are the tables, ``rules`` ``[leagues, seasons, 6]``
    from ``first_season`` on how leagues play: see `sabiscore.features.matches.Matches`.
    """

    roster: Roster
    calendar: Calendar
    results: Results
    rules: NDArray[np.int16]
    first_season: int
    club_values: NDArray[np.int16]
    league_values: NDArray[np.int16]


def dump(history: History) -> bytes:
    """The history as a compressed ``.npz`` without pickle; the same history gives the same bytes."""
    roster, calendar, clubs, leagues = (
        history.roster,
        history.calendar,
        history.calendar.clubs,
        history.calendar.leagues,
    )
    rules = np.zeros((len(roster.leagues), MOST_SEASONS, RULES), np.int16)
    rules[:, : history.rules.shape[1]] = history.rules
    by_row: dict[str, NDArray[Any]] = {
        "club_values": history.club_values,
        "league_values": history.league_values,
        "results": np.column_stack([getattr(history.results, name) for name in Results.__struct_fields__]),
        "clubs": np.column_stack((clubs.subject, clubs.day, clubs.played, calendar.club_league)),
        "leagues": np.column_stack((leagues.subject, leagues.day, leagues.played)),
    }
    arrays: dict[str, NDArray[Any]] = {
        "roster_leagues": np.array(roster.leagues, dtype=np.str_),
        "roster_countries": np.array(roster.country, dtype=np.str_),
        "roster_clubs": np.array(roster.clubs, dtype=np.str_).reshape(-1, 2),
        "level": calendar.level,
        "country": calendar.country,
        "first_season": np.array([history.first_season, history.rules.shape[1]], np.int16),
        "rules": rules,
    }
    for name, values in by_row.items():
        arrays[f"{name}_low"], arrays[f"{name}_high"] = _packed(values)
    return write_arrays(arrays, level=1, strategy=zlib.Z_RLE)


def load(content: bytes) -> History:
    """Read what `dump` wrote, and make sure that nothing in it points astray.

    Raises:
        ValueError: the content is not such a file.
    """
    try:
        arrays = read_arrays(content, _ARRAYS)
    except (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"no history: {error}") from error
    _check(
        "seasons",
        len(arrays["first_season"]) == len(_SEASONS) and 0 < arrays["first_season"][1] <= MOST_SEASONS,
    )
    history = _history(arrays)
    _check_roster(history)
    calendar, roster = history.calendar, history.roster
    _check_timeline(calendar.clubs, len(roster.clubs), len(history.club_values))
    _check_timeline(calendar.leagues, len(roster.leagues), len(history.league_values))
    _check_places(history)
    _check("variances", bool((history.club_values[:, _NEVER_NEGATIVE] >= 0).all()))
    return history


def _check(what: str, right: bool) -> None:  # noqa: FBT001 - what is checked, and whether it is right
    if not right:
        raise ValueError(f"no history: its {what} cannot be right")


def _check_roster(history: History) -> None:
    roster, leagues = history.roster, len(history.roster.leagues)
    names = {name for club in roster.clubs for name in club} | set(roster.leagues) | set(roster.country)
    _check("names", all(name and name.isprintable() for name in names))
    _check("leagues", len(set(roster.leagues)) == leagues and 0 < leagues <= MOST_LEAGUES)
    _check("clubs", len(set(roster.clubs)) == len(roster.clubs))
    _check("countries", {country for country, _ in roster.clubs} <= set(roster.country))
    lengths = {
        len(each)
        for each in (roster.country, history.calendar.level, history.calendar.country, history.rules)
    }
    _check("lengths", lengths == {leagues})


def _check_places(history: History) -> None:
    """Every match day of a club is in a league of its country; tables and rules are of this world."""
    roster, calendar = history.roster, history.calendar
    league, subject = calendar.club_league, calendar.clubs.subject
    _check("lengths", len(league) == len(history.results.points) == len(subject))
    _check("leagues", bool(((league >= 0) & (league < len(roster.leagues))).all()))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(roster.country))}
    _check("countries", [numbers[name] for name in roster.country] == calendar.country.tolist())
    of_club = np.array([numbers[country] for country, _ in roster.clubs])
    _check("countries", np.array_equal(of_club[subject], calendar.country[league]))
    _check("levels", bool(((calendar.level >= 0) & (calendar.level < MOST_LEAGUES)).all()))
    _check("rules", bool(((history.rules >= 0) & (history.rules <= MOST_CLUBS)).all()))
    seasons = np.concatenate((calendar.clubs.season, calendar.leagues.season)) - history.first_season
    _check("seasons", bool(((seasons >= 0) & (seasons < history.rules.shape[1])).all()))
    season_of_league = league.astype(np.int64) * MOST_SEASONS + seasons[: len(league)]
    members = np.unique(season_of_league << 32 | subject) >> 32
    _check("numbers of clubs", bool(np.bincount(members).max() <= MOST_CLUBS))
    _check("tables", bool((history.results.points >= 0).all() and (history.results.scored >= 0).all()))


def _check_timeline(line: Timeline, subjects: int, values: int) -> None:
    """Every subject has match days, in order, each with a growing number of matches."""
    _check("lengths", len(line.key) == len(line.season) == len(line.played) == values > 0)
    subject = line.subject
    _check("subjects", np.array_equal(np.unique(subject), np.arange(subjects)))
    _check("order", bool((np.diff(line.key) > 0).all()))
    goes_on = (np.diff(subject) == 0) & (np.diff(line.season) == 0)
    grows = np.diff(line.played.astype(np.intp)) > 0
    _check("numbers of matches", bool((line.played > 0).all() and grows[goes_on].all()))


def _history(arrays: Mapping[str, NDArray[Any]]) -> History:
    rows = {name: _unpacked(arrays[f"{name}_low"], arrays[f"{name}_high"]) for name in _BY_ROW}
    first_season, seasons = arrays["first_season"].tolist()
    *clubs, club_league = rows["clubs"].T
    return History(
        roster=Roster(
            _texts(arrays["roster_leagues"]),
            _texts(arrays["roster_countries"]),
            tuple((str(country), str(key)) for country, key in arrays["roster_clubs"]),
        ),
        calendar=Calendar(
            _timeline(*clubs),
            _timeline(*rows["leagues"].T),
            club_league.astype(np.int16),
            arrays["level"],
            arrays["country"],
        ),
        results=Results(*(np.ascontiguousarray(column, np.int16) for column in rows["results"].T)),
        rules=arrays["rules"][:, :seasons],
        first_season=first_season,
        club_values=rows["club_values"],
        league_values=rows["league_values"],
    )


def _texts(array: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, array))


def _timeline(subject: Index, day: Index, played: Index) -> Timeline:
    _check("days", bool(((day >= 0) & (day < day_number(date(LAST_YEAR, 1, 1)))).all()))
    key = (subject.astype(np.int64) << 20) | day.astype(np.int64)
    return Timeline(key, season_of(day), played.astype(np.int16))


def _packed(values: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Low and high bytes ``[m, k]`` of how each row differs from the one before, near numbers near zero."""
    by_column = np.ascontiguousarray(values.T, np.int16)  # alike bytes are packed together
    change = np.diff(by_column, axis=1, prepend=np.int16(0))
    folded = ((change << 1) ^ (change >> 15)).view(np.uint16)
    low, high = (folded & 255).astype(np.uint8), (folded >> 8).astype(np.uint8)
    return low.reshape(values.shape), high.reshape(values.shape)


def _unpacked(low: NDArray[np.uint8], high: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The rows ``[m, k]`` again, a column at a time: what is made on the way is small. Sums go round as they did."""
    if low.shape != high.shape:
        raise ValueError("no history: its lengths cannot be right")
    values = np.empty(low.shape, np.int16)
    by_column = (each.reshape(low.shape[1], -1) for each in (low, high))
    for number, (lower, upper) in enumerate(zip(*by_column, strict=True)):
        folded = lower.astype(np.uint16) | (upper.astype(np.uint16) << 8)
        change = (folded >> 1) ^ -(folded & 1)
        values[:, number] = np.cumsum(change.view(np.int16), dtype=np.int16)
    return values
