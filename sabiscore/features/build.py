"""One pass over all matches in the order of time: what every club was like after each match day."""

import numpy as np
import polars as pl
from msgspec import Struct

from sabiscore.arrays import Floats
from sabiscore.features import kalman
from sabiscore.features.calendar import open_doors, season_of
from sabiscore.features.components import CLUB, CLUB_STEPS, LEAGUE_STEPS, rounded
from sabiscore.features.history import History
from sabiscore.features.kalman import COMPONENTS, DIFFERENCE, Arrival, Day, Filters, Leagues, Rules
from sabiscore.features.leagues import A_SIDE, BY_SIDE, counted, running_means
from sabiscore.features.matches import CORNERS, GOALS, REDS, Matches, encode
from sabiscore.features.motivation import MATCHES, Results, Tables, Worth
from sabiscore.features.parameters import Parameters
from sabiscore.features.surprise import goal_surprise, surprises
from sabiscore.features.timeline import NONE, AsOf, Calendar, Index, Standing, running_sum, timeline

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
_STARTS = np.array([[0.0], [0.0], [0.0], [0.0], [1.0], [1.0]])
"""What else is kept of a club, and of a new one."""


class _Played(Struct, frozen=True):
    """What filters are told of each match: see `kalman.Day`, here for all matches ``[2, n]``; ``form`` ``[n]``.

    ``statistics`` ``[4, n]`` are red cards, then corners relative to the league's mean, home and away each.
    """

    day: Day
    form: Floats
    statistics: Floats


def build_history(frame: pl.DataFrame, parameters: Parameters) -> History:
    """The history of all matches of a canonical frame (columns: see `sabiscore.data.frame`)."""
    matches = encode(frame, parameters.rho)
    calendar = _calendar(matches)
    results = _results(matches, calendar)
    past = AsOf(calendar)
    means = running_means(matches, calendar.leagues, parameters.league_rate)
    clubs, day = np.array((matches.home, matches.away)), np.array((matches.day, matches.day))
    standing = past.standing(past.keys(clubs, matches.league, day), day, season_of(day).astype(np.intp))
    tables = Tables(past, results, matches.rules, matches.first_season, parameters.motivation)
    worth = Worth(parameters.motivation, int(matches.rules[..., MATCHES].max()))
    at_stake = worth.of(tables.motivation(standing))
    played = _played(matches, at_stake, means[standing.league[0]], parameters)
    club_values, league_values = _Pass(matches, calendar, standing, played, parameters).run()
    league_values[:, -2:] = counted(means[:-1, BY_SIDE])
    return History(
        roster=matches.roster,
        calendar=calendar,
        results=results,
        rules=matches.rules,
        first_season=matches.first_season,
        club_values=rounded(club_values, CLUB_STEPS),
        league_values=rounded(league_values, LEAGUE_STEPS),
    )


def _calendar(matches: Matches) -> Calendar:
    club, league, day = (
        np.concatenate((matches.home, matches.away)),
        np.tile(matches.league, 2),
        np.tile(matches.day, 2),
    )
    clubs = timeline(club, day)
    club_league = np.zeros(len(clubs.key), np.int16)
    club_league[clubs.at(club, day)] = league
    countries = {name: number for number, name in enumerate(dict.fromkeys(matches.roster.country))}
    return Calendar(
        clubs=clubs,
        leagues=timeline(matches.league, matches.day),
        club_league=club_league,
        level=matches.level,
        country=np.array([countries[name] for name in matches.roster.country], np.int16),
    )


def _results(matches: Matches, calendar: Calendar) -> Results:
    scored, conceded = matches.home_stats[:, GOALS], matches.away_stats[:, GOALS]
    ours, theirs = np.concatenate((scored, conceded)), np.concatenate((conceded, scored))
    line = calendar.clubs
    at = line.at(np.concatenate((matches.home, matches.away)), np.tile(matches.day, 2))
    begins = (np.diff(line.subject, prepend=NONE) != 0) | (np.diff(line.season, prepend=NONE) != 0)
    points = np.where(ours > theirs, _WIN, np.where(ours == theirs, _DRAW, 0))
    sums = []
    for each in (points, ours - theirs, ours):
        of_day = np.zeros(len(line.key), np.intp)
        of_day[at] = each.astype(np.intp)
        sums.append(running_sum(of_day, begins).astype(np.int16))
    return Results(*sums)


