"""One pass over all matches in the order of time: what every club was like after each match day."""

from collections.abc import Callable, Container, Sequence
from typing import TypeVar

import numpy as np
import polars as pl
from msgspec import Struct, structs
from numpy.typing import NDArray

from sabiscore.arrays import Floats
from sabiscore.features import kalman
from sabiscore.features.calendar import open_doors, season_of
from sabiscore.features.components import CLUB, CLUB_STEPS, LEAGUE_STEPS, rounded
from sabiscore.features.history import History
from sabiscore.features.joined import Lines, known_until, nothing_known
from sabiscore.features.kalman import DIFFERENCE, Arrival, Day, Filters, Rules
from sabiscore.features.leagues import A_SIDE, BY_SIDE, Running, counted, running_means
from sabiscore.features.matches import CORNERS, GOALS, REDS, Matches, encode
from sabiscore.features.motivation import MATCHES, Results, Tables, Worth
from sabiscore.features.parameters import Parameters
from sabiscore.features.state import STARTS, State
from sabiscore.features.surprise import goal_surprise, surprises
from sabiscore.features.timeline import (
    NONE,
    AsOf,
    Calendar,
    Index,
    Standing,
    Timeline,
    timeline,
)

T = TypeVar("T", bound=np.generic)

_WIN, _DRAW = 3, 1
_FILTERED = (
    kalman.SLOW,
    kalman.FAST,
    kalman.FASTER,
    kalman.HOME,
    kalman.SLOW_VARIANCE,
    kalman.FAST_VARIANCE,
)
_FORM, _SURPRISED, _LONG_RUN, _REDS, _CORNERS_FOR, _CORNERS_AGAINST = range(6)
"""What else is kept of a club."""


class _Played(Struct, frozen=True):
    """What the pass is told of all matches: where their clubs stand, and what filters are told of each.

    ``calendar`` is that of these matches alone, ``running`` the means after each league's days in it. ``day`` is as
    `kalman.Day`, of all matches ``[2, n]``; ``form`` ``[n]``. ``statistics`` ``[4, n]`` are red cards, then corners
    relative to the league's mean, home and away each.
    """

    matches: Matches
    calendar: Calendar
    running: Running
    standing: Standing
    day: Day
    form: Floats
    statistics: Floats


class Passed(Struct, frozen=True):
    """Matches that were gone over: their history, and what the pass knew after some of their days, in order."""

    history: History
    states: tuple[State, ...]


def build_history(frame: pl.DataFrame, parameters: Parameters) -> History:
    """The history of all matches of a canonical frame (columns: see `sabiscore.data.frame`)."""
    return go_over(frame, parameters).history


def go_over(
    frame: pl.DataFrame,
    parameters: Parameters,
    before: Passed | None = None,
    keep: Callable[[Index], Sequence[int]] = lambda _: (),
) -> Passed:
    """The history of all matches of a canonical frame, of which those up to the last state of ``before`` are known.

    At least one match has to come after that. Kept are the states of ``before``, and those after the days that ``keep``
    chooses of the new ones. However often it is parted, the result has the same bits.
    """
    since = before.states[-1].day if before else NONE
    matches = encode(frame, parameters.rho, since)
    roster, rules = matches.roster, Rules(parameters)
    states = (
        tuple(state.moved(before.history.roster, roster, rules) for state in before.states) if before else ()
    )
    state = states[-1] if states else State.start(roster, rules)
    known = known_until(before.history, since, roster) if before else nothing_known(roster)
    lines = Lines(known.calendar, _calendar(matches))
    calendar = lines.calendar(matches.level)
    results = lines.results(known.results, _of_day(matches, lines.newer.clubs))
    running = running_means(matches, lines.newer.leagues, parameters.league_rate, state.running)
    past, means = AsOf(calendar), lines.means(state, running)
    clubs, day = np.array((matches.home, matches.away)), np.array((matches.day, matches.day))
    standing = past.standing(past.keys(clubs, matches.league, day), day, season_of(day).astype(np.intp))
    at_stake = _at_stake(matches, past, results, standing, parameters)
    told = _told(matches, at_stake, means[standing.league[0]], parameters)
    played = _Played(matches, lines.newer, running, standing, *told)
    one = _Pass(played, parameters, state)
    club_values, league_values = one.run(frozenset(keep(np.unique(matches.day))))
    league_values[:, -2:] = counted(running.means[:, BY_SIDE])
    history = History(
        roster=roster,
        calendar=calendar,
        results=results,
        rules=matches.rules,
        first_season=matches.first_season,
        club_values=lines.of_clubs(known.club_values, rounded(club_values, CLUB_STEPS)),
        league_values=lines.of_leagues(known.league_values, rounded(league_values, LEAGUE_STEPS)),
    )
    return Passed(history, (*states, *one.kept))


