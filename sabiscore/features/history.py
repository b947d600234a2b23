"""What was known of every club and league after each of their match days."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sabiscore.features import components
from sabiscore.features.averages import Floats
from sabiscore.features.matches import Roster
from sabiscore.features.timeline import Calendar, Index, Past, Timeline


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
    """Read what `dump` wrote.

    Raises:
        ValueError: the content is not such a file.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return _history(arrays)
    except (EOFError, KeyError, OSError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(f"no history: {error}") from error


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
