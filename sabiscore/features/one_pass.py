"""One pass over all matches in the order of time: what every club was like after each match day."""

import numpy as np
import polars as pl

from sabiscore.features import components
from sabiscore.features.calendar import season_of
from sabiscore.features.history import History, league_means
from sabiscore.features.leagues import running_means
from sabiscore.features.matches import Matches, encode
from sabiscore.features.parameters import Parameters
from sabiscore.features.ratings import Floats, elo_lesson, pi_lesson, towards
from sabiscore.features.seasons import summer
from sabiscore.features.timeline import Calendar, Index, timeline

_PI_HOME, _PI_AWAY, _ELO = (components.CLUB.index(name) for name in ("pi_home", "pi_away", "elo"))
_PI = slice(_PI_HOME, _PI_AWAY + 1)
_FORM = components.CLUB.index("form")
_MEANS = slice(components.CLUB.index("goals_for"), _FORM)
_AS_HOME, _AS_AWAY = [0, 2, 1, 3], [2, 0, 3, 1]  # `components.LEAGUE` as for and against


def build_history(frame: pl.DataFrame, parameters: Parameters) -> History:
    """The history of all matches of a canonical frame (columns: see `sabiscore.data.frame`)."""
    matches = encode(frame)
    calendar = _calendar(matches)
    league_values = running_means(matches, calendar.leagues, parameters.league_rate)
    means = league_means(calendar.leagues, league_values, matches.league, matches.day)
    club_values = _play(matches, calendar, matches.stats / means - 1.0, parameters)
    return History(
        roster=matches.roster,
        calendar=calendar,
        club_values=club_values.astype(np.float16),
        league_values=league_values.astype(np.float16),
    )


def _calendar(matches: Matches) -> Calendar:
    clubs = timeline(np.concatenate((matches.home, matches.away)), np.tile(matches.day, 2))
    first = np.full(len(matches.roster.leagues), np.iinfo(np.int16).max, dtype=np.int16)
    np.minimum.at(first, matches.league, season_of(matches.day))
    return Calendar(clubs, timeline(matches.league, matches.day), first)


def _play(matches: Matches, calendar: Calendar, relative: Floats, parameters: Parameters) -> Floats:
    """The components ``[2n, k]`` of every club after each of its matches."""
    club, league, day = _appearances(matches)
    standing = calendar.standing(club, league, day)
    factor, start = summer(parameters).effect(standing)
    here = calendar.clubs.at(club, day)
    values = np.zeros(factor.shape)
    difference = matches.stats[:, 0] - matches.stats[:, 2]
    for when in _match_days(matches):
        both = slice(2 * when.start, 2 * when.stop)
        club_values = start[both] + factor[both] * values[standing.position[both]]
        _learn(club_values, difference[when], relative[when], parameters)
        values[here[both]] = club_values
    return values


def _appearances(matches: Matches) -> tuple[Index, Index, Index]:
    """Club, league and day of every club in every match: day by day, all home clubs, then all away."""
    day = np.tile(matches.day, 2)
    away = np.repeat((0, 1), len(matches))
    order = np.argsort(2 * day + away, kind="stable")
    return np.concatenate((matches.home, matches.away))[order], np.tile(matches.league, 2)[order], day[order]


def _match_days(matches: Matches) -> list[slice]:
    starts = np.flatnonzero(np.diff(matches.day, prepend=-1)).tolist()
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(matches)], strict=True)]


def _learn(clubs: Floats, difference: Floats, relative: Floats, parameters: Parameters) -> None:
    """Change the components ``[2n, k]`` of home, then away clubs in place after their ``n`` matches.

    ``difference`` ``[n]`` is in goals; ``relative`` ``[n, 4]`` are the columns of `components.LEAGUE`.
    """
    pi, elo, mean = parameters.pi, parameters.elo, parameters.average
    home, away = clubs[: len(difference)], clubs[len(difference) :]
    lesson = pi_lesson(home[:, _PI_HOME] - away[:, _PI_AWAY], difference, pi)[:, None]
    home[:, _PI] += lesson * np.array((1.0, pi.catch_up))
    away[:, _PI] -= lesson * np.array((pi.catch_up, 1.0))
    swing = elo_lesson(home[:, _ELO] - away[:, _ELO], difference, elo)
    home[:, _ELO] += swing
    away[:, _ELO] -= swing
    seen = np.concatenate((relative[:, _AS_HOME], relative[:, _AS_AWAY]))
    clubs[:, _MEANS] = towards(clubs[:, _MEANS], seen, mean.rate)
    points = 0.5 * np.sign(difference)
    clubs[:, _FORM] = towards(clubs[:, _FORM], np.concatenate((points, -points)), mean.form_rate)