def _at_stake(
    matches: Matches, past: AsOf, results: Results, standing: Standing, parameters: Parameters
) -> Floats:
    """What having something to play for adds ``[2, n]`` to what filters expect."""
    tables = Tables(past, results, matches.rules, matches.first_season, parameters.motivation)
    worth = Worth(parameters.motivation, int(matches.rules[..., MATCHES].max()))
    return worth.of(tables.motivation(standing))


def _calendar(matches: Matches) -> Calendar:
    club, league, day = (
        np.concatenate((matches.home, matches.away)),
        np.tile(matches.league, 2),
        np.tile(matches.day, 2),
    )
    clubs = timeline(club, day)
    club_league = np.zeros(len(clubs.key), np.int16)
    club_league[clubs.at(club, day)] = league
    return Calendar(
        clubs=clubs,
        leagues=timeline(matches.league, matches.day),
        club_league=club_league,
        level=matches.level,
        country=matches.roster.countries,
    )


def _of_day(matches: Matches, line: Timeline) -> list[Index]:
    """Points, goal difference and goals of each match day of a club ``[m]``."""
    scored, conceded = matches.home_stats[:, GOALS], matches.away_stats[:, GOALS]
    ours, theirs = np.concatenate((scored, conceded)), np.concatenate((conceded, scored))
    at = line.at(np.concatenate((matches.home, matches.away)), np.tile(matches.day, 2))
    points = np.where(ours > theirs, _WIN, np.where(ours == theirs, _DRAW, 0))
    found = []
    for each in (points, ours - theirs, ours):
        of_day = np.zeros(len(line.key), np.intp)
        of_day[at] = each.astype(np.intp)
        found.append(of_day)
    return found


def _told(
    matches: Matches, worth: Floats, before: Floats, parameters: Parameters
) -> tuple[Day, Floats, Floats]:
    """What filters are told of matches, their form and their statistics: see `_Played`.

    ``worth`` ``[2, n]`` is what is at stake, ``before`` ``[n, 7]`` are the leagues' means before each match's day.
    """
    rules = Rules(parameters)
    priced = ~np.isnan(matches.odds.T)
    margin = matches.home_stats[:, GOALS] - matches.away_stats[:, GOALS]
    beyond = surprises(matches, before[:, A_SIDE], parameters.margin_surprise, parameters.total_surprise)
    doors = open_doors(matches.day, parameters.closed_doors)
    day = Day(
        league=matches.league,
        odds=np.nan_to_num(matches.odds.T),
        priced=priced.astype(np.float64),
        noise=np.where(matches.closing, rules.closing_noise, rules.early_noise),
        motivation=worth,
        surprise=np.nan_to_num(beyond),
        played=np.stack((margin, matches.home_stats[:, GOALS] + matches.away_stats[:, GOALS])),
        at_home=np.stack((doors, np.ones_like(doors))),
    )
    corners = [
        stats[:, CORNERS] / before[:, BY_SIDE][:, side]
        for side, stats in enumerate((matches.home_stats, matches.away_stats))
    ]
    reds = [np.nan_to_num(stats[:, REDS]) for stats in (matches.home_stats, matches.away_stats)]
    form = np.nan_to_num(goal_surprise(matches, parameters.margin_surprise))
    return day, form, np.stack((*reds, *corners))