def _played(matches: Matches, worth: Floats, before: Floats, parameters: Parameters) -> _Played:
    """What filters are told.

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
    return _Played(day, form, np.stack((*reds, *corners)))


class _Pass:
    """The pass itself: the present state of all clubs and leagues, and what is kept of it after each day."""

    def __init__(
        self,
        matches: Matches,
        calendar: Calendar,
        standing: Standing,
        played: _Played,
        parameters: Parameters,
    ) -> None:
        self._matches, self._calendar, self._played, self._parameters = matches, calendar, played, parameters
        leagues, clubs = len(matches.roster.leagues), len(matches.roster.clubs)
        self._rules = Rules(parameters)
        self._filters = Filters(self._rules)
        self._clubs = np.zeros((COMPONENTS, 2, clubs))
        self._more = np.tile(_STARTS, clubs)
        self._leagues = Leagues(
            np.tile(self._rules.league_level, leagues), np.tile(self._rules.league_variance, leagues)
        )
        self._mean = np.zeros((2, leagues))
        self._last_day = np.full(leagues, NONE)
        self._club_league = np.full(clubs, NONE)
        self._club_season = np.full(clubs, NONE)
        self._standing = standing
        self._season = season_of(matches.day).astype(np.intp)

    def run(self) -> tuple[Floats, Floats]:
        """The components ``[m, k]`` of clubs and ``[m, 6]`` of leagues after each of their match days."""
        matches, calendar = self._matches, self._calendar
        club_values = np.empty((len(calendar.clubs.key), len(CLUB)))
        league_values = np.zeros((len(calendar.leagues.key), 6))
        here = calendar.clubs.at(np.concatenate((matches.home, matches.away)), np.tile(matches.day, 2))
        here_league = calendar.leagues.at(matches.league, matches.day)
        for when in _match_days(matches):
            n = len(matches)
            both = np.concatenate(
                (np.arange(when.start, when.stop), np.arange(n + when.start, n + when.stop))
            )
            club = np.concatenate((matches.home[when], matches.away[when]))
            club_values[here[both]] = self._play(when, both, club)
            played = np.unique(matches.league[when])
            league_values[here_league[when], :4] = self._after(when, club, played)[:, matches.league[when]].T
        return club_values, league_values

    def _play(self, when: slice, both: Index, club: Index) -> Floats:
        """The components ``[2n, k]`` of a day's clubs after it."""
        arrival = self._arrival(when, both, club)
        state = self._rules.arrive(self._clubs[:, :, club], arrival)
        more = np.where(arrival.joins | arrival.first, _STARTS, self._more[:, club])
        day = _day(self._played.day, when)
        league = np.unique(day.league)
        rested = np.where(
            self._last_day[league] == NONE, 0, self._matches.day[when.start] - self._last_day[league]
        )
        self._leagues.variance[:, league] += self._rules.league_drift * np.minimum(rested, 60)
        surprised = self._filters.learn(state, self._leagues, day)[DIFFERENCE]
        self._clubs[:, :, club] = state
        self._more[:, club] = more = self._seen(more, state, surprised, when)
        self._last_day[league] = self._matches.day[when.start]
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
            mean_then=self._mean[:, self._club_league[club]],
            mean_now=self._mean[:, np.tile(self._matches.league[when], 2)],
        )

    def _seen(self, more: Floats, state: Floats, surprised: Floats, when: slice) -> Floats:
        """What else is kept of a day's clubs ``[6, 2n]``, after it."""
        n = surprised.shape[0]
        priced = np.tile(self._played.day.priced[DIFFERENCE, when], 2)
        signs = np.repeat((1.0, -1.0), n)
        reds, corners = self._played.statistics[:2, when], self._played.statistics[2:, when]
        form = more[_FORM] + priced * self._parameters.form_rate * (
            signs * np.tile(self._played.form[when], 2) - more[_FORM]
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
                np.where(priced > 0.0, signs * np.tile(surprised, 2), more[_SURPRISED]),
                long_run,
                reds.ravel(),
                _towards(more[_CORNERS_FOR], won / more[_CORNERS_AGAINST][opponent], rate),
                _towards(more[_CORNERS_AGAINST], lost / more[_CORNERS_FOR][opponent], rate),
            )
        )

    def _after(self, when: slice, club: Index, played: Index) -> Floats:
        """What is kept of all leagues ``[4, leagues]`` after a day; of those that ``played`` it is new."""
        season = self._season[when.start]
        self._club_league[club] = np.tile(self._matches.league[when], 2)
        self._club_season[club] = season
        inside = np.flatnonzero((self._club_season == season) & np.isin(self._club_league, played))
        league = self._club_league[inside]
        count = np.bincount(league, minlength=len(self._last_day))
        for kind in (0, 1):
            total = np.bincount(league, self._clubs[kalman.SLOW, kind, inside], minlength=len(count))
            self._mean[kind, played] = total[played] / count[played]
        return np.concatenate((self._leagues.level, self._mean))


def _day(of_all: Day, when: slice) -> Day:
    return Day(**{name: getattr(of_all, name)[..., when] for name in Day.__struct_fields__})


def _match_days(matches: Matches) -> list[slice]:
    starts = np.flatnonzero(np.diff(matches.day, prepend=NONE)).tolist()
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(matches)], strict=True)]


def _towards(average: Floats, observed: Floats, rate: float) -> Floats:
    """An exponentially weighted average after one more observation; NaN leaves it as it was."""
    return np.where(np.isnan(observed), average, average + rate * (observed - average))
