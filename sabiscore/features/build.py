"""One pass over all matches in the order of time: what every club was like after each match day."""

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.features import components
from sabiscore.features.calendar import open_doors, season_of
from sabiscore.features.history import History, league_values_before
from sabiscore.features.kalman import Day, filters, mixed_margin, mixed_total
from sabiscore.features.leagues import running_means
from sabiscore.features.matches import Matches, encode
from sabiscore.features.parameters import Parameters
from sabiscore.features.seasons import days_of_rest, season_transition
from sabiscore.features.timeline import Calendar, Index, timeline

_PRICED = components.CLUB.index("priced")
_AVERAGES = slice(components.CLUB.index("goals_for"), components.CLUB.index("shots_against") + 1)
_FILTERED = slice(components.LEAGUE_MEANS, None)


class _Played(Struct, frozen=True):
    """What is learnt from each match: margin and total in goals, and both sides relative to the mean.

    ``relative`` ``[2, n, 4]`` is for the home and the away club: goals for and against, shots for and against.
    """

    margin: Floats
    total: Floats
    relative: Floats


def build_history(frame: pl.DataFrame, parameters: Parameters) -> History:
    """The history of all matches of a canonical frame (columns: see `sabiscore.data.frame`)."""
    matches = encode(frame)
    calendar = _calendar(matches)
    league_values = np.tile(tuple(components.LEAGUE_PRIOR.values()), (len(calendar.leagues.key), 1))
    means = running_means(matches, calendar.leagues, parameters.league_rate)
    league_values[:, : components.LEAGUE_MEANS] = means
    before = league_values_before(calendar.leagues, league_values, matches.league, matches.day)
    played = _played(matches, before[:, : components.LEAGUE_MEANS], parameters)
    club_values = _play(matches, calendar, played, league_values, parameters)
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


def _played(matches: Matches, means: Floats, parameters: Parameters) -> _Played:
    home, away = matches.home_stats, matches.away_stats
    width = len(components.MEASURED)
    home_relative = home[:, :2] / means[:, :2] - 1.0
    away_relative = away[:, :2] / means[:, width : width + 2] - 1.0
    sides = ((home_relative, away_relative), (away_relative, home_relative))
    return _Played(
        margin=mixed_margin(home, away, means, parameters.margin),
        total=mixed_total(home, away, means, parameters.total_shots),
        relative=np.stack([np.stack(side, axis=2).reshape(len(home), 4) for side in sides]),
    )


def _play(
    matches: Matches, calendar: Calendar, played: _Played, league_values: Floats, parameters: Parameters
) -> Floats:
    """The components ``[2n, k]`` of every club after each of its matches; fills in ``league_values`` too."""
    club, league, day = _appearances(matches)
    standing = calendar.standing(club, league, day)
    rules, learners = season_transition(parameters), filters(parameters)
    factor, start = rules.effect(standing)
    rested = days_of_rest(standing, day)
    here = calendar.clubs.at(club, day)
    here_league = calendar.leagues.at(matches.league, matches.day)
    leagues = np.tile(tuple(components.LEAGUE_PRIOR.values()), (len(matches.roster.leagues), 1))
    doors = open_doors(matches.day, parameters.closed_doors)
    values = np.zeros(factor.shape)
    for when in _match_days(matches):
        both = slice(2 * when.start, 2 * when.stop)
        clubs = rules.rest(start[both] + factor[both] * values[standing.position[both]], rested[both])
        learners.learn(clubs, leagues, _day(matches, played, when, doors), parameters.margin.damping)
        seen = played.relative[:, when].reshape(-1, _AVERAGES.stop - _AVERAGES.start)
        clubs[:, _AVERAGES] = towards(clubs[:, _AVERAGES], seen, parameters.average.rate)
        clubs[:, _PRICED] = np.tile(~np.isnan(matches.log_odds[when]), 2)
        values[here[both]] = clubs
        league_values[here_league[when], _FILTERED] = leagues[matches.league[when], _FILTERED]
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


def _day(matches: Matches, played: _Played, when: slice, doors: Floats) -> Day:
    return Day(
        league=matches.league[when],
        margin=played.margin[when],
        total=played.total[when],
        log_odds=matches.log_odds[when],
        log_over=matches.log_over[when],
        open_doors=float(doors[when.start]),
    )


def towards(average: Floats, observed: Floats, rate: float) -> Floats:
    """An exponentially weighted average after one more observation; NaN leaves it as it was."""
    return np.where(np.isnan(observed), average, average + rate * (observed - average))