class _Pass:
    """The pass itself: the present state of all clubs and leagues, and what is kept of it after each day."""

    def __init__(self, played: _Played, parameters: Parameters, state: State) -> None:
        self._played, self._parameters = played, parameters
        self._matches, self._calendar = played.matches, played.calendar
        self._standing, self._running = played.standing, played.running
        self._rules = Rules(parameters)
        self._filters = Filters(self._rules)
        self._state = state.copy()
        self._season = season_of(self._matches.day).astype(np.intp)
        self.kept: list[State] = []

    def run(self, keep: Container[int]) -> tuple[Floats, Floats]:
        """The components ``[m, k]`` of clubs and ``[m, 6]`` of leagues after each of their match days.

        The states after the days to ``keep`` are in ``kept`` then.
        """
        matches, calendar = self._matches, self._calendar
        club_values = np.empty((len(calendar.clubs.key), len(CLUB)))
        league_values = np.zeros((len(calendar.leagues.key), 6))
        here = calendar.clubs.at(np.concatenate((matches.home, matches.away)), _twice(matches.day))
        here_league = calendar.leagues.at(matches.league, matches.day)
        for when in _match_days(matches):
            n = len(matches)
            both = np.concatenate(
                (np.arange(when.start, when.stop), np.arange(n + when.start, n + when.stop))
            )
            club = np.concatenate((matches.home[when], matches.away[when]))
            played = np.unique(matches.league[when])
            club_values[here[both]] = self._play(when, both, club, played)
            league_values[here_league[when], :4] = self._after(when, club, played)[:, matches.league[when]].T
            self._count(matches.league[when], here_league[when])
            if (day := int(matches.day[when.start])) in keep:
                self.kept.append(structs.replace(self._state.copy(), day=day))
        return club_values, league_values

    def _count(self, league: Index, here: Index) -> None:
        """The running means of a day's leagues."""
        self._state.running.means[league] = self._running.means[here]
        self._state.running.seen[league] = self._running.seen[here]

    def _play(self, when: slice, both: Index, club: Index, league: Index) -> Floats:
        """The components ``[2n, k]`` of a day's clubs after it; each ``league`` that played is there once."""
        arrival = self._arrival(when, both, club)
        state = self._rules.arrive(self._state.clubs[:, :, club], arrival)
        more = np.where(arrival.joins | arrival.first, STARTS, self._state.more[:, club])
        day = _day(self._played.day, when)
        rested = np.where(
            self._state.last_day[league] == NONE,
            0,
            self._matches.day[when.start] - self._state.last_day[league],
        )
        self._state.leagues.variance[:, league] += self._rules.league_drift * np.minimum(rested, 60)
        surprised = self._filters.learn(state, self._state.leagues, day)[DIFFERENCE]
        self._state.clubs[:, :, club] = state
        self._state.more[:, club] = more = self._seen(more, state, surprised, when)
        self._state.last_day[league] = self._matches.day[when.start]
        kept = [state[row, kind] for kind in (0, 1) for row in _FILTERED]
        del kept[len(_FILTERED) + kalman.HOME]
        return np.column_stack((*kept, state[kalman.PLAYED, DIFFERENCE], *more))

    def _arrival(self, when: slice, both: Index, club: Index) -> Arrival:
        """How a day's clubs come to it."""
        now, summers = self._standing, self._standing.summers.ravel()[both]
        rested = self._matches.day[when.start] - now.last_day.ravel()[both]
        return Arrival(
            summers=summers,
            days=np.where(summers > 0, 0, rested),
            joins=now.joins.ravel()[both],
            first=(now.new & now.first).ravel()[both],
            moved=now.moved.ravel()[both],
            level=now.level.ravel()[both],
            mean_then=self._state.mean[:, self._state.club_league[club]],
            mean_now=self._state.mean[:, _twice(self._matches.league[when])],
        )

    def _seen(self, more: Floats, state: Floats, surprised: Floats, when: slice) -> Floats:
        """What else is kept of a day's clubs ``[6, 2n]``, after it."""
        n = surprised.shape[0]
        priced = _twice(self._played.day.priced[DIFFERENCE, when])
        signs = np.repeat((1.0, -1.0), n)
        reds, corners = self._played.statistics[:2, when], self._played.statistics[2:, when]
        form = more[_FORM] + priced * self._parameters.form_rate * (
            signs * _twice(self._played.form[when]) - more[_FORM]
        )
        rating = state[kalman.SLOW, DIFFERENCE] + state[kalman.FAST, DIFFERENCE]
        known = more[_LONG_RUN] != 0.0
        long_run = np.where(
            known, more[_LONG_RUN] + self._parameters.long_run_rate * (rating - more[_LONG_RUN]), rating
        )
        opponent = np.concatenate((np.arange(n, 2 * n), np.arange(n)))
        won, lost = corners.ravel(), corners[::-1].ravel()
        rate = self._parameters.corner_rate
        return np.stack(
            (
                form,
                np.where(priced > 0.0, signs * _twice(surprised), more[_SURPRISED]),
                long_run,
                reds.ravel(),
                _towards(more[_CORNERS_FOR], won / more[_CORNERS_AGAINST][opponent], rate),
                _towards(more[_CORNERS_AGAINST], lost / more[_CORNERS_FOR][opponent], rate),
            )
        )

    def _after(self, when: slice, club: Index, played: Index) -> Floats:
        """What is kept of all leagues ``[4, leagues]`` after a day; of those that ``played`` it is new."""
        season = self._season[when.start]
        self._state.club_league[club] = _twice(self._matches.league[when])
        self._state.club_season[club] = season
        here = np.zeros(len(self._state.last_day) + 1, np.bool_)  # the last is none
        here[played] = True
        inside = np.flatnonzero((self._state.club_season == season) & here[self._state.club_league])
        league = self._state.club_league[inside]
        count = np.bincount(league, minlength=len(self._state.last_day))
        for kind in (0, 1):
            total = np.bincount(league, self._state.clubs[kalman.SLOW, kind, inside], minlength=len(count))
            self._state.mean[kind, played] = total[played] / count[played]
        return np.concatenate((self._state.leagues.level, self._state.mean))


def _twice(values: NDArray[T]) -> NDArray[T]:
    """Of both sides: home, then away."""
    return np.concatenate((values, values))


def _day(of_all: Day, when: slice) -> Day:
    return Day(**{name: getattr(of_all, name)[..., when] for name in Day.__struct_fields__})


def _match_days(matches: Matches) -> list[slice]:
    starts = np.flatnonzero(np.diff(matches.day, prepend=NONE)).tolist()
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(matches)], strict=True)]


def _towards(average: Floats, observed: Floats, rate: float) -> Floats:
    """An exponentially weighted average after one more observation; NaN leaves it as it was."""
    return np.where(np.isnan(observed), average, average + rate * (observed - average))
